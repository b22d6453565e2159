"""The email of the brief."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded
from notifications.brief import launch
from notifications.notification import COMMUNITY, NOTIFICATIONS, EmailDraft
from tests import factories


def launched_fact(session: Session, at: datetime = factories.NOW) -> Event:
    factories.launched_campaign(session, at=at)
    fact: Event = recorded(session, EventName.BRIEF_LAUNCHED)[0]
    return fact


def test_the_launch_tells_the_whole_community_the_money_first(session: Session) -> None:
    fact = launched_fact(session)
    text = factories.brief_text()
    assert list(launch(session, fact)) == [
        EmailDraft(
            COMMUNITY,
            path=f"/campaigns/{fact.campaign_id}",
            brand="Zappos",
            pool=5_000_000,
            currency="USD",
            closes_at=text["call_closes_at"],
            zone="America/Los_Angeles",
            asked_for=text["asked_for"],
            deliverables=[wanted.title for wanted in factories.DELIVERABLES],
        )
    ]
    assert NOTIFICATIONS["launch"].announcement


def test_the_launch_of_a_campaign_that_has_ended_is_not_announced(session: Session) -> None:
    fact = launched_fact(session, clock.business_now(session))
    assert is_still_true(session, fact)
    session.get_one(Campaign, fact.campaign_id).done_at = factories.NOW
    assert not is_still_true(session, fact)


def test_a_call_that_has_closed_is_not_announced_any_more(session: Session) -> None:
    fact = launched_fact(session, clock.business_now(session))
    clock.move_clock(session, timedelta(days=14))
    assert not is_still_true(session, fact)


def is_still_true(session: Session, fact: Event) -> bool:
    still_true = NOTIFICATIONS["launch"].still_true
    assert still_true is not None
    return still_true(session, fact)
