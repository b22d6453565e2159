"""What keeps two from doing the same at once, or one after its time: pulse, inbox, journal, generation, attempt."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

from prefect.states import Running
from sqlalchemy import select, text

from campaigns.core import clock, flow_processes
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Entry, bank, payee
from campaigns.ledger.actions import post
from campaigns.ledger.queries import balance
from campaigns.payout.errors import Superseded
from campaigns.payout.runs import payouts
from campaigns.payout.runs.actions import start_sending
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.payouts import Absent, Unresolved
from flows import engine, pulse
from tests.chaos.guards import Ground, end_leases, is_closed, released, struck, transfers_of
from tests.factories import person
from tests.flows.engine_room import LATE, calling, frozen, is_ready, row, send_in, wait_until_asleep
from tests.installation import wait_for
from workers.gateways import by_stripe
from workers.payout import sending
from workers.transactions import unit_of_work

A_SUM = 1_000
FOR_EVER = float("inf")
# By then the sweep has looked at every campaign several times, and would have replaced a run that it takes for dead.
SWEPT_BY = 30.0
UNHEARD = text("select count(*) from stripe_sandbox.delivery where due_at is not null")
KEPT_TWICE = text(
    "select count(*) from (select body ->> 'id' from inbox where provider = 'stripe' group by 1 having count(*) > 1) as twice"
)


def carried_by_a_process_that_lives(_ground: Ground) -> list[str]:
    """This process carries a campaign, as one does that another worker than ours has started, and is at a contribution that has just come
    in.

    Nothing but its pulse says so: whoever is not felt is taken for dead, and another run begins.
    """
    made = calling()
    run = wait_until_asleep(made)
    wait_for(lambda: not is_in_hands(made.id), LATE)
    generation = row(made).generation
    with pulse.pulse(pulse.CAMPAIGNS, made.campaign.number):
        engine.client().set_flow_run_state(run.id, Running(), force=True)
        contribution = send_in(made)
        with suppress(AssertionError):
            wait_for(lambda: row(made).generation > generation, SWEPT_BY)
        if row(made).generation > generation:
            wait_for(lambda: is_ready(contribution), LATE)
        harms = ["a campaign has two runs at work: another one has made ready what the first was at"] if is_ready(contribution) else []
    wait_until_asleep(made)
    return harms


def is_in_hands(campaign_id: UUID) -> bool:
    with unit_of_work() as session:
        return flow_processes.is_held(session, campaign_id)


def told_again_after_the_web_was_killed(ground: Ground) -> list[str]:
    """The web is killed between its commit and its answer, so that Stripe tells it once more."""
    with unit_of_work() as session:
        before = session.scalar(KEPT_TWICE)
    struck(ground, "web.took_event", ground.treasury.stripe.payable)
    wait_for(everything_is_told, LATE)
    with unit_of_work() as session:
        count = (session.scalar(KEPT_TWICE) or 0) - (before or 0)
    return [f"an event is kept twice: {count}"] if count else []


def everything_is_told() -> bool:
    with unit_of_work() as session:
        unheard: int = session.scalars(UNHEARD).one()
    return unheard == 0


def posted_by_two_at_once(_ground: Ground) -> list[str]:
    """Two processes post the same journal: one of them thinks that the other is dead."""
    key = str(new_id())
    with unit_of_work() as session:
        whose = person(session).person

    def post_it(_number: int) -> None:
        with unit_of_work() as session:
            entry = Entry(bank("USD"), payee(whose, "USD"), A_SUM)
            post(session, "proposal.final", key, [entry], at=clock.business_now(session))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(post_it, range(2)))
    with unit_of_work() as session:
        there = balance(session, payee(whose, "USD"))
    return [] if there == A_SUM else [f"a journal is there twice: {there} cents where {A_SUM} should be"]


def sent_by_an_older_generation(ground: Ground) -> list[str]:
    """A run is carried on in a new generation, and the flow run of the one before wakes up and goes on sending."""
    with frozen(ground.up.pid("worker"), ground.up.pid("sweep")):
        run_id = released(ground)
        with unit_of_work() as session:
            run = session.get_one(PayoutRun, run_id)
            older = run.generation
            start_sending(session, run)
        try:
            sending.send_batch(run_id, older)
            harms = ["a run: its older generation has sent after a newer one had begun"]
        except Superseded:
            harms = []
    wait_for(lambda: is_closed(run_id), LATE)
    return harms + transfers_of(run_id)


def looked_up_by_two(ground: Ground) -> list[str]:
    """Two look a payout up and do not find it; one sends it under a new key and gets no answer, and then the other tells what it saw."""
    # The web is away, which would hear of the transfer from Stripe.
    with frozen(*ground.up.web()):
        with frozen(ground.up.pid("worker"), ground.up.pid("sweep")):
            run_id = released(ground)
            first = claimed(run_id)
            record(run_id, Absent(first))
            second = claimed(run_id)
            assert (first.attempt, second.attempt) == (1, 2)
            assert sending.send(by_stripe(), second, FOR_EVER)
            record(run_id, Unresolved(second))
            record(run_id, Absent(first))
            end_leases(run_id)
        wait_for(lambda: is_closed(run_id), LATE)
    return transfers_of(run_id)


def claimed(run_id: UUID) -> Payout:
    """The run's one payout, taken to be sent."""
    with unit_of_work() as session:
        generation = session.scalars(select(PayoutRun.generation).where(PayoutRun.id == run_id)).one()
        now = clock.process_now()
        [item] = payouts.claim_payouts(session, run_id, generation, 1, at=clock.business_now(session), now=now)
        session.expunge(item)
    return item


def record(run_id: UUID, outcome: payouts.Outcome) -> None:
    with unit_of_work() as session:
        payouts.record_outcomes(session, run_id, [outcome], at=clock.business_now(session), now=clock.process_now())
