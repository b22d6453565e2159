"""What each guard keeps from happening: a scenario that ends well, and does harm as soon as its guard is taken out."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from sqlalchemy import func, select, update

from campaigns import lifecycle
from campaigns.collaboration.models import CollaborationWindow
from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Brand
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import Entry, held, payee
from campaigns.ledger.actions import post
from campaigns.payments.models import PayoutAccount
from campaigns.payout.runs.actions import quote_run
from campaigns.payout.runs.models import Payout, PayoutRun
from tests.called_off import call_off
from tests.campaigns.payout.runs.bureau import release
from tests.chaos import verdict
from tests.chaos.assignment import Assignment
from tests.chaos.fire import Fire
from tests.chaos.word import Voice, Word
from tests.factories import Delivery, approved_version, in_delivery, person, someone
from tests.flows.engine_room import LATE, collaborating, deliverables, frozen, stages
from tests.installation import Installation, wait_for
from tests.postroom import Line
from tests.sandbox.stripe.stage import Simulator
from tests.treasury import CAMPAIGN, Treasury
from workers.payout import sending
from workers.transactions import engine, unit_of_work

A_DAY_AND_AN_HOUR = timedelta(hours=25)
UNTIL_DELIVERY = timedelta(days=24)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a scenario is played."""

    up: Installation
    fire: Fire
    treasury: Treasury


@contextmanager
def ground(up: Installation, fire: Fire) -> Iterator[Ground]:
    """The installation's own simulator of Stripe, with money in its balance."""
    with Line(settings().stripe_url, 0) as line:
        treasury = Treasury(Simulator(engine(), settings().stripe_url), line, iter(range(new_id().int % 10**9, 10**10)))
        treasury.fund(1_000_000)
        yield Ground(up, fire, treasury)


def struck(ground: Ground, name: str, deed: Callable[[], object], what: signal.Signals = signal.SIGKILL) -> int:
    """Have a process end, or freeze, at the point that the deed leads it to; its process id."""
    before = len(ground.fire.carried_out())
    ground.fire.order(name, what)
    try:
        with suppress(httpx.HTTPError):
            deed()
        wait_for(lambda: len(ground.fire.carried_out()) > before, LATE)
    finally:
        ground.fire.withdraw([name])
    return ground.fire.carried_out()[-1].pid


def released(ground: Ground) -> UUID:
    """A payout run of one payout that two people have just released."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        paid, destination = person(session).person, ground.treasury.stripe.payable()
        known = {"country": "US", "agreement": "full", "state": "active", "provider_id": destination, "opened_at": at}
        session.add(PayoutAccount(person_id=paid, **known))
        post(session, "proposal.final", str(new_id()), [Entry(held(CAMPAIGN, "USD"), payee(paid, "USD"), 1_000)], at=at)
        run = quote_run(session, "USD", "stripe_connect", str(new_id()), by=SYSTEM, at=at)
        assert run
    release(ground.treasury, run.id)
    return run.id


def is_closed(run_id: UUID) -> bool:
    with unit_of_work() as session:
        return session.get_one(PayoutRun, run_id).state == "closed"


def end_leases(run_id: UUID) -> None:
    """What a minute brings: the leases of whoever took the run's payouts are over."""
    with unit_of_work() as session:
        session.execute(update(Payout).where(Payout.run_id == run_id).values(leased_until=clock.process_now() - timedelta(seconds=1)))


def transfers_of(run_id: UUID) -> list[str]:
    with unit_of_work() as session:
        return [harm for harm in verdict.transfers(session) if any(str(i) in harm for i in items_of(run_id))]


def items_of(run_id: UUID) -> list[UUID]:
    with unit_of_work() as session:
        return list(session.scalars(select(Payout.id).where(Payout.run_id == run_id)))


def killed_between_stripes_answer_and_our_commit(ground: Ground) -> list[str]:
    """While the web is away, which would hear of the transfer from Stripe."""
    run_ids: list[UUID] = []
    with frozen(*ground.up.web()):
        struck(ground, "payout_run.transferred", lambda: run_ids.append(released(ground)))
        end_leases(run_ids[0])
        wait_for(lambda: is_closed(run_ids[0]), LATE)
    return transfers_of(run_ids[0])


def asleep_past_the_lease(ground: Ground) -> list[str]:
    """One process sleeps with payouts in hand while another sends them, and wakes when Stripe has forgotten their keys."""
    run_ids: list[UUID] = []
    sleeper = struck(ground, "payout_run.waiting", lambda: run_ids.append(released(ground)), signal.SIGSTOP)
    [run_id] = run_ids
    end_leases(run_id)
    with unit_of_work() as session:
        generation = session.get_one(PayoutRun, run_id).generation
    assert sending.send_batch(run_id, generation) is None
    with unit_of_work() as session:
        clock.move_clock(session, A_DAY_AND_AN_HOUR)
    os.kill(sleeper, signal.SIGCONT)
    wait_for(lambda: is_closed(run_id) and sleeper not in ground.up.processes(), LATE)
    return transfers_of(run_id)


def answer_lost_and_said_again(ground: Ground) -> list[str]:
    """A manager takes a client on, the answer is lost, and they send the very same request again."""
    with unit_of_work() as session:
        manager = someone(session, Role.MANAGER)
    name = f"Client {uuid4()}"
    voice, word = (
        Voice(),
        Word(manager, "/brands", {"name": name, "sign_off_roles": ["legal"], "billing_email": "bills@client.example", "same_name": True}),
    )
    struck(ground, "web.answer_lost", lambda: voice.say(word))
    wait_for(lambda: said_again(voice, word), LATE)
    with unit_of_work() as session:
        count = session.scalar(select(func.count()).where(Brand.name == name))
    return [] if count == 1 else [f"client: {count} where 1 should be"]


def said_again(voice: Voice, word: Word) -> bool:
    """Whether the web has answered the word by now, with a yes or a no."""
    try:
        voice.say(word)
    except httpx.HTTPStatusError as refused:
        return refused.response.is_client_error
    except httpx.HTTPError:
        return False
    return True


def word_of_an_earlier_visit(ground: Ground) -> list[str]:
    """The manager's word is answered by silence; the deliverable moves on and comes back, and then the word is sent again."""
    made = collaborating()
    assignment = Assignment.of(made, ground.up.home)
    wait_for(lambda: stages(made) == [Stage.COLLABORATION], LATE)
    [deliverable] = deliverables(made)
    word = Word(made.manager, f"/deliverables/{deliverable.id}/collaboration/complete", {"visit": deliverable.visit})
    assignment.completions[deliverable.id, deliverable.visit] = word
    struck(ground, "web.completed", lambda: assignment.voice.say(word))
    wait_for(lambda: stages(made) == [Stage.CURATION], LATE)
    with unit_of_work() as session:
        [deliverable] = deliverables(made)
        lifecycle.send_back(
            session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "Once more.", by=made.manager, at=clock.business_now(session)
        )
    wait_for(lambda: said_again(assignment.voice, word), LATE)
    with unit_of_work() as session:
        assert session.get(CollaborationWindow, (deliverable.id, deliverable.visit + 1))
        return list(verdict.words_on_material(session, assignment))


def cancelled_while_its_package_is_built(ground: Ground) -> list[str]:
    """The campaign's flow sleeps with a package that it has built and not recorded, and wakes when the campaign has been cancelled."""
    deliveries: list[Delivery] = []
    sleeper = struck(ground, "client_delivery.built", lambda: deliveries.append(just_approved()), signal.SIGSTOP)
    [delivery] = deliveries
    # Or its run would be ended before it could do anything.
    with frozen(ground.up.pid("relay"), ground.up.pid("sweep")):
        with unit_of_work() as session:
            at = clock.business_now(session)
            call_off(session, delivery.made.id, "There will be no holiday.", by=delivery.made.manager, at=at)
        os.kill(sleeper, signal.SIGCONT)
        wait_for(lambda: sleeper not in ground.up.processes(), LATE)
    with unit_of_work() as session:
        return list(verdict.facts_after_the_end(session, delivery.made.id))


def just_approved() -> Delivery:
    """A deliverable whose package is to be built."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        delivery = in_delivery(session, at=at - UNTIL_DELIVERY)
        approved_version(session, delivery, at=at)
    return delivery
