"""What was taken down of all that led to a version: the package beside it says so, once it is made after that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.queries import components_of
from campaigns.collaboration.lineage import all_behind
from campaigns.open_call.models import Contribution, WorkState


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A work in the lineage of a version that its makers have taken down, and when."""

    work_id: UUID
    title: str
    at: datetime


def taken_down(session: Session, version_id: UUID) -> Sequence[TakenDown]:
    """Every work in the version, or that led to it, that has been taken down, the latest first."""
    query = select(Contribution.id, Contribution.title, Contribution.state_since)
    query = query.where(Contribution.id.in_(all_behind(components_of(session, version_id))), Contribution.state == WorkState.WITHDRAWN)
    return [TakenDown(*row) for row in session.execute(query.order_by(Contribution.state_since.desc(), Contribution.id))]
