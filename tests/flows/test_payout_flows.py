"""The flows of payout runs, run by Prefect, and what the sweep makes of a run that stands still."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.schedules import CronSchedule
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.payout.runs.actions import QUOTE_FLOW
from campaigns.payout.runs.models import Payout, PayoutRun
from flows import engine, sweep_runs
from flows.lives import ProcessState
from flows.payout_run import quote, send
from flows.pulse import RUNS, pulse
from flows.reconcile import reconcile
from flows.schedules import Schedules
from flows.sweep_runs import DEEDS, verdict
from notifications.sender import NotTaken
from tests.campaigns.payout.runs.bureau import all_is_well, due_now, items, release, run_state
from tests.treasury import Treasury, now, treasury
from workers.emails import suppressions
from workers.emails.suppressions import Pulled
from workers.payout import reconciliation
from workers.transactions import unit_of_work

__all__ = ["treasury"]


pytestmark = pytest.mark.usefixtures("own_prefect")


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(suppressions, "pull_suppressions", lambda: Pulled(new=0, gone=0))


def only_run() -> PayoutRun:
    with unit_of_work() as session:
        return session.scalars(select(PayoutRun)).one()


def outcome(flow: object, *given: object) -> str:
    return str(flow(*given, return_state=True).name)  # type: ignore[operator]


def scheduled(monkeypatch: pytest.MonkeyPatch, cron: str, *, active: bool = True) -> None:
    """What Prefect's page shows of the quote: its schedule, in place of the one before."""
    schedule = DeploymentScheduleCreate(schedule=CronSchedule(cron=cron, timezone="UTC"), active=active)
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("quote-payouts")
        deployed = client.create_deployment(flow_id=flow_id, name="quote-payouts")
        for each in client.read_deployment_schedules(deployed):
            client.delete_deployment_schedule(deployed, each.id)
        client.create_deployment_schedules(deployed, [(schedule.schedule, active)])
    monkeypatch.setattr(sweep_runs, "QUOTES", Schedules(QUOTE_FLOW))


def enqueued_quotes() -> list[dict[str, Any]]:
    with unit_of_work() as session:
        return list(session.scalars(select(OutboxMessage.body).where(OutboxMessage.key.like("quote-%")).order_by(OutboxMessage.id)).all())


def test_quoted_released_sent_closed_and_reconciled(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled(monkeypatch, "0 6 * * *")
    treasury.payee(5_000), treasury.payee(6_000)
    assert (outcome(quote), outcome(quote), run_state(only_run().id)) == ("Completed", "Completed", ("quoted", 0))
    run = only_run()
    assert run.sequence.endswith(" 06:00")
    release(treasury, run.id)
    assert outcome(send, str(run.id), 1) == "Closed"
    assert (run_state(run.id), [state for _amount, state, _attempt in items(run.id)]) == (("closed", 1), ["sent", "sent"])
    assert (outcome(reconcile), only_run().flow_run_id is not None, all_is_well()) == ("Agreed", True, [])


def shown(key: str) -> tuple[str | None, Any]:
    """The newest artifact of this key on Prefect's page: what it is called, and its rows."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    _created, description, data = max((each.created, each.description, str(each.data)) for each in found if each.created)
    return description, json.loads(data)


def test_prefects_page_says_who_cannot_be_paid_how_far_a_run_is_and_what_the_provider_has_otherwise(treasury: Treasury) -> None:
    treasury.payee(5_000), treasury.payee(6_000)
    treasury.earn(treasury.person().person, 700)
    quote()
    run = only_run()
    release(treasury, run.id)
    assert shown("unpayable") == ("Who cannot be paid, and why", [{"currency": "USD", "reason": "no_account", "people": 1}])
    send(str(run.id), 1), reconcile()
    assert shown(f"payout-run-{run.number}") == (f"Progress of payout run {run.number}", [{"state": "sent", "items": 2}])
    assert shown("reconciliation") == ("Differences between the provider and our records", [])
    foreign = treasury.stripe.transfer(treasury.stripe.payable(), 100)
    assert outcome(reconcile) == "Differences"
    rows = [
        {"kind": "foreign", "subject": foreign.id, "difference": None},
        {"kind": "balance", "subject": "USD:available", "difference": 100},
    ]
    assert shown("reconciliation") == ("Differences between the provider and our records", rows)
    assert shown("suppressions") == ("Changes from SendGrid's lists to our records", [{"new": 0, "gone": 0}])


def test_a_flow_of_an_older_generation_ends_without_a_word_to_stripe(treasury: Treasury) -> None:
    treasury.payee()
    quote()
    release(treasury, only_run().id)
    assert (outcome(send, str(only_run().id), 0), treasury.transfers()) == ("Superseded", [])


def test_a_second_flow_takes_the_pulse_over_and_pays_nobody_twice(treasury: Treasury) -> None:
    treasury.payee()
    quote()
    run = only_run()
    release(treasury, run.id)
    with pulse(RUNS, run.number):
        assert outcome(send, str(run.id), 1) == "Closed"
    assert (outcome(send, str(run.id), 1), len(treasury.transfers())) == ("Superseded", 1)


def test_a_long_wait_ends_the_process_and_the_run_stays_released(treasury: Treasury) -> None:
    treasury.payee()
    quote()
    run = only_run()
    release(treasury, run.id)
    with unit_of_work() as session:
        session.scalars(select(Payout)).one().due_at = clock.process_now() + timedelta(minutes=5)
    assert (outcome(send, str(run.id), 1), run_state(run.id)) == ("Waiting", ("released", 1))
    due_now(run.id)
    assert outcome(send, str(run.id), 1) == "Closed"


def test_lists_of_suppressed_addresses_that_cannot_be_read_do_not_keep_the_money_from_being_compared(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread() -> Pulled:
        raise NotTaken("SendGrid cannot be reached")

    monkeypatch.setattr(suppressions, "pull_suppressions", unread)
    assert outcome(reconcile) == "Lists unread"
    treasury.stripe.transfer(treasury.stripe.payable(), 100)
    assert outcome(reconcile) == "Differences"


def test_a_difference_fails_the_reconciliation_for_someone_to_look(treasury: Treasury) -> None:
    treasury.stripe.transfer(treasury.stripe.payable(), 100)
    assert outcome(reconcile) == "Differences"


RELEASED = PayoutRun(number=1, state="released", generation=1, flow_run_id=uuid4())


NONE = PayoutRun(number=1, state="released", generation=1, flow_run_id=None)


@pytest.mark.parametrize(
    ("run", "state", "process", "expected"),
    [
        (NONE, None, ProcessState.GONE, "start"),
        (RELEASED, None, ProcessState.GONE, "replace"),
        (RELEASED, None, ProcessState.GOES_ON, None),
        (RELEASED, StateType.COMPLETED, ProcessState.GONE, "replace"),
        (RELEASED, StateType.CRASHED, ProcessState.GONE, "replace"),
        (RELEASED, StateType.CRASHED, ProcessState.GOES_ON, None),
        (RELEASED, StateType.CRASHED, ProcessState.LINGERS, "condemn"),
        (RELEASED, StateType.CANCELLED, ProcessState.GOES_ON, "pause"),
        (RELEASED, StateType.CANCELLING, ProcessState.GOES_ON, None),
        (RELEASED, StateType.CANCELLING, ProcessState.GONE, "pause"),
        (RELEASED, StateType.RUNNING, ProcessState.GONE, "replace"),
        (RELEASED, StateType.RUNNING, ProcessState.GOES_ON, None),
        (RELEASED, StateType.SCHEDULED, ProcessState.GOES_ON, None),
    ],
)
def test_a_released_run_gets_a_flow_once_its_process_is_known_to_be_gone(
    run: PayoutRun, state: StateType | None, process: ProcessState, expected: str | None
) -> None:
    flow = FlowRun(flow_id=uuid4(), state=State(type=state)) if state else None
    assert verdict(run, flow, process) == expected


def test_a_replaced_run_is_carried_on_in_a_new_generation_and_a_cancelled_one_is_paused(treasury: Treasury) -> None:
    treasury.payee()
    quote()
    run = only_run()
    release(treasury, run.id)
    failed = FlowRun(flow_id=uuid4(), created=clock.process_now(), state=State(type=StateType.FAILED))
    DEEDS["replace"](PayoutRun(id=run.id, generation=0), failed), DEEDS["replace"](PayoutRun(id=run.id, generation=1), failed)
    assert run_state(run.id) == ("released", 2)
    with unit_of_work() as session:
        messages = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.START_FLOW).order_by(OutboxMessage.id)
        ).all()
    assert [(p.key, p.body["after"]) for p in messages] == [(f"run-{run.id}-1", 0), (f"run-{run.id}-2", 1)]
    DEEDS["pause"](PayoutRun(id=run.id, generation=1), None)
    assert run_state(run.id) == ("released", 2)
    DEEDS["pause"](PayoutRun(id=run.id, generation=2), None)
    assert run_state(run.id) == ("paused", 2)


def test_a_run_that_cannot_be_put_right_keeps_no_other_from_its_turn(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    for sequence in ("one", "two"):
        treasury.payee()
        quote(sequence)
    with unit_of_work() as session:
        runs = session.scalars(select(PayoutRun).order_by(PayoutRun.number)).all()
    for run in runs:
        release(treasury, run.id)
    started: list[str] = []

    def start(_deployment: str, *, key: str, **_named: object) -> object:
        started.append(key)
        if key == f"run-{runs[0].id}-1":
            raise ConnectionResetError
        return uuid4()

    monkeypatch.setattr(engine, "start", start)
    assert (sweep_runs.sweep_runs(), started) == (1, [f"run-{run.id}-1" for run in runs])


def test_a_jump_of_time_makes_the_days_quote_due_once(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled(monkeypatch, "0 6 * * *")
    sweep_runs.sweep_runs(), sweep_runs.sweep_runs()
    treasury.pass_time(timedelta(days=3))
    sweep_runs.sweep_runs(), sweep_runs.sweep_runs()
    quotes = enqueued_quotes()
    due = (now() - timedelta(hours=6)).replace(hour=6, minute=0)
    assert [body["deployment"] for body in quotes] == [QUOTE_FLOW] * 2
    assert quotes[1]["parameters"]["sequence"] == due.strftime("%Y-%m-%d %H:%M")


def test_a_schedule_that_is_paused_on_prefects_page_quotes_nothing_and_one_that_is_changed_quotes_at_its_hour(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled(monkeypatch, "0 6 * * *", active=False)
    sweep_runs.sweep_runs()
    assert enqueued_quotes() == []
    scheduled(monkeypatch, "0 6 * * *")
    sweep_runs.sweep_runs()
    scheduled(monkeypatch, "30 9 * * *")
    sweep_runs.sweep_runs()
    treasury.pass_time(timedelta(days=1))
    sweep_runs.sweep_runs()
    hours = [body["parameters"]["sequence"].partition(" ")[2] for body in enqueued_quotes()]
    assert (hours[0], hours[-1], len(hours) in (2, 3)) == ("06:00", "09:30", True)
