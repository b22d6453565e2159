"""What the chain of facts covers, and that each change past the triggers breaks it where it was made."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Campaign, deliverables_of
from campaigns.core.event_names import EventName
from campaigns.core.events import DOOR_CHAIN, SYSTEM_CHAIN, ChainFault, ChainHead, Event
from campaigns.core.outbox import OutboxMessage
from campaigns.core.people import SYSTEM
from tests.factories import Partnership, filled_brief, person
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
NONE = "0" * 64


@pytest.fixture
def made(session: Session) -> Partnership:
    made = filled_brief(session)
    session.commit()
    return made


def test_a_facts_hash_covers_all_that_it_tells_in_one_form_that_anybody_can_repeat() -> None:
    ids = [UUID(int=n) for n in range(1, 5)]
    fact = Event(
        id=ids[0], chain_id=ids[1], deliverable_id=ids[2], actor_id=ids[3], number=7, name="a.fact", actor_name="Zoë",
        at=AT.astimezone(timezone(timedelta(hours=3))), reason="Why not", facts={"b": 1, "a": "ü"},
    )  # fmt: skip
    told = (
        f'{{"actor":"{ids[3]}","actor_name":"Zoë","at":"2026-11-24T09:00:00+00:00","chain":"{ids[1]}","facts":{{"a":"ü","b":1}},'
        f'"id":"{ids[0]}","name":"a.fact","number":7,"reason":"Why not","track":"{ids[2]}"}}'
    )
    assert events.canonical(fact) == told
    assert events.link("before", fact) == hashlib.sha256(f"before{told}".encode()).hexdigest()
    fact.deliverable_id = fact.actor_id = fact.reason = None
    assert {key for key, value in json.loads(events.canonical(fact)).items() if value is None} == {"track", "actor", "reason"}


def chained(session: Session, made: Partnership) -> list[Event]:
    """Three facts of a campaign, each with all that a fact may have."""
    ana, deliverable = person(session, "Ana"), deliverables_of(session, made.id)[0]
    before = session.scalar(select(ChainHead.length).where(ChainHead.chain_id == made.id)) or 0
    for number in range(3):
        events.record(
            session,
            EventName.CAMPAIGN_DONE,
            by=ana,
            at=AT,
            campaign_id=made.id,
            deliverable_id=deliverable.id,
            reason="Why not",
            number=number,
        )
    events.record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=AT)
    session.commit()
    mine = select(Event).where(Event.chain_id == made.id, Event.number > before)
    return list(session.scalars(mine.order_by(Event.number)))


def forge(session: Session, statement: str, **about: object) -> None:
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text(statement), about)
    session.execute(text("set local session_replication_role = origin"))
    session.expire_all()


def test_a_fact_is_kept_as_it_was_told(session: Session, made: Partnership) -> None:
    first, second, _third = chained(session, made)
    deliverable = deliverables_of(session, made.id)[0]
    assert (first.campaign_id, first.deliverable_id, first.actor_name, first.at, first.reason, first.facts) == (
        made.id, deliverable.id, "Ana", AT, "Why not", {"number": 0},
    )  # fmt: skip
    assert (first.actor_id is not None, second.number, second.previous_hash) == (True, first.number + 1, first.hash)


@pytest.mark.parametrize(
    "change",
    [
        "name = 'a.forged'", "deliverable_id = null", "actor_id = null", "actor_name = 'Ben'",
        "at = at + interval '1 second'", "reason = null",
        "facts = '{}'", "id = gen_random_uuid()",
    ],
)  # fmt: skip
def test_whatever_is_changed_of_a_fact_breaks_the_chain_there(session: Session, made: Partnership, change: str) -> None:
    second = chained(session, made)[1]
    fault = ChainFault(made.id, second.number)
    forge(session, f"update event set {change} where id = :id", id=second.id)
    assert events.chain_faults(session) == [fault]


def test_a_link_that_does_not_follow_from_the_one_before_breaks_the_chain(session: Session, made: Partnership) -> None:
    first, second, third = chained(session, made)
    forge(session, "update event set previous_hash = :other where id = :id", other=NONE, id=second.id)
    assert events.chain_faults(session) == [ChainFault(made.id, second.number)]
    forge(session, "update event set previous_hash = :right where id = :id", right=first.hash, id=second.id)
    assert events.chain_faults(session) == []
    forge(session, "delete from event where id = :id", id=second.id)
    assert events.chain_faults(session) == [ChainFault(made.id, third.number)]


def test_a_hash_that_was_made_anew_breaks_the_chain_behind_it(session: Session, made: Partnership) -> None:
    _first, second, third = chained(session, made)
    second.name = "a.forged"
    fresh = events.link(second.previous_hash, second)
    session.expire(second)
    forge(session, "update event set name = 'a.forged', hash = :hash where id = :id", hash=fresh, id=second.id)
    assert events.chain_faults(session) == [ChainFault(made.id, third.number)]


def test_a_chain_that_begins_in_its_middle_is_broken(session: Session, made: Partnership) -> None:
    for fact in chained(session, made)[:1]:
        forge(session, "delete from event where chain_id = :chain and number <= :number", chain=made.id, number=fact.number)
    assert [fault.chain_id for fault in events.chain_faults(session)] == [made.id]


@pytest.mark.parametrize("cut", ["the last fact", "the head's hash", "the head's length", "all"])
def test_a_chain_that_was_cut_short_is_broken_at_its_head(session: Session, made: Partnership, cut: str) -> None:
    last = chained(session, made)[-1]
    number = last.number + (cut == "the head's length")
    statement = {
        "the last fact": "delete from event where id = :id",
        "the head's hash": "update chain_head set hash = repeat('0', 64) where chain_id = :chain",
        "the head's length": "update chain_head set length = length + 1 where chain_id = :chain",
        "all": "delete from event where chain_id = :chain",
    }[cut]
    forge(session, statement, **{key: value for key, value in {"id": last.id, "chain": made.id}.items() if f":{key}" in statement})
    assert events.chain_faults(session) == [ChainFault(made.id, number)]
    assert events.chain_faults(session, made.id) == [ChainFault(made.id, number)]
    assert events.chain_faults(session, SYSTEM_CHAIN) == []


def test_one_chain_can_be_asked_for_and_all_are_otherwise(session: Session, made: Partnership) -> None:
    other = filled_brief(session)
    session.commit()
    broken = {each.chain_id: each for facts in (chained(session, made), chained(session, other)) for each in facts[1:2]}
    for fact in list(broken.values()):
        forge(session, "update event set name = 'a.forged' where id = :id", id=fact.id)
    faults = {chain: ChainFault(chain, fact.number) for chain, fact in broken.items()}
    assert [events.chain_faults(session, chain) for chain in faults] == [[fault] for fault in faults.values()]
    assert sorted(events.chain_faults(session), key=lambda fault: fault.chain_id) == [faults[chain] for chain in sorted(faults)]


def enqueued(session: Session) -> dict[str, list[str]]:
    """What is enqueued for whom: each kind's keys."""
    found: dict[str, list[str]] = {}
    for kind, key in session.execute(select(OutboxMessage.kind, OutboxMessage.key).where(OutboxMessage.done_at.is_(None))):
        found.setdefault(kind, []).append(key)
    return {kind: sorted(keys) for kind, keys in found.items()}


def test_each_campaign_that_something_happened_in_is_woken_once_and_no_other(session: Session, made: Partnership) -> None:
    other, still = filled_brief(session), filled_brief(session)
    session.commit()
    session.execute(delete(OutboxMessage))
    before = {each.id: session.scalar(select(Campaign.wake).where(Campaign.id == each.id)) or 0 for each in (made, other, still)}
    ids = [events.record(session, EventName.CAMPAIGN_DONE, by=SYSTEM, at=AT, campaign_id=each.id) for each in (other, made, other)]
    ids.append(events.record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=AT))
    assert [fact.id for fact in events.recorded(session)] == ids
    assert [fact.id for fact in events.recorded(session, EventName.INSTALLATION_RESTORED)] == ids[3:]
    session.commit()
    assert events.recorded(session) == []
    session.expire_all()
    after = {each.id: session.get_one(Campaign, each.id).wake - before[each.id] for each in (made, other, still)}
    assert after == {made.id: 1, other.id: 1, still.id: 0}
    assert enqueued(session) == {"event": sorted(map(str, ids)), "wake": sorted(str(each.id) for each in (made, other))}
    session.commit()
    assert len(enqueued(session)["event"]) == 4


def test_what_strangers_have_happen_stands_in_a_chain_of_its_own(session: Session) -> None:
    ana = person(session, "Ana")
    events.record_at_the_door(session, EventName.ACCESS_LINK_ASKED, by=ana, at=AT, person="x")
    session.commit()
    fact = session.scalars(select(Event)).one()
    assert (fact.chain_id, fact.number, fact.previous_hash, fact.campaign_id) == (DOOR_CHAIN, 1, NONE, None)
    assert (fact.name, fact.actor_id, fact.actor_name, fact.at, fact.facts) == (
        EventName.ACCESS_LINK_ASKED,
        ana.person,
        "Ana",
        AT,
        {"person": "x"},
    )
    head = session.get_one(ChainHead, DOOR_CHAIN)
    assert (head.length, head.hash, events.chain_faults(session)) == (1, fact.hash, [])


def test_of_savepoints_within_each_other_only_what_was_undone_is_forgotten(session: Session) -> None:
    a, b, c, d, e, f = list(EventName)[:6]

    def tell(name: EventName) -> None:
        events.record(session, name, by=SYSTEM, at=AT)

    tell(a)
    with session.begin_nested():
        tell(b)
        with session.begin_nested() as inner:
            tell(c)
            inner.rollback()
        tell(d)
    assert [fact.name for fact in events.recorded(session)] == [a, b, d]
    with session.begin_nested() as outer:
        tell(e)
        with session.begin_nested():
            tell(f)
        outer.rollback()
    assert [fact.name for fact in events.recorded(session)] == [a, b, d]
    session.commit()
    assert list(session.scalars(select(Event.name).order_by(Event.number))) == [a, b, d]


def test_whoever_read_a_chains_head_before_still_goes_on_from_the_newest_fact(fresh_database: str) -> None:
    def tell(session: Session) -> None:
        events.record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=AT)

    with unit_of_work() as session:
        tell(session)
    with unit_of_work() as session:
        before = session.get_one(ChainHead, SYSTEM_CHAIN)
        with unit_of_work() as other:
            tell(other)
        tell(session)
        assert before.length == 1
    with unit_of_work() as session:
        assert (session.get_one(ChainHead, SYSTEM_CHAIN).length, events.chain_faults(session)) == (3, [])


def test_the_chains_of_the_system_and_of_its_door_are_two_and_the_same_in_every_installation() -> None:
    assert (UUID(int=0), UUID(int=1)) == (SYSTEM_CHAIN, DOOR_CHAIN)
