"""Our balance, a payee's below zero, and how their account is paid out, as Stripe tells it.

https://docs.stripe.com/payouts/reconciliation, https://support.stripe.com/questions/connect-reserves-faq
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.payments.balance_gateway import ProviderBalance, ProviderBankPayout, Shortfall
from campaigns.payments.stripe_answers import moment

PAGE = 100


def read_balance(said: Any) -> Mapping[str, ProviderBalance]:
    """The balance by currency: available, pending, kept back, and what is available of each kind of source."""
    pending, reserved = ({e.currency: e.amount for e in getattr(said, name, None) or ()} for name in ("pending", "connect_reserved"))
    return {
        each.currency.upper(): ProviderBalance(
            each.amount, pending.get(each.currency, 0), reserved.get(each.currency, 0), each.source_types.to_dict()
        )
        for each in said.available
    }


def read_payout(client: Any, account_id: str, payout_id: str) -> ProviderBankPayout:
    """The payout, and what it contains as far as Stripe says yet.

    Of one that was made by hand Stripe does not say what it contains, and refuses the question.
    """
    said = client.v1.payouts.retrieve(payout_id, {}, {"stripe_account": account_id})
    parts = list(_parts(client, account_id, payout_id)) if said.automatic else []
    return ProviderBankPayout(
        said.id, said.status, said.amount, said.currency.upper(), moment(said.created), moment(said.arrival_date), said.failure_code,
        [named for kind, named in parts if kind == "payment"], [named for kind, named in parts if kind == "payout_failure"],
    )  # fmt: skip


def _parts(client: Any, account_id: str, payout_id: str) -> Iterator[tuple[str, str]]:
    """Kind and origin of each thing in it: the transfer behind a payment, the payout that came back."""
    asked = {"payout": payout_id, "limit": PAGE, "expand": ["data.source"]}
    for each in client.v1.balance_transactions.list(asked, {"stripe_account": account_id}).auto_paging_iter():
        origin = getattr(each.source, "source_transfer", None) if each.type == "payment" else getattr(each.source, "id", each.source)
        if isinstance(origin, str):
            yield each.type, origin


def list_payouts(client: Any, account_id: str, at: datetime) -> Sequence[str]:
    """The ids of the account's payouts made at `at` or later, the oldest first."""
    asked = {"created": {"gte": int(at.timestamp())}, "limit": PAGE}
    return [each.id for each in client.v1.payouts.list(asked, {"stripe_account": account_id}).auto_paging_iter()][::-1]


def read_shortfalls(client: Any, account_id: str) -> Sequence[Shortfall]:
    """By how much the account is below zero in each currency, with the movement since which it is."""
    said = client.v1.balance.retrieve({}, {"stripe_account": account_id})
    found = ((each, _taken_below(client, account_id, each)) for each in said.available if each.amount < 0)
    return [Shortfall(each.currency.upper(), each.amount, moment(move.created), move.type) for each, move in found if move is not None]


def _taken_below(client: Any, account_id: str, balance: Any) -> Any:
    """The movement that took the account below zero: the newest before which it was not; None where Stripe lists none yet."""
    asked = {"currency": balance.currency, "limit": PAGE}
    before, found = balance.amount, None
    for move in client.v1.balance_transactions.list(asked, {"stripe_account": account_id}).auto_paging_iter():
        if move.status == "available":
            before, found = before - move.net, move
        if before >= 0:
            break
    return found
