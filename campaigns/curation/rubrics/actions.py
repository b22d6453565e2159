"""The questions that every review answers: a campaign's own, or the ones that it starts with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import find_campaign, require_live
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _, reading_in, said_later
from campaigns.curation.errors import InvalidRubric, RubricInUse
from campaigns.curation.models import Criterion, Score


@dataclass(frozen=True, slots=True)
class RubricQuestion:
    """A criterion's name, and what a curator asks of a contribution under it."""

    name: str
    question: str


DEFAULTS = (
    RubricQuestion(said_later("Story"), said_later("Does it make you see, hear or feel something that you did not know before?")),
    RubricQuestion(said_later("Craft"), said_later("Is it made with care: does every word, line, note or cut earn its place?")),
    RubricQuestion(said_later("Brief"), said_later("Does it answer the brief?")),
    RubricQuestion(said_later("Promise"), said_later("How well could a finished piece be built on it?")),
)


def rubric(session: Session, campaign_id: UUID) -> Sequence[Criterion]:
    """The campaign's criteria in their order; before anyone has set them, the ones that it starts with, which have no ids yet."""
    kept = session.scalars(select(Criterion).where(Criterion.campaign_id == campaign_id).order_by(Criterion.number)).all()
    return kept or _criteria(campaign_id, [RubricQuestion(_(q.name), _(q.question)) for q in DEFAULTS])


def keep_rubric(session: Session, campaign_id: UUID) -> Sequence[Criterion]:
    """The campaign's criteria, which from now on are rows of its own; those that it starts with are in the installation's language."""
    with reading_in(settings().default_locale):
        criteria = rubric(session, campaign_id)
    session.add_all(criteria)
    session.flush()
    return criteria


def is_used(session: Session, campaign_id: UUID) -> bool:
    """Whether a contribution of the campaign has been reviewed by its rubric, which then stands."""
    return bool(session.scalar(select(exists(select(Score.criterion_id).join(Criterion).where(Criterion.campaign_id == campaign_id)))))


def set_rubric(session: Session, campaign_id: UUID, questions: Sequence[RubricQuestion], *, by: Actor, at: datetime) -> Sequence[Criterion]:
    """Ask other questions of the campaign's contributions, as long as no contribution has been reviewed."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.ASSIGN_CURATORS, on=campaign)
    require_live(campaign)
    if is_used(session, campaign_id):
        raise RubricInUse(_("Contributions have already been reviewed, so the criteria can no longer change."))
    _require_sound(questions)
    asked = rubric(session, campaign_id)
    if [(c.name, c.question) for c in asked] == [(q.name.strip(), q.question.strip()) for q in questions]:
        return asked
    session.execute(delete(Criterion).where(Criterion.campaign_id == campaign_id))
    criteria = _criteria(campaign_id, questions)
    session.add_all(criteria)
    session.flush()
    events.record(session, EventName.CURATION_RUBRIC_SET, by=by, at=at, campaign_id=campaign_id, criteria=[q.name for q in questions])
    return criteria


def _require_sound(questions: Sequence[RubricQuestion]) -> None:
    if not questions:
        raise InvalidRubric(_("A rubric needs at least one criterion."), field="criteria")
    if len({q.name.strip().casefold() for q in questions}) < len(questions):
        raise InvalidRubric(_("Two criteria have the same name."), field="criteria")
    if not all(q.name.strip() and q.question.strip() for q in questions):
        raise InvalidRubric(_("Every criterion needs a name and a question."), field="criteria")


def _criteria(campaign_id: UUID, questions: Sequence[RubricQuestion]) -> list[Criterion]:
    return [
        Criterion(campaign_id=campaign_id, number=number, name=q.name.strip(), question=q.question.strip())
        for number, q in enumerate(questions, 1)
    ]
