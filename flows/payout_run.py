"""The flows of payout runs: one quotes what is payable, one sends a released run. What they do is in campaigns/payout/runs."""

from collections.abc import Sequence
from datetime import datetime
from time import sleep
from typing import Any
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.states import Completed
from sqlalchemy import update

from campaigns.core import clock
from campaigns.core.people import CLOCK, SYSTEM
from campaigns.core.words import _
from campaigns.payout.balances.queries import unpayable
from campaigns.payout.errors import Superseded
from campaigns.payout.runs.actions import QUOTE_FLOW, quote_payouts, sequence_of
from campaigns.payout.runs.models import PayoutRun
from campaigns.payout.runs.payouts import close_run
from campaigns.payout.runs.queries import find_run, sums_of
from flows.pulse import RUNS, pulse
from flows.schedules import active_schedules, last_due
from workers.gateways import money_in, money_out
from workers.payout import sending
from workers.payout.reconciliation import reconcile
from workers.provider.balances import settle_balance
from workers.transactions import unit_of_work

# Longer waits end the process: the sweep starts another when the next payout is due.
LONGEST_WAIT = 10.0


@flow(name="quote-payouts")
def quote(sequence: str | None = None) -> Any:
    """Collect what is payable into runs, one for each currency and route. A sequence, by default the scheduled time, makes them once."""
    settle_balance(money_out())
    numbers = quote_currencies(sequence or present_sequence())
    show_unpayable()
    runs = _("Payout runs: {numbers}", numbers=", ".join(map(str, numbers)))
    return Completed(message=runs if numbers else _("Payout runs: nothing is payable"))


@task(name="quote", cache_policy=NO_CACHE)
def quote_currencies(sequence: str) -> Sequence[int]:
    """The numbers of the sequence's runs."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        return [run.number for run in quote_payouts(session, sequence, by=CLOCK, at=at)]


def present_sequence() -> str:
    """That of the moment at which the schedule was last due; without a schedule, that of the present minute."""
    with unit_of_work() as session:
        at = clock.business_now(session)
    return sequence_of(last_due(active_schedules(QUOTE_FLOW), at) or at)


def show_unpayable() -> None:
    """Write the artifact "who cannot be paid, and why": how many, by reason; no one's name or amount."""
    with unit_of_work() as session:
        rows = [{"currency": u.currency, "reason": u.reason, "people": u.people} for u in unpayable(session, clock.business_now(session))]
    create_table_artifact(rows, key="unpayable", description=_("Who cannot be paid, and why"))


@flow(name="send-payouts")
def send(run_id: str, generation: int) -> Any:
    """Send the open payouts of a released run, then close it and reconcile with the provider."""
    run = UUID(run_id)
    try:
        with pulse(RUNS, begin(run, generation)):
            while due := send_batch(run, generation):
                if not wait_until(due):
                    return Completed(name="Waiting")
            finish(run)
    except Superseded as superseded:
        return Completed(name="Superseded", message=superseded.message)
    return Completed(name="Closed")


def begin(run_id: UUID, generation: int) -> int:
    """Note the flow run that carries the run, and return the number under which its pulse is taken."""
    ours = (PayoutRun.id == run_id, PayoutRun.generation == generation)
    with unit_of_work() as session:
        session.execute(update(PayoutRun).where(*ours).values(flow_run_id=UUID(str(flow_run.id))))
        return find_run(session, run_id, by=SYSTEM).number


@task(name="send a batch", cache_policy=NO_CACHE)
def send_batch(run_id: UUID, generation: int) -> datetime | None:
    """Send up to a batch of payouts; when the next may be claimed, None when none is open."""
    due = sending.send_batch(run_id, generation)
    show_progress(run_id)
    return due


def show_progress(run_id: UUID) -> None:
    """Write the artifact "how far it is": how many payouts stand where."""
    with unit_of_work() as session:
        number = find_run(session, run_id, by=SYSTEM).number
        rows = [{"state": s.state, "items": s.items} for s in sums_of(session, run_id)]
    create_table_artifact(rows, key=f"payout-run-{number}", description=_("Progress of payout run {number}", number=number))


def wait_until(due: datetime) -> bool:
    """Wait until `due`, process time; False when that is too long to keep the process."""
    seconds = (due - clock.process_now()).total_seconds()
    if seconds > LONGEST_WAIT:
        return False
    sleep(max(0.0, seconds))
    return True


@task(name="close and reconcile", cache_policy=NO_CACHE)
def finish(run_id: UUID) -> None:
    """Close the run, and compare the provider with what was released since."""
    with unit_of_work() as session:
        close_run(session, run_id, at=clock.business_now(session))
        since = find_run(session, run_id, by=SYSTEM).released_at
    reconcile(money_in(), money_out(), since)
