"""Flow runs that a worker took and died with."""

from datetime import timedelta
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Cancelling, Pending, Running, Scheduled
from sqlalchemy.orm import Session

from campaigns.payout.runs.models import PayoutRun
from flows import engine, sweep_strays
from flows.hands import RunSlots
from tests import factories
from tests.factories import NOW
from workers.transactions import unit_of_work

pytestmark = pytest.mark.usefixtures("own_prefect")


@flow
def carry() -> None:
    """What a run would do that never gets to it."""


def submitting() -> "State[None]":
    return Pending(name="Submitting")


def run_in(*states: "State[None]") -> UUID:
    run = engine.client().create_flow_run(carry, state=Scheduled())
    for state in states:
        engine.client().set_flow_run_state(run.id, state, force=True)
    return run.id


def state_names(*runs: UUID) -> list[str | None]:
    found = engine.flow_runs(runs)
    return [found[run].state_name for run in runs]


def payouts(session: Session, state: str, flow_run_id: UUID) -> None:
    sent = {"generation": 1, "released_at": NOW, "quoted_at": NOW}
    session.add(PayoutRun(currency="USD", route="stripe_connect", sequence=state, state=state, flow_run_id=flow_run_id, **sent))


def test_what_nothing_is_carried_by_and_no_worker_starts_is_dead_and_all_else_stays(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    strays = [run_in(submitting()), run_in(Running(), Cancelling()), run_in(submitting())]
    others = [run_in(), run_in(submitting()), run_in(submitting()), run_in(submitting())]
    RunSlots(1).take({others[3]: None})
    with unit_of_work() as session:
        factories.opened_call(session).campaign.flow_run_id = others[1]
        payouts(session, "released", others[2])
        payouts(session, "closed", strays[2])
    assert sweep_strays.bury_strays() == 0
    monkeypatch.setattr(sweep_strays, "GRACE", timedelta())
    assert (sweep_strays.bury_strays(), sweep_strays.bury_strays()) == (3, 0)
    assert state_names(*strays) == ["Crashed"] * 3
    assert state_names(*others) == ["Scheduled", "Submitting", "Submitting", "Submitting"]
