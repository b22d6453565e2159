"""The outbox: claimed by one, handled at least once, never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from campaigns.core import clock, outbox
from campaigns.core.lanes import Lane
from campaigns.core.outbox import Claimed, OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from workers.transactions import unit_of_work


def claim_all(session: Session) -> list[str]:
    return [c.key for c in outbox.claim(session, 100)]


def test_a_claimed_message_is_nobody_elses_until_its_lease_ends(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="one")
    assert claim_all(session) == ["one"]
    assert claim_all(session) == []
    session.execute(update(OutboxMessage).values(leased_until=clock.process_now() - timedelta(seconds=1)))
    assert claim_all(session) == ["one"]


def test_several_relays_at_once_share_the_messages_without_taking_one_twice(fresh_database: str) -> None:
    with unit_of_work() as session:
        for number in range(40):
            outbox.enqueue(session, OutboxKind.EMAIL, key=str(number))

    def take(_hand: int) -> list[str]:
        with unit_of_work() as session:
            return [c.key for c in outbox.claim(session, 10)]

    with ThreadPoolExecutor(4) as hands:
        taken = [key for keys in hands.map(take, range(4)) for key in keys]
    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_many_messages_are_enqueued_at_once_and_one_that_was_enqueued_before_stays_as_it_is(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="one", to="Ana")
    outbox.enqueue_each(session, OutboxKind.EMAIL, {"one": {"to": "Ben"}, "two": {"to": "Cleo"}})
    outbox.enqueue_each(session, OutboxKind.EMAIL, {})
    assert [(c.kind, c.key, c.body) for c in outbox.claim(session, 100)] == [
        ("email", "one", {"to": "Ana"}),
        ("email", "two", {"to": "Cleo"}),
    ]


def test_a_full_lane_takes_nothing_of_anothers_and_the_urgent_one_comes_first(session: Session) -> None:
    for number in range(30):
        outbox.enqueue(session, OutboxKind.EMAIL, key=str(number))
    outbox.enqueue(session, OutboxKind.WAKE, key="wake")
    outbox.enqueue_each(session, OutboxKind.EMAIL, {"link": {}}, lane=Lane.SIGN_IN)
    assert [(c.lane, c.key) for c in outbox.claim(session, {Lane.WAKES: 2, Lane.SIGN_IN: 2, Lane.EMAILS: 1})] == [
        (Lane.SIGN_IN, "link"),
        (Lane.WAKES, "wake"),
        (Lane.EMAILS, "0"),
    ]
    assert outbox.claim(session, {Lane.WAKES: 2, Lane.SIGN_IN: 2}) == []


def test_what_is_due_in_a_full_lane_does_not_keep_the_others_awake(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="now")
    outbox.enqueue(session, OutboxKind.WAKE, key="soon", due_at=clock.process_now() + timedelta(minutes=1))
    assert outbox.seconds_to_next(session) == 0.01
    assert 59 < outbox.seconds_to_next(session, {Lane.WAKES, Lane.SIGN_IN}) <= 60
    assert outbox.seconds_to_next(session, {Lane.SIGN_IN}) > 1_000_000


def test_a_lease_is_lengthened_only_of_what_is_still_being_handled(session: Session) -> None:
    for key in ("held", "done", "put off"):
        outbox.enqueue(session, OutboxKind.EMAIL, key=key)
    held, done, put_off = outbox.claim(session, lease=timedelta(seconds=-1))
    outbox.mark_done(session, done.id)
    outbox.retry_later(session, put_off, "no answer")
    outbox.renew(session, [held.id, done.id, put_off.id])
    assert [row.key for row in session.scalars(select(OutboxMessage).where(OutboxMessage.leased_until.is_not(None)))] == ["held"]
    assert {"held", "done"}.isdisjoint(claim_all(session))


def test_what_is_open_in_a_lane_is_found_by_its_index(session: Session) -> None:
    names = "id, kind, lane, key, body, done_at"
    each = "gen_random_uuid(), 'email', 'bulk_emails', n, '{}', null"
    fill = f"insert into outbox_message ({names}) select {each} from generate_series(1, 20000) n"
    session.execute(text(fill))
    session.execute(text("analyze outbox_message"))
    before = _scans(session)
    assert len(outbox.claim(session, 2)) == 2
    outbox.seconds_to_next(session, {Lane.SIGN_IN})
    assert _scans(session) == before


def _scans(session: Session) -> int:
    """How often the whole table was read."""
    session.execute(text("select pg_stat_force_next_flush()"))
    return session.scalar(text("select pg_stat_get_xact_numscans('outbox_message'::regclass)")) or 0


def test_a_message_for_later_waits(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="later", due_at=clock.process_now() + timedelta(hours=1))
    assert claim_all(session) == []
    assert 3590 < outbox.seconds_to_next(session) <= 3600


def test_a_done_message_is_not_claimed_again(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="one")
    [claimed] = outbox.claim(session)
    outbox.mark_done(session, claimed.id)
    session.execute(update(OutboxMessage).values(leased_until=None))
    assert claim_all(session) == []


def test_waits_double_up_to_the_cap_and_a_message_that_fails_twelve_times_is_failed_until_retried(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.EMAIL, key="one")
    waits = []
    for _attempt in range(outbox.MOST_ATTEMPTS):
        session.execute(update(OutboxMessage).values(due_at=clock.process_now(), leased_until=None))
        [claimed] = outbox.claim(session)
        outbox.retry_later(session, claimed, "no answer")
        waits.append(round(outbox.seconds_to_next(session)) if not _is_failed(session) else None)
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, None]
    outbox.retry(session, claimed.id)
    assert claim_all(session) == ["one"]


def test_what_must_be_retried_for_ever_never_fails(session: Session) -> None:
    outbox.enqueue(session, OutboxKind.WAKE, key="one")
    [row] = session.scalars(select(OutboxMessage)).all()
    outbox.retry_later(session, Claimed(row.id, row.kind, row.key, row.body, 400), "not yet", longest=timedelta(seconds=2), for_ever=True)
    assert 1.5 < outbox.seconds_to_next(session) <= 2
    assert not _is_failed(session)


def _is_failed(session: Session) -> bool:
    return session.scalars(select(OutboxMessage.failed_at)).one() is not None
