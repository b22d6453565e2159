"""The questions at a call: those that wait for an answer, and all that everyone reads."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.open_call.models import Question


def waiting_for(session: Session, *, by: Actor) -> Sequence[tuple[Campaign, int, datetime]]:
    """The running campaigns of the actor's own in which questions wait for an answer: how many, and since when the first of them."""
    query = (
        select(Campaign, func.count(), func.min(Question.asked_at))
        .join(Question, Question.campaign_id == Campaign.id)
        .where(Campaign.owner_id == by.person, Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None), Question.answer.is_(None))
        .group_by(Campaign.id)
    )
    return session.execute(query).all()


def questions(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Question]:
    """The questions about a call, newest first: those that are answered, one's own, and all of them for whoever answers."""
    campaign = find_campaign(session, campaign_id, by=by)
    query = select(Question).where(Question.campaign_id == campaign_id)
    if not by.may(Permission.ANSWER, on=campaign):
        query = query.where(Question.answer.is_not(None) | (Question.asked_by == by.person_id))
    query = query.where(Question.id < after) if after else query
    return session.scalars(query.order_by(Question.id.desc()).limit(limit)).all()
