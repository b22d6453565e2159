"""Processes as the system counts them: how many a machine runs, which must end, and which are known to be gone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from campaigns.core import clock, flow_processes, heartbeat
from campaigns.core.flow_processes import PATIENCE, SECOND_LOOK, WORKER_IS_LOST_AFTER, FlowProcess, WorkerProcess
from campaigns.core.ids import new_id
from flows.hands import Condemned, RunSlots
from flows.supervise import process
from flows.sweep import end_processes
from tests.installation import wait_for
from workers.transactions import unit_of_work

pytestmark = pytest.mark.usefixtures("fresh_database")
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def hands() -> RunSlots:
    """Those of a worker on a machine with two places."""
    return RunSlots(2)


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does nothing."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as asleep:
        yield asleep
        asleep.kill()


def runs(*carried: UUID | None) -> dict[UUID, UUID | None]:
    """A flow run for each of these things to carry."""
    return {new_id(): each for each in carried}


def rows(**columns: Any) -> list[FlowProcess]:
    """Every process, oldest first; with `columns` after they were given these."""
    with unit_of_work() as session:
        if columns:
            session.execute(update(FlowProcess).values(columns))
        return list(session.scalars(select(FlowProcess).order_by(FlowProcess.taken_at, FlowProcess.id)))


def ended() -> list[bool]:
    return [each.ended_at is not None for each in rows()]


def condemned() -> list[bool]:
    return [each.condemned_at is not None for each in rows()]


def spawned(hands: RunSlots, asleep: "subprocess.Popen[bytes]") -> UUID:
    """A flow run in its process."""
    [run] = hands.take(runs(new_id()))
    hands.spawn(run)
    hands.started(run, asleep.pid)
    return run


def test_a_machine_has_so_many_places_for_processes_whichever_of_its_workers_takes_them(hands: RunSlots) -> None:
    other = RunSlots(2)
    other.worker = WorkerProcess(hands.worker.machine, "here:2", process.identity(os.getppid()) or "")
    wanted = runs(new_id(), None, new_id())
    first, second, third = wanted
    assert (hands.take({first: wanted[first]}), hands.is_full) == ({first}, False)
    assert (other.take(wanted), other.is_full) == ({second}, True)
    assert (hands.take(wanted), hands.is_full) == (set(), True)
    other.drop(second)
    other.look()
    assert hands.take({third: wanted[third]}) == {third}


def test_what_is_carried_is_never_carried_by_a_second_process_before_the_first_is_known_to_be_gone(hands: RunSlots) -> None:
    carried = new_id()
    [first, second] = ids = list(runs(carried, carried))
    assert (hands.take(dict.fromkeys(ids, carried)), hands.take({second: carried}), hands.take({first: carried})) == ({first}, set(), set())
    with pytest.raises(IntegrityError, match="uq_flow_process_carried_id_alive"), unit_of_work() as session:
        session.add(FlowProcess(flow_run_id=second, carried_id=carried, machine="m", worker="w", worker_process="p"))
    hands.drop(first)
    hands.look()
    assert hands.take({second: carried}) == {second}


def test_a_process_that_is_silent_for_long_and_still_is_at_a_second_look_is_ended_by_its_worker(
    hands: RunSlots, sleeper: "subprocess.Popen[bytes]"
) -> None:
    run, long_ago = spawned(hands, sleeper), clock.process_now() - PATIENCE - A_SECOND
    assert (end_processes(), condemned()) == (0, [False])
    rows(heard_at=long_ago)
    assert (end_processes(), condemned()) == (0, [False])
    rows(silent_since=clock.process_now() - SECOND_LOOK - A_SECOND)
    assert (end_processes(), condemned()) == (1, [True])
    hands.look()
    assert (sleeper.wait(10), ended()) == (-9, [False])
    hands.drop(run)
    hands.look()
    assert ended() == [True]


def test_who_was_asked_for_a_process_and_gave_none_in_time_is_ended() -> None:
    ends: list[str] = []
    hands = RunSlots(2, lambda: ends.append("ended"))
    asked_for, other = hands.take(runs(new_id(), new_id()))
    hands.spawn(asked_for)
    rows(condemned_at=clock.process_now())
    hands.look()
    assert (ends, other in hands.holding) == (["ended"], True)


def test_a_process_that_is_heard_of_between_two_looks_goes_on(hands: RunSlots, sleeper: "subprocess.Popen[bytes]") -> None:
    spawned(hands, sleeper)
    rows(heard_at=clock.process_now(), silent_since=clock.process_now() - SECOND_LOOK - A_SECOND)
    assert (end_processes(), condemned()) == (0, [False])


def test_the_patience_with_silence_follows_what_processes_on_the_machine_take_to_start(hands: RunSlots) -> None:
    now = clock.process_now()
    quick, slow = new_id(), new_id()
    hands.take({quick: quick})
    rows(spawned_at=now - PATIENCE * 2, began_at=now - PATIENCE * 2 + 20 * A_SECOND, ended_at=now)
    with unit_of_work() as session:
        flow_processes.take(session, WorkerProcess("elsewhere", "elsewhere:1", "1@1"), {slow: slow}, 1)
    hands.take({slow: slow})
    hands.take({quick: quick})
    with unit_of_work() as session:
        times = {"spawned_at": now - PATIENCE - 10 * A_SECOND, "silent_since": now - SECOND_LOOK - A_SECOND}
        session.execute(update(FlowProcess).where(FlowProcess.ended_at.is_(None)).values(times))
    end_processes()
    assert {(each.machine == "elsewhere", each.condemned_at is not None) for each in rows() if not each.ended_at} == {
        (True, True), (False, False),
    }  # fmt: skip


def test_a_process_that_was_condemned_before_it_was_started_is_not_started(hands: RunSlots) -> None:
    [run] = hands.take(runs(new_id()))
    rows(condemned_at=clock.process_now())
    with pytest.raises(Condemned):
        hands.spawn(run)


def test_of_a_worker_that_is_gone_the_next_one_ends_what_still_lives_and_notes_what_does_not(
    hands: RunSlots, sleeper: "subprocess.Popen[bytes]"
) -> None:
    spawned(hands, sleeper)
    [row] = rows(process=process.identity(sleeper.pid))
    successor = RunSlots(2)
    successor.worker = WorkerProcess(row.machine, "here:2", "2@2")
    successor.look()
    assert (sleeper.poll(), ended()) == (None, [False])
    rows(worker_process="999999999@1")
    successor.look()
    sleeper.wait(10)

    def has_ended() -> bool:
        successor.look()
        return ended() == [True]

    wait_for(has_ended)


def worker_heard(ago: timedelta) -> None:
    with unit_of_work() as session:
        session.execute(update(heartbeat.Heartbeat).values(beat_at=clock.process_now() - ago))


def second_look() -> list[bool]:
    """Which processes count as gone at one look, and which at another a while later."""
    end_processes()
    first = ended()
    with unit_of_work() as session:
        a_while = SECOND_LOOK + A_SECOND
        session.execute(update(FlowProcess).values(silent_since=FlowProcess.silent_since - a_while))
    end_processes()
    return first + ended()


def test_a_machine_that_is_not_heard_of_for_minutes_nor_at_a_second_look_counts_as_gone_and_one_that_is_does_not(hands: RunSlots) -> None:
    hands.take(runs(new_id()))
    hands.look()
    rows(taken_at=clock.process_now() - 2 * WORKER_IS_LOST_AFTER)
    assert second_look() == [False, False]
    worker_heard(WORKER_IS_LOST_AFTER + A_SECOND)
    assert second_look() == [False, True]


def test_after_minutes_in_which_postgresql_stood_still_nobody_counts_as_gone_who_is_heard_of_again(hands: RunSlots) -> None:
    hands.take(runs(new_id()))
    hands.look()
    rows(taken_at=clock.process_now() - 2 * WORKER_IS_LOST_AFTER)
    worker_heard(WORKER_IS_LOST_AFTER + A_SECOND)
    end_processes()
    hands.look()
    rows(silent_since=clock.process_now() - SECOND_LOOK - A_SECOND)
    end_processes()
    assert ended() == [False]


def test_a_process_that_is_heard_of_itself_is_not_gone_though_its_worker_is_silent(hands: RunSlots) -> None:
    [run] = hands.take(runs(new_id()))
    hands.look()
    hands.spawn(run)
    rows(taken_at=clock.process_now() - 2 * WORKER_IS_LOST_AFTER, heard_at=clock.process_now())
    worker_heard(WORKER_IS_LOST_AFTER + A_SECOND)
    assert second_look() == [False, False]


def test_a_worker_whose_processes_count_as_gone_ends_them(hands: RunSlots, sleeper: "subprocess.Popen[bytes]") -> None:
    spawned(hands, sleeper)
    rows(ended_at=clock.process_now())
    hands.look()
    assert sleeper.wait(10) == -9


def test_a_worker_is_overloaded_since_runs_waited_too_long_for_a_place_and_until_none_does(hands: RunSlots) -> None:
    now = clock.process_now()

    def told() -> bool:
        hands.look()
        with unit_of_work() as session:
            return next(life.overloaded_since for life in heartbeat.lives(session) if life.program == "worker") is not None

    seen = []
    for waits_since in (None, now - 5 * A_SECOND, now - 16 * A_SECOND, now - 30 * A_SECOND, None):
        hands.note_waiting(waits_since, 15)
        seen.append(told())
    assert seen == [False, False, True, True, False]
