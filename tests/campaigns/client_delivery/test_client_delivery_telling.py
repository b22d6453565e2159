"""Notes go into an email together, once their writer has added none for a while, and none goes into two."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.actions import annotate, let_go
from campaigns.client_delivery.models import Verdict, Version, Weight
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.telling import QUIET, gather, gone_quiet
from campaigns.client_delivery.versions.actions import decide
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded, seal
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from flows import sweep
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.factories import DELIVERING, Delivery

MINUTE = timedelta(minutes=1)


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def noted(session: Session, version: Version, by: Actor, words: str, *, at: datetime = DELIVERING, internal: bool = False) -> UUID:
    return annotate(session, version.id, words, Weight.WISH, internal=internal, by=by, at=at).id


def emails(session: Session, notification: str) -> dict[UUID, list[str]]:
    """What the last fact of the notification tells whom."""
    seal(session)
    (on,) = NOTIFICATIONS[notification].on
    fact = session.scalars(select(Event).where(Event.name == on).order_by(Event.number.desc()).limit(1)).one()
    return {email.to: [*email.params["required"], *email.params["wishes"]] for email in NOTIFICATIONS[notification].build(session, fact)}


def test_the_notes_of_one_person_on_one_version_are_told_together_after_ten_quiet_minutes(session: Session, delivery: Delivery) -> None:
    version, brand = factories.presented_version(session, delivery), delivery.approver
    first = noted(session, version, brand, "Warmer.")
    second = noted(session, version, brand, "Slower.", at=DELIVERING + 9 * MINUTE)
    noted(session, version, delivery.editor, "Will do.", at=DELIVERING + 15 * MINUTE)
    quiet = DELIVERING + 9 * MINUTE + QUIET
    assert (gone_quiet(session, at=quiet - MINUTE), gather(session, version.id, brand.person, at=quiet - MINUTE)) == ([], [])
    assert gone_quiet(session, at=quiet) == [(version.id, brand.person)]
    assert [gather(session, version.id, brand.person, at=quiet) for _again in range(2)] == [[first, second], []]
    assert len(recorded(session, EventName.CLIENT_DELIVERY_NOTES_GATHERED)) == 1
    told = ["Warmer.", "Slower."]
    assert emails(session, "notes_left") == {delivery.editor.person: told, delivery.made.manager.person: told}


def test_staff_notes_reach_the_brand_but_for_those_that_stay_with_staff(session: Session, delivery: Delivery) -> None:
    version, manager = factories.presented_version(session, delivery), delivery.made.manager
    noted(session, version, manager, "The music is licensed through March.")
    noted(session, version, manager, "Mind the budget.", internal=True)
    gather(session, version.id, manager.person, at=DELIVERING + QUIET)
    assert emails(session, "notes_left") == {
        delivery.approver.person: ["The music is licensed through March."],
        delivery.editor.person: ["The music is licensed through March.", "Mind the budget."],
    }


def test_a_leader_who_does_not_see_inside_is_not_told_what_stays_inside(session: Session, delivery: Delivery) -> None:
    factories.someone(session, Role.LEADER, on=delivery.deliverable.scope)
    version = factories.version(session, delivery)
    noted(session, version, delivery.editor, "The grade is not final.")
    gather(session, version.id, delivery.editor.person, at=DELIVERING + QUIET)
    assert emails(session, "notes_left") == {delivery.made.manager.person: ["The grade is not final."]}


def test_the_email_that_asks_for_changes_says_the_brands_notes_and_no_other_email_does(session: Session, delivery: Delivery) -> None:
    version, brand = factories.presented_version(session, delivery), delivery.approver
    noted(session, version, brand, "Warmer.")
    gone = noted(session, version, brand, "Bluer.")
    let_go(session, gone, by=brand, at=DELIVERING)
    noted(session, version, delivery.made.manager, "Licensed through March.")
    parts = find_version_details(session, version.id, by=brand).parts_sha256
    decide(session, version.id, Verdict.CHANGES, version.sha256, parts, "Please.", by=brand, at=DELIVERING)
    assert emails(session, "decision") == {delivery.editor.person: ["Warmer."], delivery.made.manager.person: ["Warmer."]}
    assert gone_quiet(session, at=DELIVERING + QUIET) == [(version.id, delivery.made.manager.person)]


def test_what_was_let_go_meanwhile_is_told_to_nobody(session: Session, delivery: Delivery) -> None:
    version, brand = factories.presented_version(session, delivery), delivery.approver
    let_go(session, noted(session, version, brand, "Bluer."), by=brand, at=DELIVERING)
    assert gather(session, version.id, brand.person, at=DELIVERING + QUIET) == []
    assert (recorded(session, EventName.CLIENT_DELIVERY_NOTES_GATHERED), gone_quiet(session, at=DELIVERING + QUIET)) == ([], [])


def test_the_sweep_has_notes_told() -> None:
    assert "tell_of_notes" in [part.__name__ for part in sweep.PARTS]
