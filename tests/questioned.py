"""A payment that a bank questions, noted as Stripe would have told of it, without anything moved on a balance."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.disputes.models import Dispute, DisputeFile
from campaigns.brief.disputes.noting import note_dispute, note_warning
from campaigns.brief.models import BilledParty, Invoice, Payment
from campaigns.core import clock
from campaigns.core.files import storage
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Entry, stripe_available, unrecovered
from campaigns.ledger.actions import post
from campaigns.payments.dispute_gateway import DisputeAtStripe, WarningAtStripe
from tests.evidence import picture
from tests.factories import Partnership

AMOUNT = 125_00


def questioned(session: Session, made: Partnership, at: datetime, status: str = "needs_response") -> Dispute:
    """A payment of the campaign, or where it was paid otherwise one that is nobody's, is disputed and warned of."""
    charge = session.scalars(select(Payment.charge).where(Payment.campaign_id == made.id)).first() or f"ch_{new_id().hex}"
    due = at + timedelta(days=8)
    said = DisputeAtStripe(f"du_{new_id().hex}", charge, None, AMOUNT, "USD", "fraudulent", status, due, 0, at)
    warning = WarningAtStripe(f"issfr_{new_id().hex}", charge, None, "misc", True, at)
    note_warning(session, warning, looked_at=clock.process_now(), at=at)
    dispute = note_dispute(session, said, looked_at=clock.process_now(), at=at)
    session.add(_filed(dispute, made, at))
    session.flush()
    return dispute


def _filed(dispute: Dispute, made: Partnership, at: datetime) -> DisputeFile:
    """A file of its evidence, whose bytes are there."""
    with storage().scratch() as folder:
        (folder / "receipt").write_bytes(picture())
        kept = storage().keep(folder / "receipt")
    about = {"name": "receipt.png", "mime": "image/png", "sha256": kept.sha256, "bytes": kept.bytes, "pages": 1}
    return DisputeFile(dispute_id=dispute.id, field="receipt", added_by=made.manager.person, added_at=at, **about)


def lost(session: Session, dispute: Dispute, made: Partnership, at: datetime) -> None:
    """What a bank took for this dispute, from a payment of the campaign, stays with its customer, and the brand owes it again."""
    party = BilledParty(brand_id=made.brand.id, name="Zappos", email="pay@zappos.example")
    session.add(party)
    session.flush()
    billed = {"billed_party_id": party.id, "amount": AMOUNT, "paid": AMOUNT, "currency": "USD", "asked_at": at}
    invoice = Invoice(campaign_id=made.id, state="paid", **billed)
    session.add(invoice)
    session.flush()
    payment = Payment(
        invoice_id=invoice.id, campaign_id=made.id, provider_id=f"inpay_{invoice.id.hex}", charge=dispute.charge, amount=AMOUNT, paid_at=at
    )
    session.add(payment)
    session.flush()
    dispute.payment_id, dispute.campaign_id = payment.id, made.id
    dispute.status, dispute.closed_at, dispute.lost = "lost", at, AMOUNT
    entry = Entry(unrecovered(made.id, "USD"), stripe_available("USD"), AMOUNT)
    post(session, "brief.dispute_lost", f"dispute:{dispute.id}:1", [entry], at=at)
