"""A released run on a real installation: Prefect's worker sends it, and the sweep carries it on when its process is killed."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM
from campaigns.core.settings import settings
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.payments.models import PayoutAccount
from campaigns.payout.reconciliations.queries import FoundDiscrepancy
from campaigns.payout.runs.actions import quote_run
from campaigns.payout.runs.models import Payout
from flows.pulse import RUNS, living
from tests.campaigns.payout.runs.bureau import all_is_well, release, run_state
from tests.installation import Installation, wait_for
from tests.postroom import Line
from tests.sandbox.stripe.stage import Simulator
from tests.treasury import CAMPAIGN, Treasury, told
from workers.gateways import by_stripe
from workers.payout.reconciliation import compare
from workers.transactions import engine, unit_of_work

PAYEES = 30


@pytest.fixture
def treasury(on_stack: Installation) -> Iterator[Treasury]:
    """The installation's own simulator, and a line that nothing runs over."""
    by_stripe.cache_clear()
    with Line(settings().stripe_url, 0) as line:
        treasury = Treasury(Simulator(engine(), settings().stripe_url), line, iter(range(new_id().int % 10**9, 10**10)))
        treasury.fund(1_000_000)
        yield treasury
    by_stripe.cache_clear()


def pay_many(treasury: Treasury) -> UUID:
    """A released run of many payees; earned and quoted in one transaction, lest the schedule's own quote comes between."""
    people = [treasury.person().person for _payee in range(PAYEES)]
    destinations = [treasury.stripe.payable() for _payee in range(PAYEES)]
    with unit_of_work() as session:
        at = clock.business_now(session)
        for person, destination in zip(people, destinations, strict=True):
            known = {"state": "active", "provider_id": destination, "opened_at": at}
            session.add(PayoutAccount(person_id=person, country="US", agreement="full", **known))
        earned = [Entry(held(CAMPAIGN, "USD"), payee(person, "USD"), 1_000 + number) for number, person in enumerate(people)]
        post(session, "proposal.final", str(new_id()), earned, at=at)
        run = quote_run(session, "USD", "stripe_connect", str(new_id()), by=SYSTEM, at=at)
        assert run
    release(treasury, run.id)
    return run.id


def is_closed(run_id: UUID) -> bool:
    return run_state(run_id)[0] == "closed"


def paid_once(treasury: Treasury, run_id: UUID) -> list[FoundDiscrepancy]:
    """Asserts that each payout has its one transfer; the differences with the provider."""
    with unit_of_work() as session:
        items = session.scalars(select(Payout).where(Payout.run_id == run_id)).all()
    expected = sorted((i.destination, i.amount) for i in items)
    assert sorted(made for made in treasury.transfers() if made[0] in {i.destination for i in items}) == expected
    assert ({i.state for i in items}, len(items)) == ({"sent"}, PAYEES)
    return list(compare(by_stripe()))


def test_a_released_run_goes_out_by_itself(treasury: Treasury) -> None:
    run_id = pay_many(treasury)
    wait_for(lambda: is_closed(run_id), 120)
    assert (paid_once(treasury, run_id), all_is_well()) == ([], [])
    assert str(run_id) in [fact["run"] for fact in told("payout.run_closed")]


def test_a_run_whose_process_is_killed_on_the_way_is_carried_on_and_pays_nobody_twice(treasury: Treasury, on_stack: Installation) -> None:
    run_id = pay_many(treasury)
    wait_for(lambda: _sending(run_id), 120)
    os.kill(_process_of(on_stack), signal.SIGKILL)
    assert not is_closed(run_id)
    with unit_of_work() as session:  # what a minute brings: the lease of the dead process is over
        session.execute(update(Payout).where(Payout.run_id == run_id).values(leased_until=clock.process_now() - timedelta(seconds=1)))
    wait_for(lambda: is_closed(run_id), 120)
    assert (paid_once(treasury, run_id), run_state(run_id)[1] > 1, all_is_well()) == ([], True, [])


def _sending(run_id: UUID) -> bool:
    with unit_of_work() as session:
        return "sending" in session.scalars(select(Payout.state).where(Payout.run_id == run_id)).all()


def _process_of(installation: Installation) -> int:
    """The process that sends: the one flow run with a pulse of a payout run."""
    with unit_of_work() as session:
        assert len(living(session, RUNS)) == 1
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in installation.processes()}
    return next(pid for pid, command in commands.items() if b"flows.supervise.flow_run" in command)
