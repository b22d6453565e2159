"""The one door for facts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns.core import audit, events, outbox
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Brand, person_at
from tests import factories
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    brand = Brand(name="Zappos")
    session.add(brand)
    session.flush()
    campaign = Campaign(brand_id=brand.id, title="Holiday traditions", owner_id=person_at(session, "mia@example.org").id, created_at=AT)
    session.add(campaign)
    session.commit()
    return campaign


def record(session: Session, campaign: Campaign, name: EventName) -> UUID:
    return events.record(session, name, by=SYSTEM, at=AT, campaign_id=campaign.id, answer=42)


def test_facts_are_numbered_and_chained_in_the_order_in_which_they_were_recorded(session: Session, campaign: Campaign) -> None:
    record(session, campaign, EventName.BRIEF_EDITED)
    record(session, campaign, EventName.BRIEF_READY)
    session.commit()
    record(session, campaign, EventName.BRIEF_LAUNCHED)
    session.commit()
    third, second, first = audit.timeline(session, campaign.id)
    assert [(f.number, f.name) for f in (first, second, third)] == [
        (1, EventName.BRIEF_EDITED),
        (2, EventName.BRIEF_READY),
        (3, EventName.BRIEF_LAUNCHED),
    ]
    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert events.chain_faults(session) == []


def test_a_transaction_tells_the_relay_of_each_fact_and_wakes_its_campaign_once(session: Session, campaign: Campaign) -> None:
    record(session, campaign, EventName.BRIEF_EDITED)
    record(session, campaign, EventName.BRIEF_READY)
    session.commit()
    session.refresh(campaign)
    kinds = dict(session.execute(select(OutboxMessage.kind, func.count()).group_by(OutboxMessage.kind)).all())
    assert (kinds, campaign.wake) == ({"event": 2, "wake": 1}, 1)


def test_two_who_record_at_once_keep_neither_waiting_though_one_of_them_holds_the_campaign(fresh_database: str) -> None:
    with unit_of_work() as session:
        campaign_id = factories.new_campaign(session).id
    is_held = Event()

    def hold_and_tell() -> None:
        with unit_of_work() as session:
            held = find_campaign(session, campaign_id, by=SYSTEM, lock=True)
            is_held.set()
            sleep(0.5)
            record(session, held, EventName.BRIEF_EDITED)

    def tell() -> None:
        is_held.wait()
        with unit_of_work() as session:
            record(session, session.get_one(Campaign, campaign_id), EventName.BRIEF_READY)

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(hold_and_tell), hands.submit(tell)]:
            done.result()
    with unit_of_work() as session:
        assert [fact.name for fact in audit.timeline(session, campaign_id)][:2] == [EventName.BRIEF_READY, EventName.BRIEF_EDITED]


def test_what_is_rolled_back_leaves_no_fact_and_no_message(session: Session, campaign: Campaign) -> None:
    person_at(session, "never@example.org")
    record(session, campaign, EventName.BRIEF_EDITED)
    session.rollback()
    session.commit()
    assert (list(audit.timeline(session, campaign.id)), session.scalar(select(func.count()).select_from(OutboxMessage))) == ([], 0)


def test_an_undone_savepoint_takes_its_own_facts_with_it_and_no_others(session: Session, campaign: Campaign) -> None:
    record(session, campaign, EventName.BRIEF_EDITED)
    with session.begin_nested() as savepoint:
        record(session, campaign, EventName.BRIEF_READY)
        savepoint.rollback()
    with session.begin_nested():
        record(session, campaign, EventName.BRIEF_LAUNCHED)
    session.commit()
    assert [f.name for f in audit.timeline(session, campaign.id)] == [EventName.BRIEF_LAUNCHED, EventName.BRIEF_EDITED]


@pytest.mark.parametrize("change", ["update event set name = 'a.forged'", "delete from event", "truncate event"])
def test_the_database_refuses_to_change_or_forget_a_fact(session: Session, campaign: Campaign, change: str) -> None:
    record(session, campaign, EventName.BRIEF_EDITED)
    session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(change))


@pytest.mark.parametrize(
    ("forgery", "number"),
    [("update event set facts = '{\"answer\": 43}' where number = 2", 2), ("delete from event where number = 3", 3)],
)
def test_whoever_forges_a_fact_past_the_triggers_breaks_the_chain_there(
    session: Session, campaign: Campaign, forgery: str, number: int
) -> None:
    for name in (EventName.BRIEF_EDITED, EventName.BRIEF_READY, EventName.BRIEF_LAUNCHED):
        record(session, campaign, name)
    session.commit()
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text(forgery))
    session.expire_all()
    assert [(f.chain_id, f.number) for f in events.chain_faults(session, campaign.id)] == [(campaign.id, number)]


def test_facts_without_a_campaign_have_a_chain_of_their_own(session: Session) -> None:
    events.record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=AT)
    session.commit()
    assert [f.name for f in audit.timeline(session, events.SYSTEM_CHAIN)] == ["house.restored"]


def test_the_same_message_enqueued_twice_is_one_message(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="one", to=str(new_id()))
    outbox.enqueue(session, OutboxKind.EMAIL, key="one", to=str(new_id()))
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
