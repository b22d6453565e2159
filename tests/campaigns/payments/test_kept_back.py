"""What Stripe keeps back of our balance, or takes for a payee, is in the books and told; a transfer takes from one kind of balance."""

from datetime import timedelta

import httpx
from sqlalchemy import select

from campaigns.core.db import unit_of_work
from campaigns.ledger.accounts import bank, payee_losses, stripe_available, stripe_reserved
from campaigns.payments.keepers import book_own_movements
from campaigns.payments.models import StripeBalance
from campaigns.payout.runs import comparing, reconciling, sending
from campaigns.payout.runs.models import Item
from tests.campaigns.payout.runs.bureau import all_is_well, items, released, run_state, send
from tests.treasury import Treasury, held_on, now, told


def shorten(treasury: Treasury, amount: int) -> str:
    """A payee's account at Stripe is below zero; its id there."""
    ana = treasury.person()
    account = treasury.onboard(ana)
    httpx.post(f"{treasury.stripe.url}/sandbox/debts", data={"account": account, "amount": str(amount)})
    return account


def differences() -> list[comparing.Difference]:
    return list(reconciling.compare())


def test_what_stripe_keeps_back_is_in_the_books_and_told_and_our_balance_is_what_it_says(treasury: Treasury) -> None:
    account = shorten(treasury, 3_000)
    reconciling.reconcile()
    assert (held_on(stripe_reserved("USD")), differences(), all_is_well()) == (3_000, [], [])
    assert [(each["kind"], each["amount"]) for each in told("payout.kept_back")] == [("reserve_transaction", 3_000)]
    with unit_of_work() as session:
        seen = session.scalars(select(StripeBalance)).one()
        assert (seen.currency, seen.available, seen.reserved) == ("USD", held_on(stripe_available("USD")), 3_000)
    treasury.pass_time(timedelta(days=180))
    treasury.stripe.settle()
    book_own_movements(now() - timedelta(days=1))
    assert (held_on(stripe_reserved("USD")), held_on(payee_losses("USD")), held_on(bank("USD"))) == (0, 3_000, 0)
    assert treasury.stripe.balance(account=account)[0] == 0
    assert (differences(), len(told("payout.kept_back"))) == ([], 2)


def of_another_kind(treasury: Treasury, amount: int) -> None:
    """Money in another part of the balance than what comes by card, available now."""
    treasury.stripe.legacy_ach(amount)
    treasury.pass_time(timedelta(days=3))
    treasury.stripe.settle()


def test_a_payment_that_the_one_kind_of_balance_does_not_cover_is_taken_from_the_other(treasury: Treasury) -> None:
    of_another_kind(treasury, 999_500)
    treasury.payee(980_000)
    treasury.payee(20_000)
    run_id = released(treasury)
    send(run_id)
    send(run_id)
    assert (items(run_id), run_state(run_id)[0]) == ([(20_000, "sent", 1), (980_000, "sent", 2)], "released")
    with unit_of_work() as session:
        assert dict(session.execute(select(Item.amount, Item.source_type)).all()) == {20_000: "card", 980_000: "bank_account"}
    assert sorted(amount for _to, amount in treasury.transfers()) == [20_000, 980_000]


def test_a_payment_that_no_kind_covers_waits_though_both_together_would(treasury: Treasury) -> None:
    of_another_kind(treasury, 499_500)
    treasury.payee(1_000_000)
    run_id = released(treasury)
    sending.send_batch(run_id, 1)
    assert (items(run_id), run_state(run_id)[0], treasury.transfers()) == ([(1_000_000, "ready", 2)], "paused", [])
