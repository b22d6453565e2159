"""Emails that a pause held up: what has moved is written anew, what has ended is dropped."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.collaboration import actions
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core import clock
from campaigns.core.emails import Email
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.open_call.call.actions import extend_call
from tests.called_off import call_off
from tests.campaigns.payout.sharing import proposed
from tests.factories import Partnership, curator, entered, opened_call, person, taking_part
from tests.notifications.conftest import Postroom
from tests.postroom import emails_to, later, relay
from workers.transactions import unit_of_work

Deed = Callable[[Session, Partnership], object]


def call_extended(session: Session, made: Partnership) -> None:
    now = clock.business_now(session)
    taking_part(session, made, person(session, "Ana"), at=now)
    extend_call(session, made.id, now + timedelta(days=20), "A storm.", by=made.manager, at=now)


def collaboration_extended(session: Session, made: Partnership) -> None:
    now = clock.business_now(session)
    taking_part(session, made, person(session, "Ana"), at=now)
    deliverable = entered(session, made, Stage.COLLABORATION, at=now)[0]
    actions.extend(session, deliverable.id, now + timedelta(days=30), "Late.", by=made.manager, at=now)


def influence_claimed(session: Session, made: Partnership) -> None:
    now = clock.business_now(session)
    ana, ben = person(session, "Ana"), person(session, "Ben")
    older, contribution = taking_part(session, made, ana, at=now), taking_part(session, made, ben, at=now)
    claim_actions.claim(session, contribution.id, older.id, SourceKind.INFLUENCED_BY, by=ben, at=now)


def reviews_asked(session: Session, made: Partnership) -> None:
    now = clock.business_now(session)
    taking_part(session, made, at=now)
    judges = [curator(session, made).person for _number in range(3)]
    deliverable = entered(session, made, Stage.CURATION, at=now)[0]
    assign(session, deliverable.id, judges, 1, by=made.manager, at=now)


@pytest.fixture
def made(postroom: Postroom) -> Partnership:
    with unit_of_work() as session:
        return opened_call(session, at=clock.business_now(session))


def done(deed: Deed, made: Partnership) -> str:
    """The deed, then a pause, before any email could go out; what the deed's email is called."""
    with unit_of_work() as session:
        deed(session, made)
    pause(made.id, made)
    return deed.__name__


def pause(campaign_id: UUID, made: Partnership) -> None:
    with unit_of_work() as session:
        lifecycle.pause(session, campaign_id, "The shoot has moved.", by=made.manager, at=clock.business_now(session))
    relay()


def states(notification: str) -> set[str]:
    with unit_of_work() as session:
        return set(session.scalars(select(Email.state).where(Email.notification == notification)))


@pytest.mark.parametrize("deed", [call_extended, collaboration_extended], ids=lambda deed: deed.__name__)
def test_a_date_that_the_pause_has_moved_is_told_as_it_stands_after_it(made: Partnership, deed: Deed) -> None:
    notification = done(deed, made)
    with unit_of_work() as session:
        before = session.scalars(select(Email).where(Email.notification == notification).limit(1)).one()
    assert states(notification) == {"promised"}
    later(5 * 24 * 60)
    with unit_of_work() as session:
        lifecycle.resume(session, made.id, by=made.manager, at=clock.business_now(session))
    relay()
    with unit_of_work() as session:
        after = session.get_one(Email, before.id)
        assert (after.state, after.subject != before.subject, after.text != before.text, after.html != before.html) == (
            "sent", True, True, True,
        )  # fmt: skip


@pytest.mark.parametrize("deed", [call_extended, collaboration_extended, influence_claimed, reviews_asked], ids=lambda deed: deed.__name__)
def test_what_nobody_can_answer_any_more_is_dropped_when_the_campaign_is_cancelled(
    postroom: Postroom, made: Partnership, deed: Deed
) -> None:
    notification = done(deed, made)
    assert states(notification) == {"promised"}
    with unit_of_work() as session:
        call_off(session, made.id, "The brand has stopped the line.", by=made.manager, at=clock.business_now(session))
    relay()
    assert (states(notification), states("cancelled")) == ({"dropped"}, {"sent"})
    assert emails_to(postroom.beyond) != []


def test_a_proposal_of_a_cancelled_campaign_is_not_told(postroom: Postroom) -> None:
    with unit_of_work() as session:
        shared, _proposal = proposed(session)
    pause(shared.made.id, shared.made)
    assert states("proposal") == {"promised"}
    with unit_of_work() as session:
        call_off(session, shared.made.id, "Stopped.", by=shared.manager, at=clock.business_now(session))
    relay()
    assert states("proposal") == {"dropped"}


def test_the_word_of_a_pause_that_is_over_is_dropped(made: Partnership) -> None:
    with unit_of_work() as session:
        taking_part(session, made, person(session, "Ana"), at=clock.business_now(session))
        lifecycle.pause(session, made.id, "A storm.", by=made.manager, at=clock.business_now(session))
    with unit_of_work() as session:
        lifecycle.resume(session, made.id, by=made.manager, at=clock.business_now(session))
    relay()
    assert (states("paused"), states("resumed")) == ({"dropped"}, {"sent"})
