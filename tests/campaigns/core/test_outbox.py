"""The outbox: claimed by one, kept at least once, never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.outbox import Claimed, Promise


def claim_all(session: Session) -> list[str]:
    return [c.key for c in outbox.claim(session, 100)]


def test_a_claimed_promise_is_nobody_elses_until_its_lease_ends(session: Session) -> None:
    outbox.promise(session, "letter", key="one")
    assert claim_all(session) == ["one"]
    assert claim_all(session) == []
    session.execute(update(Promise).values(leased_until=clock.process_now() - timedelta(seconds=1)))
    assert claim_all(session) == ["one"]


def test_several_relays_at_once_share_the_promises_without_taking_one_twice(fresh_database: str) -> None:
    with unit_of_work() as session:
        for number in range(40):
            outbox.promise(session, "letter", key=str(number))

    def take(_hand: int) -> list[str]:
        with unit_of_work() as session:
            return [c.key for c in outbox.claim(session, 10)]

    with ThreadPoolExecutor(4) as hands:
        taken = [key for keys in hands.map(take, range(4)) for key in keys]
    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_many_promises_are_made_at_once_and_one_that_was_made_before_stays_as_it_is(session: Session) -> None:
    outbox.promise(session, "letter", key="one", to="Ana")
    outbox.promise_each(session, "letter", {"one": {"to": "Ben"}, "two": {"to": "Cleo"}})
    outbox.promise_each(session, "letter", {})
    assert [(c.kind, c.key, c.body) for c in outbox.claim(session, 100)] == [
        ("letter", "one", {"to": "Ana"}),
        ("letter", "two", {"to": "Cleo"}),
    ]


def test_a_promise_for_later_waits(session: Session) -> None:
    outbox.promise(session, "letter", key="later", due_at=clock.process_now() + timedelta(hours=1))
    assert claim_all(session) == []
    assert 3590 < outbox.seconds_to_next(session) <= 3600


def test_a_kept_promise_is_not_claimed_again(session: Session) -> None:
    outbox.promise(session, "letter", key="one")
    [claimed] = outbox.claim(session)
    outbox.keep(session, claimed.id)
    session.execute(update(Promise).values(leased_until=None))
    assert claim_all(session) == []


def test_waits_double_up_to_the_cap_and_a_promise_that_fails_twelve_times_is_dead_until_revived(session: Session) -> None:
    outbox.promise(session, "letter", key="one")
    waits = []
    for _attempt in range(outbox.DEAD_AFTER):
        session.execute(update(Promise).values(due_at=clock.process_now(), leased_until=None))
        [claimed] = outbox.claim(session)
        outbox.postpone(session, claimed, "no answer")
        waits.append(round(outbox.seconds_to_next(session)) if not _dead(session) else None)
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, None]
    outbox.revive(session, claimed.id)
    assert claim_all(session) == ["one"]


def test_what_must_be_kept_for_ever_never_dies(session: Session) -> None:
    outbox.promise(session, "nudge", key="one")
    [row] = session.scalars(select(Promise)).all()
    outbox.postpone(session, Claimed(row.id, row.kind, row.key, row.body, 400), "not yet", longest=timedelta(seconds=2), for_ever=True)
    assert 1.5 < outbox.seconds_to_next(session) <= 2
    assert not _dead(session)


def _dead(session: Session) -> bool:
    return session.scalars(select(Promise.dead_at)).one() is not None
