"""A clock that jumps back: nothing is done a second time, and nothing that was closed opens again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from campaigns import digest, lifecycle
from campaigns.core import access, clock, outbox
from campaigns.core.access import SignInLink
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import NotSignedIn
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import Stage
from campaigns.open_call.call.queries import call_page
from campaigns.open_call.contributions.actions import contribute
from campaigns.open_call.errors import CallClosed
from campaigns.payout.runs.actions import enqueue_quote
from tests import factories
from tests.campaigns.payout.runs.bureau import due_now, items, released, send
from tests.treasury import Treasury, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def jump_back(session: Session, by: timedelta) -> None:
    """What a process clock that was put back finds in the outbox: moments that lie further ahead than they did."""
    moments = {name: getattr(OutboxMessage, name) + by for name in ("enqueued_at", "due_at", "leased_until", "done_at", "failed_at")}
    session.execute(update(OutboxMessage).values(moments))
    session.expire_all()


def claimed(session: Session) -> list[str]:
    return sorted(message.key for message in outbox.claim(session))


def test_a_message_that_is_done_or_is_being_handled_is_not_handled_again_and_one_that_waits_only_waits_longer(session: Session) -> None:
    for key in ("done", "leased", "failed"):
        outbox.enqueue(session, OutboxKind.BATCH_OVER, key=key, batch=key)
    now = clock.process_now()
    assert claimed(session) == ["done", "failed", "leased"]
    session.execute(update(OutboxMessage).where(OutboxMessage.key == "done").values(done_at=now))
    session.execute(update(OutboxMessage).where(OutboxMessage.key == "failed").values(failed_at=now))
    outbox.enqueue(session, OutboxKind.BATCH_OVER, key="waits", batch="waits", due_at=now)
    jump_back(session, HOUR)
    assert claimed(session) == []
    jump_back(session, -2 * HOUR)
    assert claimed(session) == ["leased", "waits"]


def test_a_call_that_was_seen_to_close_stays_closed_and_its_deliverables_stay_where_they_are(session: Session) -> None:
    made = factories.opened_call(session)
    ana = factories.person(session, "Ana")
    close = factories.NOW + 14 * DAY
    assert lifecycle.move_on(session, made.id, at=close + HOUR)
    stood = [(deliverable.stage, deliverable.visit) for deliverable in deliverables_of(session, made.id)]
    assert {stage for stage, _visit in stood} == {Stage.COLLABORATION}
    with pytest.raises(CallClosed):
        contribute(session, made.id, factories.entry(session, ana), by=ana, at=close - DAY)
    assert call_page(session, made.id, by=ana, at=close - DAY).is_open is False
    assert not lifecycle.move_on(session, made.id, at=close - DAY)
    assert [(deliverable.stage, deliverable.visit) for deliverable in deliverables_of(session, made.id)] == stood


def test_a_week_and_a_day_that_began_do_not_begin_again(session: Session) -> None:
    factories.in_delivery(session)
    assert len(digest.begin_week(session, at=MONDAY)) > 0
    enqueue_quote(session, MONDAY)
    enqueue_quote(session, MONDAY - DAY)
    before = len(session.scalars(select(OutboxMessage.id)).all())
    assert (digest.begin_week(session, at=MONDAY - 3 * DAY), digest.begin_week(session, at=MONDAY + HOUR)) == ([], [])
    enqueue_quote(session, MONDAY - DAY)
    enqueue_quote(session, MONDAY)
    assert len(session.scalars(select(OutboxMessage.id)).all()) == before


def test_a_sign_in_link_that_was_spent_stays_spent(session: Session) -> None:
    secret = access.make_link(session, factories.person(session).person)
    access.use_link(session, secret)
    session.execute(update(SignInLink).values(expires_at=SignInLink.expires_at + DAY, used_at=SignInLink.used_at + DAY))
    with pytest.raises(NotSignedIn):
        access.use_link(session, secret)


def test_nobody_is_paid_twice_when_the_clock_jumps_back_before_an_answer_came(treasury: Treasury) -> None:
    treasury.pass_time(5 * HOUR)
    treasury.payee(1_000)
    run_id = released(treasury)
    treasury.line.faults.append(("/v1/transfers", "lose the answer"))
    send(run_id)
    assert items(run_id) == [(1_000, "unknown", 1)]
    with unit_of_work() as session:
        session.execute(text("delete from clock_move"))
    due_now(run_id)
    send(run_id)
    assert (items(run_id), [amount for _account, amount in treasury.transfers()]) == ([(1_000, "sent", 1)], [1_000])
    due_now(run_id)
    send(run_id)
    assert len(treasury.transfers()) == 1
