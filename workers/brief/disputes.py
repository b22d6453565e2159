"""Disputes and fraud warnings, fetched as they now stand and noted."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from campaigns.brief.disputes.noting import note_dispute, note_warning, open_disputes
from campaigns.brief.models import Payment
from campaigns.core import clock
from campaigns.payments.dispute_gateway import DisputeAtStripe, WarningAtStripe
from campaigns.payments.money_in import MoneyIn
from workers.brief.invoices import look_at_invoice
from workers.transactions import unit_of_work

Told = TypeVar("Told", DisputeAtStripe, WarningAtStripe)


def look_at_dispute(money_in: MoneyIn, provider_id: str) -> None:
    """Fetch a dispute and note how it stands."""
    _look(money_in, lambda: money_in.fetch_dispute(provider_id), note_dispute)


def look_at_warning(money_in: MoneyIn, provider_id: str) -> None:
    """Fetch an early fraud warning and note how it stands."""
    _look(money_in, lambda: money_in.fetch_fraud_warning(provider_id), note_warning)


def _look(money_in: MoneyIn, fetch: Callable[[], Told], note: Callable[..., object]) -> None:
    looked_at = clock.process_now()
    said = fetch()
    bring_in_payment(money_in, said.charge, said.payment_intent)
    with unit_of_work() as session:
        note(session, said, looked_at=looked_at, at=clock.business_now(session))


def bring_in_payment(money_in: MoneyIn, charge: str, payment_intent: str | None) -> None:
    """The bank's word may come before the invoice's: have the payment noted first, so that it is known whose it is."""
    with unit_of_work() as session:
        is_known = session.scalar(select(Payment.id).where(Payment.charge == charge)) is not None
    if not is_known and payment_intent and (invoice := money_in.invoice_paid_by(payment_intent)):
        look_at_invoice(money_in, invoice)


def look_at_disputes(money_in: MoneyIn, since: datetime) -> int:
    """Look at every dispute that is open with us or was opened at Stripe `since`, should its events not have come; returns how many."""
    with unit_of_work() as session:
        ours = set(open_disputes(session))
    found = ours | {said.id for said in money_in.disputes_since(since)}
    for provider_id in sorted(found):
        look_at_dispute(money_in, provider_id)
    return len(found)
