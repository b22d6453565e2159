"""The emails of the curation."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.curation.models import Review, ReviewAssignment, ReviewRound, SelectionOutcome
from campaigns.curation.queries import GIVEN
from campaigns.open_call.credits import CONFIRMED
from campaigns.open_call.models import Contribution, Maker
from notifications.notification import EmailDraft, notification

OUTCOMES = {"path": "/campaigns/0199a1b2", "deliverable": "Holiday film"}


def _still_asked(session: Session, fact: Event) -> bool:
    """Whether the deliverable is still in the visit in which the contributions were handed out."""
    asked, deliverable = session.get_one(ReviewRound, UUID(fact.facts["round"])), session.get_one(Deliverable, fact.deliverable_id)
    return deliverable.visit == asked.visit


@notification(
    stage="curation", on=EventName.CURATION_ASSIGNED, still_true=_still_asked, sample={"path": "/me/reviews", "contributions": 12}
)
def reviews_asked(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """Each curator who was handed something learns how many contributions wait on the desk, and nothing about them."""
    asked = [UUID(curator) for curator in fact.facts["curators"]]
    query = (
        select(ReviewAssignment.curator_id, func.count())
        .outerjoin(Review, Review.assignment_id == ReviewAssignment.id)
        .where(ReviewAssignment.round_id == UUID(fact.facts["round"]), ReviewAssignment.curator_id.in_(asked))
        .where(GIVEN, Review.assignment_id.is_(None))
        .group_by(ReviewAssignment.curator_id)
    )
    for curator_id, contributions in sorted(session.execute(query)):
        yield EmailDraft(curator_id, path="/me/reviews", contributions=contributions)


@notification(
    stage="curation", on=EventName.CURATION_SELECTION_PUBLISHED,
    sample=OUTCOMES | {"contributions": [["Lantern street", "The voice carries the whole film; we want to begin with it."]]},
)  # fmt: skip
def selected(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The makers of the chosen contributions learn why each was chosen."""
    return _outcomes(session, fact, chosen=True)


@notification(
    stage="curation", on=EventName.CURATION_SELECTION_PUBLISHED,
    sample=OUTCOMES
    | {"contributions": [["First foot", "A fine story that needs more time than thirty seconds."], ["Doors",
    "We chose sound, not pictures."]]},
)  # fmt: skip
def not_selected(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """The makers of the other contributions learn why each was not chosen."""
    return _outcomes(session, fact, chosen=False)


def _outcomes(session: Session, fact: Event, *, chosen: bool) -> Iterable[EmailDraft]:
    """Of these contributions each maker who made them by their own word learns the reason."""
    query = (
        select(Maker.person_id, Contribution.title, SelectionOutcome.reason)
        .join(SelectionOutcome, SelectionOutcome.contribution_id == Maker.contribution_id)
        .join(Contribution, Contribution.id == SelectionOutcome.contribution_id)
        .where(
            SelectionOutcome.deliverable_id == fact.deliverable_id,
            SelectionOutcome.visit == fact.facts["visit"],
            SelectionOutcome.chosen.is_(chosen),
            CONFIRMED,
        )
        .order_by(Maker.person_id, Contribution.id)
    )
    deliverable = session.get_one(Deliverable, fact.deliverable_id).title
    contributions: dict[UUID, list[list[str]]] = {}
    for person_id, title, reason in session.execute(query):
        contributions.setdefault(person_id, []).append([title, reason])
    for person_id, said in contributions.items():
        yield EmailDraft(person_id, path=f"/campaigns/{fact.campaign_id}", deliverable=deliverable, contributions=said)
