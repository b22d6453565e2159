"""What may be seen of the provider's side."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.errors import NoPayoutAccount
from campaigns.payments.models import PayoutAccount, ProviderMovement, StripeBalance


def payout_account(session: Session, person_id: UUID) -> PayoutAccount:
    """The person's account; raises NoPayoutAccount."""
    found = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person_id)).one_or_none()
    if found is None:
        raise NoPayoutAccount(_("Set up a payout account first."))
    return found


def has_active_account(session: Session, person_id: UUID) -> bool:
    """Whether transfers may go to an account of the person's."""
    return bool(session.scalar(select(exists().where(PayoutAccount.person_id == person_id, PayoutAccount.state == "active"))))


def stripe_balances(session: Session, *, by: Actor) -> Sequence[StripeBalance]:
    """Our balance with Stripe by currency, as it said when it was last looked at."""
    by.require(Permission.VIEW_MONEY)
    return session.scalars(select(StripeBalance).order_by(StripeBalance.currency)).all()


def movements_due(session: Session, at: datetime) -> Sequence[ProviderMovement]:
    """Movements that the provider should have made available by `at`, oldest first."""
    due = select(ProviderMovement).where(ProviderMovement.settled_at.is_(None), ProviderMovement.available_at <= at)
    return session.scalars(due.order_by(ProviderMovement.available_at, ProviderMovement.id)).all()


def movements_of(session: Session, source: str) -> Sequence[ProviderMovement]:
    """The booked movements of one charge, refund or top-up."""
    return session.scalars(select(ProviderMovement).where(ProviderMovement.source == source).order_by(ProviderMovement.id)).all()
