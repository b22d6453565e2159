"""A curator's own way through their desk: how far they have come in each campaign, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor
from campaigns.curation.models import DeskTally, ReviewAssignment, ReviewRound
from campaigns.curation.queries import assigned_to, awaited, decided, is_left


@dataclass(frozen=True, slots=True)
class DeskOf:
    """How far the actor has come in one campaign, with what was taken down since they judged it; `due_at` is when it is to end."""

    campaign_id: UUID
    title: str
    judged: int
    left: int
    due_at: datetime | None

    @property
    def handed_out(self) -> int:
        return self.judged + self.left


def desks(session: Session, *, by: Actor) -> Sequence[DeskOf]:
    """The campaigns in which the actor has something to judge or may still change their mind, what is due first."""
    query = (
        select(Campaign.id, Campaign.title, func.sum(DeskTally.written), func.sum(awaited()), Brief.curation_due_at)
        .select_from(DeskTally)
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, Deliverable.id == ReviewRound.deliverable_id)
        .join(Campaign, Campaign.id == Deliverable.campaign_id)
        .outerjoin(Brief, Brief.campaign_id == Campaign.id)
        .where(DeskTally.curator_id == by.person, DeskTally.written + DeskTally.open > 0)
        .group_by(Campaign.id, Campaign.title, Brief.curation_due_at)
        .having(func.bool_or(~decided()))
        .order_by(Brief.curation_due_at, Campaign.id)
    )
    return [DeskOf(*row) for row in session.execute(query)]


def next_on_desk(session: Session, campaign_id: UUID, after: UUID | None = None, *, by: Actor) -> UUID | None:
    """What is left to judge: in the campaign what follows `after`, then what comes before it, then any other; None once all is judged."""
    last = select(ReviewAssignment.place).where(ReviewAssignment.id == after).scalar_subquery()
    follows = ReviewAssignment.place > func.coalesce(last, "")
    query = assigned_to(by).with_only_columns(ReviewAssignment.id).where(is_left())
    in_turn = query.order_by((Deliverable.campaign_id == campaign_id).desc(), follows.desc(), ReviewAssignment.place).limit(1)
    return session.scalars(in_turn).one_or_none()
