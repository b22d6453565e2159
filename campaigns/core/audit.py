"""What happened, in order: the timeline of a campaign."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.events import Event


def timeline(session: Session, campaign_id: UUID, *, before: int | None = None, limit: int = 50) -> Sequence[Event]:
    """The campaign's facts, newest first, up to `limit` older than number `before`."""
    query = select(Event).where(Event.chain_id == campaign_id).order_by(Event.number.desc()).limit(limit)
    return session.scalars(query.where(Event.number < before) if before else query).all()
