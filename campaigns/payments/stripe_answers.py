"""What Stripe answers, in our words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal
from hashlib import sha256
from typing import Any

from campaigns.payments.gateway import BalanceMovement, Converted
from campaigns.payments.money_in import InvoicePayment, ProviderInvoice, ProviderRefund
from campaigns.payments.money_out import ConnectedAccount, ToppedUp, Transfer

OURS = Context(prec=8)  # a rate that is for reading alone


def moment(seconds: int) -> datetime:
    """A moment as Stripe says it, in seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def _words(metadata: Any) -> dict[str, str]:
    return dict(metadata.to_dict()) if metadata is not None and hasattr(metadata, "to_dict") else dict(metadata or {})


def read_movement(said: Any, presented: Any = None, charge: str = "") -> BalanceMovement:
    """The movement; `presented` is the charge or the refund that it settles, which says what was paid before it was converted."""
    converted = None
    if presented is not None and presented.currency != said.currency:
        converted = _converted(said, presented, charge)
    return BalanceMovement(
        said.id, said.type, said.source, said.amount, said.fee, said.net, said.currency.upper(),
        moment(said.created), moment(said.available_on), said.status == "available", converted,
    )  # fmt: skip


def _converted(said: Any, presented: Any, charge: str) -> Converted:
    """What it was converted from; where Stripe says no rate (`exchange_rate` may be null), the one that the two amounts make is ours."""
    is_ours = said.exchange_rate is None
    rate = OURS.divide(abs(said.amount), presented.amount) if is_ours else Decimal(str(said.exchange_rate))
    return Converted(presented.amount, presented.currency.upper(), rate, charge, is_ours)


def read_invoice(said: Any, payments: Sequence[InvoicePayment] = ()) -> ProviderInvoice:
    """The invoice, with the payments that were asked for beside it."""
    return ProviderInvoice(
        said.id, said.number, said.status, said.currency.upper(), said.amount_due, said.amount_paid, said.amount_remaining,
        said.hosted_invoice_url, _words(said.metadata), payments, said.pre_payment_credit_notes_amount,
        list(said.payment_settings.payment_method_types or []) == ["card"],
    )  # fmt: skip


def read_refund(said: Any) -> ProviderRefund:
    """The refund, with its movements where they were asked for."""
    moves = (said.balance_transaction, getattr(said, "failure_balance_transaction", None))
    left, came_back = (read_movement(move, said, said.charge or "") if move else None for move in moves)
    destination = getattr(getattr(said, "destination_details", None), "type", None)
    shown = getattr(getattr(said, "next_action", None), "display_details", None)
    asked = (shown.email_sent.email_sent_to, moment(shown.email_sent.email_sent_at), moment(shown.expires_at)) if shown else ()
    about = said.id, said.status, said.amount, said.currency.upper(), said.charge, _words(said.metadata)
    return ProviderRefund(*about, left, came_back, destination, *asked)


def read_account(said: Any) -> ConnectedAccount:
    """A payee's account."""
    transfers, (due, due_by) = getattr(said.capabilities, "transfers", "inactive"), _asked(said.requirements)
    announced, begins = _asked(getattr(said, "future_requirements", None))
    if transfers == "active" and not due:
        due, due_by = announced, begins
    reason = getattr(said.requirements, "disabled_reason", None)
    return ConnectedAccount(
        said.id, said.country, transfers, due, reason, _words(said.metadata), _destination(said), said.payouts_enabled, due_by,
    )  # fmt: skip


def _asked(requirements: Any) -> tuple[list[str], datetime | None]:
    """What is asked, and by when where Stripe says so."""
    deadline = getattr(requirements, "current_deadline", None)
    return list(getattr(requirements, "currently_due", None) or []), moment(deadline) if deadline else None


def _destination(account: Any) -> str | None:
    """The bank accounts and cards behind an account, and which of them is paid to, in one digest."""
    listed = getattr(getattr(account, "external_accounts", None), "data", None) or []
    known = sorted(f"{each.id} {getattr(each, 'fingerprint', None)} {getattr(each, 'default_for_currency', None)}" for each in listed)
    return sha256("\n".join(known).encode()).hexdigest() if known else None


def read_top_up(said: Any) -> ToppedUp:
    """The top-up."""
    due = said.expected_availability_date
    return ToppedUp(
        said.id, said.status, said.amount, said.currency.upper(), moment(due) if due else None, said.failure_code, _words(said.metadata)
    )


def read_transfer(said: Any) -> Transfer:
    """The transfer."""
    destination = said.destination if isinstance(said.destination, str) else said.destination.id
    return Transfer(
        said.id, said.amount, said.currency.upper(), destination, said.transfer_group, _words(said.metadata),
        moment(said.created), said.amount_reversed,
    )  # fmt: skip
