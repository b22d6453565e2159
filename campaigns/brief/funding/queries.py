"""How far a campaign is funded: invoices, payments, receipts, refunds and disputes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import Cover
from campaigns.brief.disputes.models import Dispute, FraudWarning
from campaigns.brief.disputes.queries import disputes_of, warnings_of
from campaigns.brief.models import Advance, Invoice, Payment, Receipt, RefundPart
from campaigns.brief.queries import Money, brief_for, cover
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.payments.conversions import conversions_of
from campaigns.payments.models import ProviderConversion


@dataclass(frozen=True, slots=True)
class Funding:
    """Where the sum stands and every piece of money, oldest first; for finance also what the provider converted, by its charge."""

    cover: Cover
    invoices: Sequence[Invoice]
    payments: Sequence[Payment]
    receipts: Sequence[Receipt]
    advances: Sequence[Advance]
    refunds: Sequence[RefundPart]
    conversions: Mapping[str, ProviderConversion]
    disputes: Sequence[Dispute] = ()
    warnings: Sequence[FraudWarning] = ()


def funding(session: Session, campaign_id: UUID, *, by: Actor) -> Funding:
    """The budget, how far it is covered, and every piece of money asked for, received, advanced or given back."""
    written, payments = brief_for(session, campaign_id, by=by), _all_of(session, Payment, campaign_id)
    shown = payments if by.may(Permission.VIEW_MONEY) else ()
    return Funding(
        cover(session, written),
        _all_of(session, Invoice, campaign_id),
        payments,
        _all_of(session, Receipt, campaign_id),
        _all_of(session, Advance, campaign_id),
        _all_of(session, RefundPart, campaign_id),
        conversions_of(session, [payment.charge for payment in shown]) if shown else {},
        disputes_of(session, campaign_id),
        warnings_of(session, campaign_id) if by.may(Permission.VIEW_MONEY) else (),
    )


def _all_of(session: Session, kind: type[Money], campaign_id: UUID) -> Sequence[Money]:
    return session.scalars(select(kind).where(kind.campaign_id == campaign_id).order_by(kind.id)).all()
