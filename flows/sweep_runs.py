"""The sweep's part for payouts: what the clock made due, and a released run whose flow run is missing or dead."""

from collections.abc import Callable, Mapping
from functools import partial

from prefect.client.schemas.objects import FlowRun
from sqlalchemy import update

from campaigns.core import clock, flow_processes
from campaigns.core.people import PREFECT_OPERATOR, SYSTEM
from campaigns.core.words import _
from campaigns.payments.queries import movements_due
from campaigns.payout.runs.actions import QUOTE_FLOW, enqueue_quote, flow_key, flow_of, pause_run, start_sending
from campaigns.payout.runs.models import PREFECT, PayoutRun
from campaigns.payout.runs.queries import find_run, runs_to_send
from flows import engine
from flows.lives import ProcessState, life
from flows.mending import mended, pause_after
from flows.pulse import RUNS, living
from flows.schedules import Schedules
from workers.gateways import money_out
from workers.payout.reconciliation import resume_covered_runs
from workers.provider.balances import settle_balance
from workers.transactions import unit_of_work

QUOTES = Schedules(QUOTE_FLOW)


def sweep_runs() -> int:
    """Look at every released run with something to send, and at what is due; returns how many runs were put right."""
    settle_what_is_due()
    with unit_of_work() as session:
        at = clock.business_now(session)
    due = QUOTES.last_due(at)
    with unit_of_work() as session:
        if due:
            enqueue_quote(session, due)
        now = clock.process_now()
        released = runs_to_send(session, now)
        held, alive = flow_processes.held(session).carried, living(session, RUNS)
    flow_runs = engine.flow_runs(r.flow_run_id for r in released if r.flow_run_id)
    put_right = 0
    for run in released:
        flow_run = flow_runs.get(run.flow_run_id) if run.flow_run_id else None
        held_since = held.get(run.id) or (now if run.number in alive else None)
        if do := verdict(run, flow_run, life(flow_run.state if flow_run else None, held_since, now)):
            put_right += mended(f"payout run {run.number}: {do}", partial(DEEDS[do], run, flow_run))
    return put_right


def settle_what_is_due() -> None:
    """Book what the provider has made available, and go on with the runs that waited for it."""
    with unit_of_work() as session:
        due = movements_due(session, clock.business_now(session))
    if due and settle_balance(money_out()):
        resume_covered_runs(money_out())


def verdict(run: PayoutRun, flow_run: FlowRun | None, process: ProcessState) -> str | None:
    """What a released run needs: its flow run created or found, a new one, a pause because an operator cancelled it, or nothing."""
    state = flow_run.state if flow_run else None
    if state is not None and (state.is_cancelled() or (state.is_cancelling() and process is ProcessState.GONE)):
        return "pause"
    if process is ProcessState.LINGERS:
        return "condemn"
    if process is ProcessState.GONE:
        return "start" if run.flow_run_id is None else "replace"
    return None


def start(seen: PayoutRun, _flow_run: FlowRun | None) -> None:
    """Create the flow run of the present generation, or find the one that was created under its key, and note it."""
    with unit_of_work() as session:
        run = find_run(session, seen.id, by=SYSTEM)
    flow = flow_of(run)
    created = engine.start(flow["deployment"], name=flow["name"], key=flow_key(run), parameters=flow["parameters"], tags=flow["tags"])
    with unit_of_work() as session:
        session.execute(update(PayoutRun).where(PayoutRun.id == run.id, PayoutRun.generation == run.generation).values(flow_run_id=created))


def replace(seen: PayoutRun, flow_run: FlowRun | None) -> None:
    """Have a new flow run in a new generation carry the run on."""
    with unit_of_work() as session:
        run = find_run(session, seen.id, by=SYSTEM, lock=True)
        if (run.state, run.generation) == ("released", seen.generation):
            start_sending(session, run, after=pause_after(flow_run))


def pause(seen: PayoutRun, _flow_run: FlowRun | None) -> None:
    """An operator cancelled the run on Prefect's page: that pauses it, until someone resumes it."""
    with unit_of_work() as session:
        run = find_run(session, seen.id, by=SYSTEM, lock=True)
        if (run.state, run.generation) == ("released", seen.generation):
            reason = _("An operator canceled its flow run on Prefect's page.")
            pause_run(session, seen.id, reason, cause=PREFECT, by=PREFECT_OPERATOR, at=clock.business_now(session))


def condemn(seen: PayoutRun, _flow_run: FlowRun | None) -> None:
    """Have the worker end a process whose flow run is over, or gone, and that goes on."""
    with unit_of_work() as session:
        flow_processes.condemn(session, seen.id)


DEEDS: Mapping[str, Callable[[PayoutRun, FlowRun | None], None]] = {"start": start, "replace": replace, "pause": pause, "condemn": condemn}
