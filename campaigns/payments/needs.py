"""What waits for an operator until Stripe has said where it sends money."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.payments.reach import why_nowhere


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """That nobody is promised any payment before Stripe was asked where it sends money."""
    if by.may(Permission.OPERATE) and (message := why_nowhere(session)):
        yield Need("reach_unknown", message, "/status")
