"""A run in a currency that Stripe converted stands still until there is a balance in it, and then pays what was promised."""

from datetime import timedelta

from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Entry, bank, conversion, held, payee
from campaigns.ledger.actions import post
from campaigns.payments.actions import book_movement
from tests.campaigns.brief.converted import paid_in_euro, plant
from tests.campaigns.payout.runs.bureau import all_is_well, items, quote, release, run_state, send
from tests.campaigns.payout.runs.test_sending import send_until_paused
from tests.treasury import Treasury, held_on, now
from workers.gateways import by_stripe
from workers.payout.reconciliation import resume_covered_runs
from workers.provider.installation import _of_conversions
from workers.transactions import unit_of_work


def top_up(treasury: Treasury, amount: int) -> None:
    """Euro of our own, from our bank."""
    charge = treasury.stripe.fund(amount, "eur").latest_charge
    movement = next(m for m in by_stripe().movements_since(now() - timedelta(minutes=1)) if m.source == charge)
    with unit_of_work() as session:
        book_movement(session, movement, {bank("EUR"): amount}, kind="stripe.topup", at=now())


def test_what_was_promised_in_euro_is_paid_in_euro_once_there_is_a_balance_in_euro_and_not_before(treasury: Treasury) -> None:
    made, ana = paid_in_euro(treasury), treasury.person("DE")
    treasury.onboard(ana)
    with unit_of_work() as session:
        post(session, "payout.final", str(new_id()), [Entry(held(made.id, "EUR"), payee(ana.person, "EUR"), 5_000)], at=now())
    run_id = quote(currency="EUR")
    assert run_id
    release(treasury, run_id)
    send_until_paused(run_id)
    assert ([state for _amount, state, _attempt in items(run_id)], treasury.transfers()) == (["ready"], [])
    assert [finding.code for finding in _of_conversions()] == ["converted_eur"]
    plant(treasury, "usd", "eur")
    top_up(treasury, 8_000_000)
    resume_covered_runs(by_stripe())
    state, generation = run_state(run_id)
    assert state == "released"
    send(run_id, generation)
    assert list(_of_conversions()) == []
    assert [amount for _to, amount in treasury.transfers()] == [5_000]
    assert (held_on(payee(ana.person, "EUR")), held_on(conversion("EUR")), all_is_well()) == (0, 7_400_000, [])
