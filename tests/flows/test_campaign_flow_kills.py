"""Whatever is killed, or frozen, or lost: a campaign's flow finds its place again, and nothing is done twice."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Failed
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.stages import Stage
from campaigns.installation import checks as installation_checks
from flows import engine
from flows.supervise import database
from tests.factories import Partnership
from tests.flows.engine_room import (
    LATE,
    SOON,
    at_work,
    brand_new,
    calling,
    close,
    collaborating,
    frozen,
    has_pulse,
    is_ready,
    present_run,
    processes_of,
    row,
    run_of,
    runs_of,
    send_back,
    send_in,
    stages,
    wait_on_prefect,
    wait_until_asleep,
)
from tests.installation import Installation, wait_for
from workers.transactions import unit_of_work

MORE_THAN_IT_CAN_DO_AT_ONCE = 6


@pytest.fixture(scope="module")
def survivors() -> dict[Callable[[], Partnership], Partnership]:
    """The campaigns that outlived one test go into the next, by how they began."""
    return {}


@pytest.fixture
def made(on_stack: Installation, survivors: dict[Callable[[], Partnership], Partnership]) -> Partnership:
    """A campaign that sleeps while its call is open."""
    return asleep(survivors, calling)


@pytest.fixture
def other(on_stack: Installation, survivors: dict[Callable[[], Partnership], Partnership]) -> Partnership:
    """A campaign that sleeps until it is said that its material is complete."""
    if collaborating in survivors:
        send_back(survivors[collaborating])
    return asleep(survivors, collaborating)


def asleep(survivors: dict[Callable[[], Partnership], Partnership], begin: Callable[[], Partnership]) -> Partnership:
    if begin not in survivors:
        survivors[begin] = begin()
    wait_until_asleep(survivors[begin])
    return survivors[begin]


def state_names(made: Partnership) -> dict[UUID, str | None]:
    return {run.id: run.state_name for run in runs_of(made)}


def gone_on(made: Partnership, contribution_id: UUID, since: UUID) -> UUID:
    """The run in which the campaign goes on, with the work made ready, after that of `since` was lost."""
    wait_for(lambda: is_ready(contribution_id), LATE)
    new = wait_until_asleep(made)
    assert new.id != since
    return new.id


def is_past(made: Partnership, generation: int) -> bool:
    return row(made).generation > generation


def restarted(up: Installation, name: str, old: int) -> None:
    wait_for(lambda: up.pid(name) != old, SOON)


def test_a_run_whose_process_is_killed_in_a_task_is_replaced(on_stack: Installation, made: Partnership) -> None:
    old = present_run(made)
    with at_work(on_stack, made) as (pid, contribution_id):
        os.kill(pid, signal.SIGKILL)
    new = gone_on(made, contribution_id, old.id)
    assert state_names(made) == {old.id: "Crashed", new: "Suspended"}


def test_a_run_whose_worker_is_killed_ends_with_it_and_is_replaced(on_stack: Installation, made: Partnership) -> None:
    old, before = present_run(made), state_names(made)
    worker = on_stack.pid("worker")
    with at_work(on_stack, made) as (_pid, contribution_id):
        os.kill(worker, signal.SIGKILL)
        wait_on_prefect(lambda: not processes_of(on_stack, old.id), SOON)
    restarted(on_stack, "worker", worker)
    new = gone_on(made, contribution_id, old.id)
    assert state_names(made) == before | {old.id: "Crashed", new: "Suspended"}


def test_a_run_is_forked_from_its_worker_s_warm_process_which_has_one_thread_and_with_which_it_ends(
    on_stack: Installation, made: Partnership
) -> None:
    old, before = present_run(made), state_names(made)
    with at_work(on_stack, made) as (pid, contribution_id):
        warm = parent_of(pid)
        assert (parent_of(warm), len(os.listdir(f"/proc/{warm}/task"))) == (on_stack.pid("worker"), 1)
        os.kill(warm, signal.SIGKILL)
        wait_on_prefect(lambda: not processes_of(on_stack, old.id), SOON)
    new = gone_on(made, contribution_id, old.id)
    assert state_names(made) == before | {old.id: "Crashed", new: "Suspended"}


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_kill_of_prefects_server_loses_nothing(on_stack: Installation, made: Partnership, other: Partnership) -> None:
    server = on_stack.pid("prefect")
    with at_work(on_stack, made) as (_pid, contribution_id):
        os.kill(server, signal.SIGKILL)
        close(other)
    restarted(on_stack, "prefect", server)
    wait_for(lambda: is_ready(contribution_id) and stages(other) == [Stage.CURATION], LATE)
    wait_until_asleep(made)
    wait_until_asleep(other)


def test_a_kill_of_postgresql_under_a_running_flow_loses_nothing(on_stack: Installation, made: Partnership, other: Partnership) -> None:
    with pytest.raises(OperationalError), at_work(on_stack, made) as (_pid, contribution_id):
        kill(on_stack, "postgres")
    wait_for(lambda: opens(on_stack), SOON)
    close(other)
    wait_for(lambda: is_ready(contribution_id) and stages(other) == [Stage.CURATION], LATE)
    assert (wait_until_asleep(made).state_name, wait_until_asleep(other).state_name) == ("Suspended", "Suspended")
    with unit_of_work() as session:
        assert installation_checks.broken(session) == []


def kill(up: Installation, name: str) -> None:
    """Kill a program and see it restarted."""
    pid = up.pid(name)
    os.kill(pid, signal.SIGKILL)
    restarted(up, name, pid)


def opens(up: Installation) -> bool:
    """Whether its database lets someone in."""
    try:
        psycopg.connect(up.settings.libpq_url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_run_that_ends_badly_again_and_again_is_replaced_after_a_longer_pause_each_time(on_stack: Installation) -> None:
    made, pauses = brand_new(), []
    wait_until_asleep(made)
    for _again in range(3):
        old = present_run(made)
        wait_on_prefect(partial(replaced_or_failed, made, old))
        new = present_run(made)
        assert new.expected_start_time is not None
        assert new.created is not None
        pauses.append(new.expected_start_time - new.created)
    assert (sorted(set(pauses)), row(made).generation) == (pauses, 4)
    wait_until_asleep(made)


def replaced_or_failed(made: Partnership, old: FlowRun) -> bool:
    """Whether the run is replaced; else it is ended badly once more, because a worker that was just about to start it revives it."""
    new = run_of(made)
    if new and new.id != old.id:
        return True
    engine.client().set_flow_run_state(old.id, Failed(), force=True)
    return False


def test_a_message_that_a_relay_took_and_died_with_is_handled_once_its_lease_is_over(on_stack: Installation) -> None:
    made = collaborating()
    wait_until_asleep(made)
    relay = on_stack.pid("relay")
    with frozen(on_stack.pid("sweep")):
        with frozen(relay):
            close(made)
            with unit_of_work() as session:
                assert [each.body["campaign"] for each in outbox.claim(session, 50) if each.kind == OutboxKind.WAKE] == [str(made.id)]
            os.kill(relay, signal.SIGKILL)
        restarted(on_stack, "relay", relay)
        assert stages(made) == [Stage.COLLABORATION]
        wait_for(lambda: stages(made) == [Stage.CURATION], SOON)
    wait_until_asleep(made)


def test_frozen_runs_are_ended_by_their_worker_and_only_then_replaced(on_stack: Installation, made: Partnership) -> None:
    """One is frozen before it writes, the other in the very transaction that holds its campaign."""
    before, within = calling(), made
    old_before, old_within = wait_until_asleep(before), wait_until_asleep(within)
    generations = (row(before).generation, row(within).generation)
    with at_work(on_stack, within) as (pid_within, work_within):
        os.kill(pid_within, signal.SIGSTOP)
    works_before = [send_in(before) for _contribution in range(MORE_THAN_IT_CAN_DO_AT_ONCE)]
    wait_on_prefect(lambda: processes_of(on_stack, old_before.id))
    [pid_before] = processes_of(on_stack, old_before.id)
    wait_for(lambda: has_pulse(before), LATE)
    os.kill(pid_before, signal.SIGSTOP)
    assert not is_ready(works_before[-1])
    for campaign, generation, pid in ((before, generations[0], pid_before), (within, generations[1], pid_within)):
        wait_for(partial(is_past, campaign, generation), LATE)
        assert not Path(f"/proc/{pid}").exists()
    wait_for(lambda: all(map(is_ready, [work_within, *works_before])), LATE)
    new_before, new_within = wait_until_asleep(before), wait_until_asleep(within)
    assert state_names(before)[new_before.id] == state_names(within)[new_within.id] == "Suspended"
    assert state_names(before)[old_before.id] == state_names(within)[old_within.id] == "Crashed"
    assert (row(before).generation, row(within).generation) == (generations[0] + 1, generations[1] + 1)


def test_once_prefects_database_is_lost_the_sweep_deploys_again_and_every_campaign_gets_its_run(
    on_stack: Installation, made: Partnership, other: Partnership
) -> None:
    lost = {row(made).flow_run_id, row(other).flow_run_id}
    server = on_stack.pid("prefect")
    with at_work(on_stack, made) as (_pid, contribution_id):
        lose_database(on_stack.settings.prefect_database_url)
        os.kill(server, signal.SIGKILL)
        restarted(on_stack, "prefect", server)
    wait_for(lambda: is_ready(contribution_id), LATE)
    assert not {wait_until_asleep(other).id, wait_until_asleep(made).id} & lost
    close(other)
    wait_for(lambda: stages(other) == [Stage.CURATION], LATE)
    assert {each.name for each in engine.client().read_deployments()} == {"campaign", "quote-payouts", "send-payouts", "reconcile"}


def lose_database(url: str) -> None:
    """Drop Prefect's database and make an empty one in its place."""
    address = make_url(url).set(drivername="postgresql")
    with psycopg.connect(address.set(database="postgres").render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"drop database {address.database} with (force)")
    database.add_if_missing(url, "CALLBOARD_PREFECT_DATABASE_URL")


def test_a_campaign_without_a_run_gets_one_however_often_the_sweep_looks(on_stack: Installation) -> None:
    new = brand_new()
    run = wait_until_asleep(new)
    kill(on_stack, "sweep")
    assert (state_names(new), wait_until_asleep(new).id) == ({run.id: "Suspended"}, run.id)
