"""A sweep reads what may have changed and a slice of the rest, and nobody waits longer than a minute for its look."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from prefect.client.schemas.objects import FlowRun, State, StateType
from sqlalchemy import event, select, update

from campaigns import lifecycle
from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.ids import new_id
from flows import engine
from flows.rounds import Rounds
from flows.sweep_campaigns import sweep_campaigns
from tests.factories import NOW, Partnership, new_campaign
from workers import transactions
from workers.transactions import unit_of_work

LEAST = 10


class House:
    """Campaigns whose runs sleep, a Prefect that is asked for them, and a clock: what a sweep looked at, it asked Prefect for."""

    def __init__(self, made: Partnership, patch: pytest.MonkeyPatch) -> None:
        self.made, self.patch = made, patch
        self.rounds = Rounds(LEAST)
        self.astir, self.dead, self.asked, self.resumed = set[UUID](), set[UUID](), set[UUID](), set[UUID]()
        self.seconds = 1000.0
        patch.setattr(engine, "flow_runs", self.flow_runs)
        patch.setattr(engine, "resume", self.resumed.add)
        patch.setattr(engine, "start", lambda *_asked, **_named: new_id())
        patch.setattr(engine, "bury", lambda *_run: None)
        patch.setattr(clock, "awake_seconds", lambda: self.seconds)
        patch.setattr(lifecycle, "astir", lambda _session, ids, **_at: self.astir & set(ids))

    def flow_runs(self, ids: Iterable[UUID]) -> dict[UUID, FlowRun]:
        asked = set(ids)
        self.asked |= asked
        return {id_: FlowRun(flow_id=id_, state=State(type=StateType.PAUSED, timestamp=NOW)) for id_ in asked - self.dead}

    def begin(self, count: int) -> None:
        """So many further campaigns that wait for people."""
        campaign = self.made.campaign
        with unit_of_work() as session:
            session.add_all(
                Campaign(title="Quiet", brand_id=campaign.brand_id, owner_id=campaign.owner_id, created_at=NOW, flow_run_id=new_id())
                for _each in range(count)
            )

    def sweep(self, after: float = 2.0) -> set[UUID]:
        """The runs that a sweep asked for, so many seconds after the one before."""
        self.seconds += after
        self.asked = set()
        sweep_campaigns(self.rounds)
        return self.asked

    def campaigns(self) -> list[Campaign]:
        with unit_of_work() as session:
            return list(session.scalars(select(Campaign).where(Campaign.title == "Quiet").order_by(Campaign.id)))

    def wake(self, campaign_id: UUID) -> None:
        with unit_of_work() as session:
            session.execute(update(Campaign).where(Campaign.id == campaign_id).values(wake=Campaign.wake + 1))


@pytest.fixture
def house(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> House:
    return made_house(monkeypatch)


def made_house(patch: pytest.MonkeyPatch) -> House:
    with unit_of_work() as session:
        made = new_campaign(session)
        session.execute(update(Campaign).where(Campaign.id == made.id).values(flow_run_id=new_id(), seen=Campaign.wake))
    return House(made, patch)


@contextmanager
def read() -> Iterator[list[int]]:
    """How many rows each statement of the block gave or touched."""
    rows: list[int] = []
    note = lambda *told: rows.append(max(0, told[1].rowcount))  # noqa: E731
    event.listen(transactions.engine(), "after_cursor_execute", note)
    try:
        yield rows
    finally:
        event.remove(transactions.engine(), "after_cursor_execute", note)


def cost(house: House) -> tuple[int, int]:
    """The statements of a sweep a moment after another, and the rows that they read."""
    house.sweep(0.1)
    with read() as rows:
        house.sweep(0.1)
    return len(rows), sum(rows)


def test_the_first_look_and_the_look_after_the_clock_was_moved_are_at_everyone(house: House) -> None:
    house.begin(40)
    assert [len(house.sweep()) for _sweep in range(2)] == [41, LEAST]
    with unit_of_work() as session:
        clock.move_clock(session, timedelta(days=1))
    assert [len(house.sweep()) for _sweep in range(2)] == [41, LEAST]


def test_what_a_sweep_asks_and_reads_does_not_grow_with_those_who_wait(house: House) -> None:
    house.begin(40)
    house.sweep()
    few = cost(house)
    house.begin(160)
    house.sweep(60)
    assert cost(house) == few
    assert few[1] < 3 * LEAST


def test_whoever_was_woken_is_looked_at_by_the_next_sweep_and_once_more_only_while_not_at_rest(house: House) -> None:
    house.begin(40)
    house.sweep()
    house.sweep()
    last = house.campaigns()[-1]
    house.wake(last.id)
    assert [last.flow_run_id in house.sweep(0.1) for _sweep in range(2)] == [True, False]
    house.wake(last.id)
    house.astir = {last.id}
    assert [last.flow_run_id in house.sweep(0.1) for _sweep in range(2)] == [True, True]
    assert house.resumed == {last.flow_run_id}


def test_whoever_could_not_be_looked_at_because_prefect_was_away_is_looked_at_by_the_next_sweep(house: House) -> None:
    house.begin(40)
    house.sweep()
    with house.patch.context() as away:
        away.setattr(engine, "flow_runs", lambda _ids: 1 // 0)
        last = house.campaigns()[-1]
        house.wake(last.id)
        with pytest.raises(ZeroDivisionError):
            house.sweep(0.1)
    assert last.flow_run_id in house.sweep(0.1)


def test_a_campaign_without_a_run_gets_one_by_the_next_sweep(house: House) -> None:
    house.begin(40)
    house.sweep()
    last = house.campaigns()[-1]
    with unit_of_work() as session:
        session.execute(update(Campaign).where(Campaign.id == last.id).values(flow_run_id=None))
    house.sweep(0.1)
    assert house.campaigns()[-1].flow_run_id not in {None, last.flow_run_id}


class AnyWeather(RuleBasedStateMachine):
    """Campaigns come, are woken, and change without a word; sweeps come late: each change is seen within a minute."""

    patch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self.changed: dict[UUID, float] = {}
        self.woken: set[UUID] = set()

    @initialize(count=st.integers(1, 60))
    def begin(self, count: int) -> None:
        with unit_of_work() as session:
            session.execute(update(Campaign).values(title="Ended", done_at=NOW, flow_run_id=None))
        self.house = made_house(self.patch)
        self.house.begin(count)
        self.house.sweep()

    @rule(count=st.integers(1, 30))
    def more_begin(self, count: int) -> None:
        self.house.begin(count)

    @rule(which=st.integers(0, 100), in_prefect=st.booleans())
    def one_changes_without_a_wake(self, which: int, in_prefect: bool) -> None:
        campaign = self.one(which)
        if campaign.flow_run_id and in_prefect:
            self.house.dead.add(campaign.flow_run_id)
        else:
            self.house.astir.add(campaign.id)
        self.changed.setdefault(campaign.id, self.house.seconds)

    @rule(which=st.integers(0, 100))
    def one_is_woken(self, which: int) -> None:
        campaign = self.one(which)
        self.house.wake(campaign.id)
        self.woken.add(campaign.id)

    @rule(after=st.floats(0.1, 15), times=st.integers(1, 5))
    def time_passes_in_sweeps(self, after: float, times: int) -> None:
        for _time in range(times):
            runs = {each.id: each.flow_run_id for each in self.house.campaigns()}
            asked = self.house.sweep(after)
            assert {id_ for id_ in self.woken if runs[id_] not in asked} == set()
            self.woken.clear()
            self.changed = {id_: since for id_, since in self.changed.items() if runs[id_] not in asked}

    @invariant()
    def no_change_is_older_than_a_minute(self) -> None:
        assert [id_ for id_, since in self.changed.items() if self.house.seconds - since > 60] == []

    def one(self, which: int) -> Campaign:
        campaigns = self.house.campaigns()
        return campaigns[which % len(campaigns)]


def test_a_campaign_that_changes_without_a_wake_is_looked_at_within_a_minute_however_late_the_sweeps(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    AnyWeather.patch = monkeypatch
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.generate]
    run_state_machine_as_test(
        AnyWeather,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=slow, phases=phases
        ),
    )
