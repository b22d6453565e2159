"""A decision at the screening desk, taken back by who made it while nothing has come of it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.open_call.errors import TooLateToTakeBack
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.screening.actions import MAY_TAKE_BACK, screen, take_back
from campaigns.open_call.screening.queries import just_decided
from tests import factories, samples
from tests.factories import NOW, Partnership


@pytest.fixture
def made(session: Session) -> Partnership:
    return factories.opened_call(session)


@pytest.fixture
def contribution(session: Session, made: Partnership) -> Contribution:
    return factories.ready(session, factories.contributed(session, made, factories.person(session, samples.NAME), f"By {samples.NAME}"))


@pytest.fixture
def judge(session: Session) -> Actor:
    return factories.someone(session, Role.CURATOR)


@pytest.mark.parametrize("takes_part", [True, False])
def test_a_contribution_is_back_on_the_desk_and_can_be_decided_otherwise(
    session: Session, contribution: Contribution, judge: Actor, takes_part: bool
) -> None:
    screen(session, contribution.id, takes_part, "A slip.", by=judge, at=NOW)
    take_back(session, contribution.id, by=judge, at=NOW + MAY_TAKE_BACK)
    assert (contribution.state, contribution.state_reason) == (ContributionState.READY, None)
    screen(session, contribution.id, not takes_part, "It shows a logo.", by=judge, at=NOW + MAY_TAKE_BACK)
    assert contribution.state is (ContributionState.SCREENED_OUT if takes_part else ContributionState.SCREENED_IN)


def test_someone_elses_decision_or_an_old_one_stands(session: Session, contribution: Contribution, judge: Actor, made: Partnership) -> None:
    with pytest.raises(TooLateToTakeBack):
        take_back(session, contribution.id, by=judge, at=NOW)
    screen(session, contribution.id, True, None, by=judge, at=NOW)
    for by, at in ((made.manager, NOW), (judge, NOW + MAY_TAKE_BACK + timedelta(seconds=1))):
        with pytest.raises(TooLateToTakeBack):
            take_back(session, contribution.id, by=by, at=at)
    assert contribution.state is ContributionState.SCREENED_IN


def test_a_decision_stands_once_the_contributions_are_being_judged(
    session: Session, contribution: Contribution, judge: Actor, made: Partnership
) -> None:  # fmt: skip
    late = NOW + timedelta(days=15)
    lifecycle.move_on(session, made.id, at=late)
    screen(session, contribution.id, True, None, by=judge, at=late + timedelta(days=7))
    lifecycle.move_on(session, made.id, at=late)
    lifecycle.move_on(session, made.id, at=late + timedelta(days=7))
    with pytest.raises(TooLateToTakeBack):
        take_back(session, contribution.id, by=judge, at=late + timedelta(days=7))
    assert contribution.state is ContributionState.SCREENED_IN


def test_what_one_just_decided_is_shown_without_its_makers_until_it_is_old_or_taken_back(
    session: Session, contribution: Contribution, judge: Actor, made: Partnership
) -> None:
    assert just_decided(session, made.id, NOW, by=judge) is None
    screen(session, contribution.id, True, None, by=judge, at=NOW)
    found = just_decided(session, made.id, NOW, by=judge)
    assert found is not None
    assert (found[0].id, samples.NAME in found[0].title, found[1].takes_part) == (contribution.id, False, True)
    assert just_decided(session, made.id, NOW, by=made.manager) is None
    assert just_decided(session, made.id, NOW + timedelta(seconds=1), by=judge) is None
    take_back(session, contribution.id, by=judge, at=NOW)
    assert just_decided(session, made.id, NOW, by=judge) is None
