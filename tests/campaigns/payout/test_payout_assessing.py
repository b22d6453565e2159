"""The points."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Forbidden, ReasonMissing, Refusal, Stale
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.assessments.queries import assessed as found_assessment
from campaigns.payout.errors import AlreadyFinal, ComponentMissing, NoSuchProposal, NotAComponent, NotInPayout, PointsOutOfRange
from campaigns.payout.models import Assessment, Points
from tests.campaigns.payout.sharing import AT, Shared, assessed, in_delivery, in_payout, made_final, proposed, told
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import person

GOOD = Impact(5, "It carries the story.")


def points(session: Session, deliverable: Deliverable) -> dict[UUID, tuple[int, str]]:
    rows = session.scalars(select(Points).where(Points.deliverable_id == deliverable.id, Points.visit == deliverable.visit))
    return {row.contribution_id: (row.points, row.reason) for row in rows}


def test_every_component_of_the_approved_version_gets_its_points_with_a_reason(session: Session) -> None:
    shared = in_payout(session)
    assessment = assessed(session, shared)
    assert points(session, shared.deliverable) == {shared.newer.id: (5, "It carries the story.")}
    assert (assessment.assessed_by, assessment.assessed_at, assessment.due_since) == (shared.manager.person, AT, AT)
    (fact,) = told(session, "payout.assessed")
    assert fact.facts == {"visit": shared.deliverable.visit, "points": {str(shared.newer.id): 5}}


def test_points_may_be_given_anew_until_the_proposal_is_final(session: Session) -> None:
    shared, _proposal = proposed(session)
    assessed(session, shared, points=9)
    assert points(session, shared.deliverable) == {shared.newer.id: (9, "It carries the story.")}
    assert session.get_one(Assessment, (shared.deliverable.id, shared.deliverable.visit)).due_since == AT


def test_points_stay_as_they_are_once_the_proposal_is_final(session: Session) -> None:
    shared, proposal = proposed(session)
    made_final(session, proposal)
    refused = refusal_of(session, lambda: assessed(session, shared, points=9))
    assert (type(refused), refused.status) == (AlreadyFinal, 409)


@pytest.mark.parametrize(
    ("impacts", "refusal", "field"),
    [
        (lambda _s: [], ComponentMissing, "contributions"),
        (lambda s: [(s.newer.id, GOOD), (s.older.id, GOOD)], NotAComponent, "contributions"),
        (lambda s: [(s.newer.id, GOOD), (s.newer.id, GOOD)], NotAComponent, "contributions"),
        (lambda s: [(s.newer.id, Impact(0, "Nothing."))], PointsOutOfRange, "contributions.0.points"),
        (lambda s: [(s.newer.id, Impact(-1, "Less."))], PointsOutOfRange, "contributions.0.points"),
        (lambda s: [(s.newer.id, Impact(1_000_001, "All."))], PointsOutOfRange, "contributions.0.points"),
        (lambda s: [(s.newer.id, Impact(5, "  "))], ReasonMissing, "contributions.0.reason"),
    ],
)
def test_points_that_do_not_fit_the_version_are_refused(
    session: Session, impacts: Callable[[Shared], Sequence[tuple[UUID, Impact]]], refusal: type[Refusal], field: str
) -> None:
    shared = in_payout(session)
    refused = refusal_of(
        session, lambda: assess(session, shared.deliverable.id, shared.deliverable.visit, impacts(shared), by=shared.manager, at=AT)
    )  # fmt: skip
    assert (type(refused), refused.status, refused.field) == (refusal, 400, field)


def test_points_for_an_earlier_visit_are_refused(session: Session) -> None:
    shared = in_payout(session)
    visit = shared.deliverable.visit - 1
    refused = refusal_of(
        session, lambda: assess(session, shared.deliverable.id, visit, [(shared.newer.id, GOOD)], by=shared.manager, at=AT)
    )
    assert isinstance(refused, Stale)


def test_points_are_given_in_payout_only(session: Session) -> None:
    shared = in_delivery(session)
    assert isinstance(refusal_of(session, lambda: assessed(session, shared)), NotInPayout)


def test_only_the_manager_gives_points_and_for_strangers_there_is_no_payout(session: Session) -> None:
    shared = in_payout(session)
    impacts = [(shared.newer.id, GOOD)]
    for who, refusal in ((shared.ben, Forbidden), (shared.made.finance, Forbidden), (person(session), NoSuchProposal)):
        refused = refusal_of(session, partial(assess, session, shared.deliverable.id, shared.deliverable.visit, impacts, by=who, at=AT))
        assert type(refused) is refusal


def test_the_assessment_is_public_among_contributors(session: Session) -> None:
    shared = in_payout(session)
    assert found_assessment(session, shared.deliverable.id, by=shared.left_out).points == []
    assessed(session, shared)
    ((row, title),) = found_assessment(session, shared.deliverable.id, by=shared.left_out).points
    assert (row.points, row.reason, title) == (5, "It carries the story.", "Lantern street")
