"""What the sweep makes of a campaign and its run, and what a run may write: without Prefect."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from sqlalchemy import select, update

from campaigns import lifecycle
from campaigns.core import clock, events, outbox
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.ids import new_id
from campaigns.core.outbox import Claimed, OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM
from campaigns.core.settings import settings
from flows import engine, sweep_campaigns, wakes
from flows import pulse as flow_pulse
from flows.hands import RunSlots
from flows.lives import ProcessState, life
from flows.mending import LONGEST_PAUSE, pause_after
from flows.pulse import RUNS, Carried, LeaseLost, fenced, living, pulse
from flows.sweep_campaigns import verdict
from tests.factories import NOW, Partnership, new_campaign
from tests.installation import wait_for
from workers.transactions import unit_of_work

ASTIR, STILL = True, False
GOES_ON, LINGERS, GONE = ProcessState.GOES_ON, ProcessState.LINGERS, ProcessState.GONE
SECONDS = timedelta(seconds=1)
LIVE, PAUSED, STOPPED = Campaign(flow_run_id=new_id()), Campaign(flow_run_id=new_id(), paused_at=NOW), Campaign(paused_at=NOW)
BEGUN, DONE, CANCELLED = Campaign(), Campaign(flow_run_id=new_id(), done_at=NOW), Campaign(flow_run_id=new_id(), cancelled_at=NOW)


def run_in(state: StateType, *, waited: timedelta = timedelta(), lived: timedelta = timedelta()) -> FlowRun:
    """A run that was created to start after `waited` and came into `state` when it had `lived`."""
    began = NOW + waited
    return FlowRun(flow_id=new_id(), created=NOW, expected_start_time=began, state=State(type=state, timestamp=began + lived))


@pytest.mark.parametrize(
    ("campaign", "state", "process", "is_astir", "expected"),
    [
        (BEGUN, None, GONE, STILL, "replace"),
        (LIVE, None, GONE, STILL, "replace"),
        (LIVE, None, GOES_ON, STILL, None),
        (LIVE, None, LINGERS, STILL, "condemn"),
        (PAUSED, None, GONE, STILL, "replace"),
        (STOPPED, None, GONE, ASTIR, None),
        (LIVE, StateType.SCHEDULED, GOES_ON, ASTIR, None),
        (LIVE, StateType.PENDING, GOES_ON, ASTIR, None),
        (LIVE, StateType.PENDING, GONE, STILL, "replace"),
        (LIVE, StateType.RUNNING, GOES_ON, ASTIR, None),
        (LIVE, StateType.RUNNING, GONE, STILL, "replace"),
        (LIVE, StateType.PAUSED, GOES_ON, STILL, None),
        (LIVE, StateType.PAUSED, GOES_ON, ASTIR, "resume"),
        (LIVE, StateType.PAUSED, LINGERS, ASTIR, "condemn"),
        (PAUSED, StateType.PAUSED, GOES_ON, STILL, None),
        (LIVE, StateType.CANCELLING, GOES_ON, ASTIR, None),
        (LIVE, StateType.CANCELLING, GONE, ASTIR, "pause"),
        (LIVE, StateType.CANCELLED, GOES_ON, ASTIR, "pause"),
        (LIVE, StateType.CANCELLED, GONE, ASTIR, "pause"),
        (LIVE, StateType.FAILED, GOES_ON, STILL, None),
        (LIVE, StateType.FAILED, LINGERS, STILL, "condemn"),
        (LIVE, StateType.FAILED, GONE, STILL, "replace"),
        (LIVE, StateType.CRASHED, GONE, STILL, "replace"),
        (LIVE, StateType.COMPLETED, GONE, STILL, "replace"),
        (DONE, StateType.PAUSED, GOES_ON, STILL, "end"),
        (DONE, StateType.COMPLETED, GONE, STILL, "forget"),
        (CANCELLED, StateType.RUNNING, GOES_ON, STILL, "end"),
        (CANCELLED, StateType.RUNNING, GONE, STILL, "forget"),
        (CANCELLED, StateType.CANCELLING, GOES_ON, STILL, None),
        (CANCELLED, StateType.CANCELLED, GONE, STILL, "forget"),
        (CANCELLED, None, GONE, STILL, "forget"),
    ],
)
def test_the_sweep_judges_a_campaign_by_its_row_its_run_its_process_and_whether_there_is_something_to_do(
    campaign: Campaign, state: StateType | None, process: ProcessState, is_astir: bool, expected: str | None
) -> None:
    assert verdict(campaign, run_in(state) if state else None, process, is_astir) == expected


@pytest.mark.parametrize(
    ("state", "held_for", "seconds", "expected"),
    [
        (StateType.RUNNING, None, 4, GOES_ON),
        (StateType.RUNNING, None, 6, GONE),
        (StateType.RUNNING, 100_000, 100_000, GOES_ON),
        (StateType.PENDING, None, 6, GONE),
        (StateType.PENDING, 100_000, 100_000, GOES_ON),
        (StateType.CANCELLING, None, 6, GONE),
        (StateType.SCHEDULED, None, 100_000, GOES_ON),
        (StateType.PAUSED, None, 100_000, GOES_ON),
        (StateType.PAUSED, 100, 59, GOES_ON),
        (StateType.PAUSED, 100, 61, LINGERS),
        (StateType.CRASHED, None, 0, GONE),
        (StateType.FAILED, 100, 9, GOES_ON),
        (StateType.FAILED, 100, 11, LINGERS),
        (StateType.FAILED, 9, 100, GOES_ON),
        (None, None, 0, GONE),
        (None, 9, 0, GOES_ON),
        (None, 11, 0, LINGERS),
    ],
)
def test_a_process_is_gone_only_when_no_worker_has_it_in_its_hands(
    state: StateType | None, held_for: int | None, seconds: int, expected: ProcessState
) -> None:
    looked_at = NOW + seconds * SECONDS
    held_since = looked_at - held_for * SECONDS if held_for is not None else None
    assert life(run_in(state).state if state else None, held_since, looked_at) is expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (None, 0),
        (run_in(StateType.COMPLETED), 0),
        (run_in(StateType.RUNNING), 1),
        (run_in(StateType.CRASHED, lived=3 * SECONDS), 1),
        (run_in(StateType.FAILED, waited=1 * SECONDS, lived=3 * SECONDS), 2),
        (run_in(StateType.FAILED, waited=2 * SECONDS), 4),
        (run_in(StateType.FAILED, waited=64 * SECONDS), 128),
        (run_in(StateType.FAILED, waited=512 * SECONDS), 600),
        (run_in(StateType.FAILED, waited=64 * SECONDS, lived=LONGEST_PAUSE + SECONDS), 1),
    ],
)
def test_the_successor_of_a_run_that_fails_again_and_again_waits_twice_as_long_each_time_up_to_ten_minutes(
    run: FlowRun | None, expected: int
) -> None:
    assert pause_after(run) == expected * SECONDS


@pytest.fixture
def made(fresh_database: str) -> Partnership:
    with unit_of_work() as session:
        return new_campaign(session)


def note(made: Partnership, **columns: Any) -> None:
    with unit_of_work() as session:
        session.execute(update(Campaign).where(Campaign.id == made.id).values(columns))


def noted(made: Partnership) -> tuple[int, UUID | None]:
    with unit_of_work() as session:
        campaign = find_campaign(session, made.id, by=SYSTEM)
    return campaign.generation, campaign.flow_run_id


def write(made: Partnership, generation: int) -> None:
    with fenced(Carried(made.id, generation)) as session:
        session.execute(update(Campaign).where(Campaign.id == made.id).values(title=f"Written by {generation}"))


def title(made: Partnership) -> str:
    with unit_of_work() as session:
        return find_campaign(session, made.id, by=SYSTEM).title


def test_only_the_present_generation_may_write(made: Partnership) -> None:
    note(made, generation=2)
    with pytest.raises(LeaseLost):
        write(made, 1)
    assert title(made) == "Holiday traditions"
    write(made, 2)
    assert title(made) == "Written by 2"


@pytest.mark.parametrize("ended", ["done_at", "cancelled_at"])
def test_nobody_may_write_once_the_campaign_has_ended(made: Partnership, ended: str) -> None:
    note(made, generation=2, **{ended: NOW})
    with pytest.raises(LeaseLost):
        write(made, 2)
    assert title(made) == "Holiday traditions"


def test_a_pulse_is_seen_while_it_beats_and_a_successor_takes_it_over(made: Partnership) -> None:
    with pulse(RUNS, 7):
        assert beating() == {7}
        with pulse(RUNS, 7):
            assert beating() == {7}
    wait_for(lambda: beating() == set())


def test_a_process_that_keeps_its_lock_but_is_frozen_has_no_pulse(made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_pulse, "BEAT", SECONDS / 20)
    monkeypatch.setattr(flow_pulse, "SILENT", SECONDS / 2)
    with psycopg.connect(settings().libpq_url) as frozen, pulse(RUNS, 8):
        frozen.execute("select pg_advisory_lock(%s, %s)", (RUNS, 7))
        frozen.commit()
        wait_for(lambda: beating() == {8}, 5)
        with pulse(RUNS, 7):
            assert beating() == {7, 8}


def beating() -> set[int]:
    with unit_of_work() as session:
        return living(session, RUNS)


class Started(list[tuple[str, int]]):
    """The keys and generations of the runs that were asked for; the same key gives the same run."""

    def __init__(self) -> None:
        self.runs: dict[str, UUID] = {}
        self.dies = False

    def __call__(self, _deployment: str, *, key: str, parameters: dict[str, Any], **_named: Any) -> UUID:
        self.append((key, parameters["generation"]))
        run_id = self.runs.setdefault(key, new_id())
        if self.dies:
            raise ConnectionResetError
        return run_id


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr(engine, "start", started)
    monkeypatch.setattr(engine, "bury", lambda *_run: None)
    return started


def replace(made: Partnership) -> None:
    with unit_of_work() as session:
        campaign = find_campaign(session, made.id, by=SYSTEM)
    sweep_campaigns.replace(campaign, None)


def test_a_sweep_that_dies_before_it_has_noted_the_run_finds_the_same_run_again(made: Partnership, started: Started) -> None:
    started.dies = True
    with pytest.raises(ConnectionResetError):
        replace(made)
    started.dies = False
    replace(made)
    key = f"campaign-{made.id}-1"
    assert (list(started), noted(made)) == ([(key, 1), (key, 1)], (1, started.runs[key]))


def test_each_replacement_is_a_generation_of_its_own_and_of_two_sweeps_that_see_the_same_one_replaces(
    made: Partnership, started: Started
) -> None:
    replace(made)
    with unit_of_work() as session:
        seen_by_both = find_campaign(session, made.id, by=SYSTEM)
    sweep_campaigns.replace(seen_by_both, None)
    sweep_campaigns.replace(seen_by_both, None)
    assert [generation for _key, generation in started] == [1, 2]
    assert noted(made) == (2, started.runs[f"campaign-{made.id}-2"])


def test_an_old_run_does_not_touch_the_pulse_of_the_present_one(made: Partnership) -> None:
    from flows.campaign import number_of

    note(made, generation=2)
    with pytest.raises(LeaseLost):
        number_of(Carried(made.id, 1))
    assert number_of(Carried(made.id, 2)) == made.campaign.number


def test_a_wake_up_for_a_campaign_whose_run_an_operator_stopped_is_done(made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "astir", lambda _session, ids, **_at: set(ids))
    message = Claimed(new_id(), OutboxKind.WAKE, "key", {"campaign": str(made.id), "wake": 1}, 1)
    note(made, wake=1)
    with pytest.raises(wakes.NotYet):
        wakes.wake(message)
    note(made, wake=1, paused_at=clock.process_now())
    wakes.wake(message)


def test_prefect_is_not_asked_to_wake_what_a_process_carries(made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[UUID] = []
    monkeypatch.setattr(lifecycle, "astir", lambda _session, ids, **_at: set(ids))

    def resume(run_id: UUID) -> bool:
        asked.append(run_id)
        return True

    monkeypatch.setattr(engine, "resume", resume)
    message = Claimed(new_id(), OutboxKind.WAKE, "key", {"campaign": str(made.id), "wake": 1}, 1)
    run_id = new_id()
    note(made, wake=1, flow_run_id=run_id)
    hands = RunSlots(1)
    hands.take({run_id: made.id})
    with pytest.raises(wakes.NotYet):
        wakes.wake(message)
    hands.drop(run_id)
    hands.look()
    wakes.wake(message)
    assert asked == [run_id]


def test_all_wake_ups_of_a_campaign_are_one_message_and_none_is_lost_that_comes_while_one_is_handled(made: Partnership) -> None:
    def wake_again() -> None:
        with unit_of_work() as session:
            events.wake(session, made.id)

    def open_messages() -> list[int]:
        with unit_of_work() as session:
            return [
                p.body["wake"]
                for p in session.scalars(
                    select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.WAKE, OutboxMessage.done_at.is_(None))
                )
            ]

    for _again in range(3):
        wake_again()
    latest = row_of(made).wake
    assert open_messages() == [latest]
    with unit_of_work() as session:
        [claimed] = [each for each in outbox.claim(session, 50) if each.kind == OutboxKind.WAKE]
    wake_again()
    with unit_of_work() as session:
        outbox.retry_later(session, claimed, "NotYet", for_ever=True)
        outbox.mark_done(session, claimed.id, claimed.body)
    with unit_of_work() as session:
        [again] = [each for each in outbox.claim(session, 50) if each.kind == OutboxKind.WAKE]
        assert (again.id, again.body["wake"], again.attempts) == (claimed.id, latest + 1, 1)
        outbox.mark_done(session, again.id, again.body)
    assert open_messages() == []


def row_of(made: Partnership) -> Campaign:
    with unit_of_work() as session:
        return find_campaign(session, made.id, by=SYSTEM)
