"""On Monday morning, in their own zone, the brands' people are told once where their campaigns stand."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import Actor, Person, Scope
from campaigns.core.permissions import Role
from campaigns.digest import begin_week, where_things_stand
from tests import factories
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.factories import Delivery

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def lives_in(session: Session, actor: Actor, zone: str) -> UUID:
    session.get_one(Person, actor.person).time_zone = zone
    return actor.person


def weeks(session: Session) -> list[list[str]]:
    return [fact.facts["people"] for fact in recorded(session, EventName.BRAND_WEEK_BEGAN)]


def test_a_week_begins_once_for_each_of_the_brands_people_on_their_monday_at_eight(session: Session, delivery: Delivery) -> None:
    tokyo = lives_in(session, delivery.approver, "Asia/Tokyo")
    legal, marketing = (lives_in(session, delivery.made.signers[sign_off_role], "UTC") for sign_off_role in ("legal", "marketing"))
    assert begin_week(session, at=MONDAY - 9 * HOUR - timedelta(seconds=1)) == []
    assert begin_week(session, at=MONDAY - 9 * HOUR) == [tokyo]
    assert begin_week(session, at=MONDAY - 8 * HOUR) == []
    assert begin_week(session, at=MONDAY) == sorted([legal, marketing])
    assert begin_week(session, at=MONDAY + HOUR) == []
    assert begin_week(session, at=MONDAY + 24 * HOUR) == []
    assert begin_week(session, at=MONDAY + 7 * 24 * HOUR) == sorted([tokyo, legal, marketing])
    assert weeks(session) == [[str(each) for each in sorted(people)] for people in ([tokyo], [legal, marketing], [tokyo, legal, marketing])]


def test_those_on_staff_and_artists_get_no_digest(session: Session, delivery: Delivery) -> None:
    factories.someone(session, Role.MANAGER, "Of every brand")
    told = begin_week(session, at=MONDAY)
    assert set(told) == {delivery.approver.person, *(signer.person for signer in delivery.made.signers.values())}


def test_the_digest_tells_each_of_their_own_live_campaigns_and_no_others(session: Session, delivery: Delivery) -> None:
    factories.presented_version(session, delivery)
    rival = factories.in_delivery(session)
    over = factories.opened_call(session)
    call_off(session, over.id, "The brand stopped.", by=over.manager, at=factories.NOW)
    guest = factories.someone(session, Role.APPROVER, on=Scope(brand_id=over.brand.id, campaign_id=over.id))
    told = where_things_stand(session, [delivery.approver.person, rival.approver.person, guest.person], at=MONDAY)
    assert {person_id: [each.campaign.id for each in campaigns] for person_id, campaigns in told.items()} == {
        delivery.approver.person: [delivery.made.id], rival.approver.person: [rival.made.id], guest.person: [],
    }  # fmt: skip
    (mine,) = told[delivery.approver.person]
    assert [(deliverable.title, wait.code) for deliverable, wait in mine.for_brand] == [("Holiday reader", "decision")]
    assert mine.for_others == []
    (theirs,) = told[rival.approver.person]
    assert (theirs.for_brand, [wait.code for _deliverable, wait in theirs.for_others]) == ([], ["no_version"])


def test_many_people_and_campaigns_cost_as_many_statements_as_one(session: Session, delivery: Delivery) -> None:
    people = [delivery.approver.person]
    with statements(session) as one:
        where_things_stand(session, people, at=MONDAY)
    people += [factories.in_delivery(session).approver.person for _more in range(4)]
    with statements(session) as many:
        where_things_stand(session, people, at=MONDAY)
    assert len(many) == len(one)


def test_an_administrator_of_the_brand_is_told_too_of_what_waits_for_them(session: Session) -> None:
    made = factories.filled_brief(session)
    ada = factories.administrator(session, made.brand.id)
    assert ada.person in begin_week(session, at=MONDAY)
    (told,) = where_things_stand(session, [ada.person], at=MONDAY)[ada.person]
    assert {wait.waits_for for _deliverable, wait in told.for_brand} == {"signer", "brand"}
