"""What Stripe keeps back of our balance, or takes for a payee, is in the books and told; a transfer takes from one kind of balance."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import Entry, bank, held, payee_losses, stripe_available, stripe_reserved
from campaigns.ledger.actions import post
from campaigns.payments.actions import book_movement
from campaigns.payments.models import StripeBalance
from campaigns.payments.top_ups import ask_top_up
from campaigns.payout.reconciliations import queries as reconciliation_queries
from campaigns.payout.runs.models import Payout
from tests.campaigns.payout.runs.bureau import all_is_well, due_now, items, quote, release, released, run_state, send
from tests.campaigns.payout.runs.test_topping_up import lacking
from tests.treasury import CAMPAIGN, Treasury, held_on, now, told
from workers.gateways import by_stripe
from workers.payout import reconciliation, sending
from workers.provider.balances import book_own_movements
from workers.transactions import unit_of_work


def shorten(treasury: Treasury, amount: int) -> str:
    """A payee's account at Stripe is below zero; its id there."""
    ana = treasury.person()
    account = treasury.onboard(ana)
    httpx.post(f"{treasury.stripe.url}/sandbox/debts", data={"account": account, "amount": str(amount)})
    return account


def differences() -> list[reconciliation_queries.FoundDiscrepancy]:
    return list(reconciliation.compare(by_stripe()))


def test_what_stripe_keeps_back_is_in_the_books_and_told_and_our_balance_is_what_it_says(treasury: Treasury) -> None:
    account = shorten(treasury, 3_000)
    reconciliation.reconcile(by_stripe(), by_stripe())
    assert (held_on(stripe_reserved("USD")), differences(), all_is_well()) == (3_000, [], [])
    assert [(each["kind"], each["amount"]) for each in told("payout.kept_back")] == [("reserve_transaction", 3_000)]
    with unit_of_work() as session:
        seen = session.scalars(select(StripeBalance)).one()
        assert (seen.currency, seen.available, seen.reserved) == ("USD", held_on(stripe_available("USD")), 3_000)
    treasury.pass_time(timedelta(days=180))
    treasury.stripe.settle()
    book_own_movements(by_stripe(), now() - timedelta(days=1))
    assert (held_on(stripe_reserved("USD")), held_on(payee_losses("USD")), held_on(bank("USD"))) == (0, 3_000, 0)
    assert treasury.stripe.balance(account=account)[0] == 0
    assert (differences(), len(told("payout.kept_back"))) == ([], 2)


def of_another_kind(treasury: Treasury, amount: int) -> None:
    """Money in another part of the balance than what comes by card, available now and in the books."""
    treasury.stripe.legacy_ach(amount)
    treasury.pass_time(timedelta(days=3))
    treasury.stripe.settle()
    came = by_stripe().movements_since(now() - timedelta(days=4))
    movement = next(each for each in came if str(each.source).startswith("py_") and each.amount == amount)
    with unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): amount}, kind="funding.received", at=now())


def test_a_payment_that_the_one_kind_of_balance_does_not_cover_is_taken_from_the_other(treasury: Treasury) -> None:
    of_another_kind(treasury, 999_500)
    treasury.payee(980_000)
    treasury.payee(20_000)
    run_id = released(treasury)
    send(run_id)
    send(run_id)
    assert (items(run_id), run_state(run_id)[0]) == ([(20_000, "sent", 1), (980_000, "sent", 2)], "released")
    with unit_of_work() as session:
        assert dict(session.execute(select(Payout.amount, Payout.source_type)).all()) == {20_000: "card", 980_000: "bank_account"}
    assert sorted(amount for _to, amount in treasury.transfers()) == [20_000, 980_000]


def test_a_payment_that_no_kind_covers_waits_though_both_together_would(treasury: Treasury) -> None:
    of_another_kind(treasury, 499_500)
    treasury.payee(1_000_000)
    run_id = released(treasury)
    sending.send_batch(run_id, 1)
    assert (items(run_id), run_state(run_id)[0], treasury.transfers()) == ([(1_000_000, "ready", 2)], "paused", [])
    for _event in range(3):
        reconciliation.look_at_balance(by_stripe(), "")
    assert (run_state(run_id), len(told("payout.run_paused"))) == (("paused", 1), 1)
    assert lacking() == 1_000_000 - from_cards()


def from_cards() -> int:
    with unit_of_work() as session:
        return int(session.scalars(select(StripeBalance)).one().by_source["card"])


def test_a_payment_that_no_kind_covers_goes_out_once_what_is_said_to_be_missing_is_there(treasury: Treasury) -> None:
    of_another_kind(treasury, 500_000)
    treasury.payee(1_000_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    sending.send_batch(run_id, 1)
    with unit_of_work() as session:
        ask_top_up(session, "USD", lacking(), by=finance, at=now())
    assert (lacking(), treasury.handle(OutboxKind.TOP_UP)) == (0, 1)
    treasury.pass_time(timedelta(days=3))
    treasury.stripe.settle()
    reconciliation.look_at_balance(by_stripe(), "")
    assert run_state(run_id) == ("released", 2)
    due_now(run_id)
    send(run_id, generation=2)
    assert (items(run_id), all_is_well()) == ([(1_000_000, "sent", 2)], [])


def waits(treasury: Treasury, amount: int, sequence: str) -> UUID:
    """A run of one payment that our balance does not cover: the brand paid to our bank."""
    with unit_of_work() as session:
        post(session, "brief.receipt", sequence, [Entry(bank("USD"), held(CAMPAIGN, "USD"), amount)], at=now())
    treasury.payee(amount)
    run_id = quote(sequence)
    assert run_id
    release(treasury, run_id)
    sending.send_batch(run_id, 1)
    assert run_state(run_id) == ("paused", 1)
    return run_id


@pytest.mark.parametrize(("from_bank", "from_card", "later_goes"), [(985_000, 30_000, True), (500_000, 600_000, False)])
def test_of_two_runs_that_wait_the_later_goes_on_if_one_kind_of_what_the_earlier_leaves_covers_it(
    treasury: Treasury, from_bank: int, from_card: int, later_goes: bool
) -> None:
    first, later = waits(treasury, 990_000, "2026-11-02"), waits(treasury, 980_000, "2026-11-09")
    of_another_kind(treasury, from_bank)
    treasury.fund(from_card)
    reconciliation.look_at_balance(by_stripe(), "")
    assert [run_state(each) for each in (first, later)] == [("released", 2), ("released", 2) if later_goes else ("paused", 1)]
