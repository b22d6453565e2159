"""What the provider tells us: the one table of its events, who looks at what each is about, and what is looked at if some are missed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from campaigns.brief.disputes.noting import actionable_warnings, open_disputes
from campaigns.brief.invoicing import open_invoices
from campaigns.brief.refunds import open_refunds
from campaigns.payments.top_ups import open_top_ups
from workers.brief.disputes import look_at_dispute, look_at_warning
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import money_in, money_out
from workers.payout.arrivals import look_at_bank_payout
from workers.payout.reconciliation import look_at_balance, look_at_transfer
from workers.provider.accounts import look_at_account
from workers.provider.event_origins import EventOrigin
from workers.provider.top_ups import look_at_top_up

# Called with the id of the object, and with that of the connected account that it belongs to: empty for what is the platform's own.
Look = Callable[[str, str], None]
Door = TypeVar("Door")
StillOpen = Callable[[Session], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ProviderEvents:
    """The events about one kind of object: their names, and who looks at the object, each in turn.

    Events come twice, late and out of order: a look fetches the object as it now stands, opens its own transactions, and is safe to run
    again. What has no id, as our balance, comes as an empty one. `still_open` answers which objects may still change, and is asked where
    events were missed; None where each is compared or asked after by itself.
    """

    names: Sequence[str]
    looks: Sequence[Look]
    still_open: StillOpen | None = None


def _with(door: Callable[[], Door], look: Callable[[Door, str], None]) -> Look:
    """The look by the object's id alone, given the door to the provider that is configured when it is called."""
    return lambda provider_id, _account_id: look(door(), provider_id)


def _look_at_payout(provider_id: str, account_id: str) -> None:
    look_at_bank_payout(money_out(), provider_id, account_id)


def _own_balance(_session: Session) -> Sequence[str]:
    return [""]


PROVIDER_EVENTS: Mapping[EventOrigin, Mapping[str, ProviderEvents]] = {
    EventOrigin.PLATFORM: {
        "balance": ProviderEvents(("balance.available",), (_with(money_out, look_at_balance),), _own_balance),
        "dispute": ProviderEvents(
            (
                "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn",
                "charge.dispute.updated",
            ),
            (_with(money_in, look_at_dispute),), open_disputes,
        ),
        "invoice": ProviderEvents(
            ("invoice.finalized", "invoice.marked_uncollectible", "invoice.overpaid", "invoice.paid", "invoice.updated", "invoice.voided"),
            (_with(money_in, look_at_invoice),), open_invoices,
        ),
        "radar.early_fraud_warning": ProviderEvents(
            ("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"),
            (_with(money_in, look_at_warning),), actionable_warnings,
        ),
        "refund": ProviderEvents(("refund.created", "refund.failed", "refund.updated"), (_with(money_in, look_at_refund),), open_refunds),
        "topup": ProviderEvents(
            ("topup.canceled", "topup.failed", "topup.reversed", "topup.succeeded"),
            (_with(money_out, look_at_top_up), _with(money_out, look_at_balance)), open_top_ups,
        ),
        # Compared one by one each day.
        "transfer": ProviderEvents(("transfer.created", "transfer.reversed", "transfer.updated"), (_with(money_out, look_at_transfer),)),
    },
    # Each account is asked after by itself, and so is each payment that has not arrived.
    EventOrigin.CONNECT: {
        "account": ProviderEvents(("account.updated",), (_with(money_out, look_at_account),)),
        "payout": ProviderEvents(
            (
                "payout.canceled", "payout.created", "payout.failed", "payout.paid", "payout.reconciliation_completed", "payout.updated",
            ),
            (_look_at_payout,),
        ),
    },
}  # fmt: skip

# What an endpoint has to hear so that nothing is missed which one of us looks into.
HEARD: Mapping[EventOrigin, Sequence[str]] = {
    origin: tuple(name for events in kinds.values() for name in events.names) for origin, kinds in PROVIDER_EVENTS.items()
}
