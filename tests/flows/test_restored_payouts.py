"""After a restore nobody is paid a second time: Stripe, which was not set back, is asked first."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine

from campaigns.core import clock, outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM
from campaigns.core.settings import settings
from campaigns.ledger.accounts import held, payee
from campaigns.payments.provider_errors import GatewayError
from campaigns.payout.errors import NotCaughtUp, Superseded
from campaigns.payout.reconciliations.queries import FoundDiscrepancy
from campaigns.payout.runs.actions import quote_run
from campaigns.payout.runs.models import PayoutRun
from campaigns.payout.runs.queries import runs_to_send
from flows.supervise.postgres import Cluster
from tests.campaigns.brief import billing
from tests.campaigns.payout.runs.bureau import all_is_well, close, items, quote, release, released, run_state, send
from tests.flows.places import Place, restore, take
from tests.treasury import Treasury, at_hand, held_on, told
from workers.gateways import by_stripe
from workers.payout import reconciliation
from workers.payout.catching_up import adopt, catch_up
from workers.payout.reconciliation import compare
from workers.transactions import engine, unit_of_work

NOT_YET = "A backup was restored, and Stripe has not reported yet what was paid since. Try again in a minute."
TWO_DAYS = timedelta(days=2)


@pytest.fixture
def places(cluster: Cluster, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Place, Place, Place]]:
    """Stripe, our books, and the empty database into which they are restored."""
    names = [f"test_{uuid4().hex}" for _place in range(3)]
    for name, pattern in zip(names, (template, template, "template1"), strict=True):
        cluster.add_database(name, template=pattern)
    with monkeypatch.context() as patch:
        stripe, ours, again = (
            Place(cluster.url(name), tmp_path / place, patch) for name, place in zip(names, ("s", "o", "a"), strict=True)
        )
        stripe.enter()
        yield stripe, ours, again
        engine().dispose()
    settings.cache_clear()
    engine.cache_clear()
    for name in names:
        cluster.drop_database(name)


@pytest.fixture
def treasury(places: tuple[Place, Place, Place], monkeypatch: pytest.MonkeyPatch) -> Iterator[Treasury]:
    """Our books, and a Stripe with a database of its own."""
    monkeypatch.setattr(reconciliation, "SECONDS_BETWEEN_LOOKS", 0)
    stripes = create_engine(settings().sqlalchemy_url)
    with at_hand(monkeypatch, stripes) as treasury:
        places[1].enter()
        treasury.fund(1_000_000)
        yield treasury


def pass_time(treasury: Treasury) -> None:
    """More than Stripe remembers a key, on both sides."""
    treasury.stripe.pass_time(TWO_DAYS)
    treasury.pass_time(TWO_DAYS)


def messages() -> int:
    with unit_of_work() as session:
        return len(outbox.claim(session))


def to_be_sent() -> list[UUID]:
    """The runs that the sweep would have a flow run carry on."""
    with unit_of_work() as session:
        return [run.id for run in runs_to_send(session, clock.process_now())]


def quoted(sequence: str) -> str | None:
    with unit_of_work() as session:
        try:
            run = quote_run(session, "USD", "stripe_connect", sequence, by=SYSTEM, at=clock.business_now(session))
        except NotCaughtUp as refusal:
            return refusal.message
        return str(run.id) if run else None


def paid_at_once(treasury: Treasury, sequence: str) -> None:
    """A run of all that can be paid, quoted, released and sent."""
    run = quote(sequence)
    assert run
    release(treasury, run)
    send(run)


def test_what_was_paid_after_the_backup_is_found_and_not_paid_again(
    treasury: Treasury, places: tuple[Place, Place, Place], tmp_path: Path
) -> None:
    to_send = treasury.payee(1_000)
    sent = released(treasury)
    to_release = treasury.payee(2_000)
    waiting = quote("second")
    assert waiting
    to_quote = treasury.payee(3_000)
    backup = take(tmp_path / "backups")

    send(sent)
    release(treasury, waiting)
    send(waiting)
    paid_at_once(treasury, "third")
    stranger = treasury.payee(4_000)
    paid_at_once(treasury, "fourth")
    made = treasury.transfers()
    assert [amount for _account, amount in made] == [1_000, 2_000, 3_000, 4_000]

    places[2].enter()
    assert restore(backup) == 0
    pass_time(treasury)
    assert (quoted("late"), messages(), to_be_sent()) == (NOT_YET, 0, [])
    with pytest.raises(Superseded):
        send(sent)
    assert (catch_up(), catch_up()) == (1, 0)

    assert (messages() > 0, to_be_sent()) == (True, [sent])
    adopt(by_stripe(), list(by_stripe().transfers_since(datetime(2026, 1, 1, tzinfo=UTC))))  # as a second try after a kill would
    assert (items(sent), run_state(waiting)[0], items(waiting)) == ([(1_000, "sent", 1)], "discarded", [(2_000, "discarded", 1)])
    assert [held_on(payee(person.person, "USD")) for person in (to_send, to_release, to_quote, stranger)] == [0, 0, 0, 0]
    assert [(fact["person"], fact["amount"]) for fact in told("payout.adopted")] == [
        (str(to_quote.person), 3_000), (str(to_release.person), 2_000),
    ]  # fmt: skip
    send(sent)
    assert (quoted("after"), close(sent), treasury.transfers()) == (None, True, made)
    lost = treasury.stripe.client.v1.transfers.list({"limit": 1}).data[0].id
    assert compare(by_stripe()) == [
        FoundDiscrepancy("lost", lost, 4_000, "USD"),
        FoundDiscrepancy("balance", "USD:available", 4_000, "USD"),
    ]
    assert (treasury.handle(OutboxKind.REVERSE_TRANSFER), all_is_well()) == (0, [])


def test_a_payment_that_was_not_made_before_the_restore_is_made_after_it(
    treasury: Treasury, places: tuple[Place, Place, Place], tmp_path: Path
) -> None:
    treasury.payee(1_000)
    run_id = released(treasury)
    backup = take(tmp_path / "backups")
    places[2].enter()
    assert restore(backup) == 0
    pass_time(treasury)
    treasury.line.faults += [("/v1/transfers", "503"), ("/v1/events", "503")]
    for _try in range(2):
        with pytest.raises(GatewayError):
            catch_up()
        assert messages() == 0
    assert catch_up() == 1
    send(run_id)
    assert (items(run_id), [amount for _account, amount in treasury.transfers()]) == ([(1_000, "sent", 2)], [1_000])
    with unit_of_work() as session:
        assert session.get_one(PayoutRun, run_id).state == "released"
    assert (compare(by_stripe()), all_is_well()) == ([], [])


def test_what_a_brand_paid_and_got_back_after_the_backup_is_brought_in_and_neither_is_asked_for_again(
    treasury: Treasury, places: tuple[Place, Place, Place], tmp_path: Path
) -> None:
    treasury.fund(20_000_000)
    paying, ending = billing.signed(), billing.signed()
    billing.pay(billing.billed(ending))
    billing.give_back(ending, 1_000_000)
    invoice = billing.asked(paying)
    backup = take(tmp_path / "backups")

    billing.handle()
    assert billing.pay_at_stripe(invoice).status_code < 400
    billing.handle(OutboxKind.BRIEF_REFUND)

    places[2].enter()
    assert restore(backup) == 0
    pass_time(treasury)
    assert (billing.row(invoice).state, catch_up(), billing.row(invoice).state) == ("promised", 1, "paid")
    billing.handle()
    billing.handle(OutboxKind.BRIEF_REFUND)
    stripe = treasury.stripe.client.v1
    assert (len(stripe.invoices.list().data), [each.amount for each in stripe.refunds.list().data]) == (2, [1_000_000])
    held_now = [held_on(held(made.id, "USD")) for made in (paying, ending)]
    assert (held_now, compare(by_stripe()), all_is_well()) == ([billing.TOTAL, billing.TOTAL - 1_000_000], [], [])
