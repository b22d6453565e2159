"""Money on Stripe's balance and in our books: fees, pending and available, and what Stripe tells us of."""

from datetime import timedelta

import pytest

from campaigns.core import clock
from campaigns.core.inbox import receive
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.ledger.accounts import bank, held, stripe_available, stripe_fees, stripe_pending
from campaigns.ledger.checks import broken
from campaigns.payments.actions import book_movement
from campaigns.payments.errors import DoesNotAddUp
from sandbox.stripe import balance as stripes_books
from sandbox.stripe.endpoints import Call
from tests.treasury import CAMPAIGN, Treasury, held_on, now, told
from workers.gateways import by_stripe
from workers.provider.balances import book_own_movements, settle_balance
from workers.provider.event_origins import EventOrigin
from workers.provider_events import PROVIDER_EVENTS, ProviderEvents
from workers.transactions import unit_of_work


def books() -> tuple[int, int, int, int]:
    return tuple(held_on(a) for a in (stripe_available("USD"), stripe_pending("USD"), stripe_fees("USD"), held(CAMPAIGN, "USD")))  # type: ignore[return-value]


def theirs() -> tuple[int, int]:
    usd = by_stripe().balance()["USD"]
    return usd.available, usd.pending


def test_what_is_paid_is_held_in_full_and_stripes_fee_is_our_cost(treasury: Treasury) -> None:
    assert books() == (970_970, 0, 29_030, 1_000_000)
    assert theirs() == (970_970, 0)


def test_pending_becomes_available_when_stripe_says_so(treasury: Treasury) -> None:
    movement = treasury.pay_by_card(100_000)
    for _time in range(2):
        with unit_of_work() as session:
            book_movement(session, movement, {held(CAMPAIGN, "USD"): 100_000}, kind="funding.received", at=clock.business_now(session))
    assert (books(), theirs()) == ((970_970, 97_070, 31_960, 1_100_000), (970_970, 97_070))
    assert settle_balance(by_stripe()) == 0
    treasury.pass_time(timedelta(days=3))
    assert (settle_balance(by_stripe()), settle_balance(by_stripe())) == (1, 0)
    assert (books(), theirs()) == ((1_068_040, 0, 31_960, 1_100_000), (1_068_040, 0))
    with unit_of_work() as session:
        assert broken(session) == []


def test_a_refund_leaves_what_is_available(treasury: Treasury) -> None:
    movement = treasury.pay_by_card(100_000)
    refund = by_stripe().refund(movement.source or "", 40_000, key="refund:1", metadata={})
    assert (refund.status, refund.amount, refund.movement and refund.movement.net) == ("succeeded", 40_000, -40_000)
    assert refund.movement
    with unit_of_work() as session:
        book_movement(session, refund.movement, {held(CAMPAIGN, "USD"): 40_000}, kind="refund.made", at=clock.business_now(session))
    assert books() == (930_970, 0, 29_030, 960_000)


def test_parts_that_do_not_add_up_are_refused_and_nothing_is_booked(treasury: Treasury) -> None:
    movement, before = treasury.pay_by_card(100_000), books()
    with pytest.raises(DoesNotAddUp), unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): 99_999}, kind="funding.received", at=clock.business_now(session))
    assert books() == before


def test_an_event_has_the_object_fetched_by_whoever_asked_for_its_kind(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    looked_at = {"topup": ProviderEvents((), (lambda named, _account: seen.append(named),))}
    monkeypatch.setitem(PROVIDER_EVENTS, EventOrigin.PLATFORM, looked_at)
    for number, kind in enumerate(("topup", "payout", "topup")):
        body = {"id": f"evt_{number}", "data": {"object": {"object": kind, "id": f"{kind}_{number}"}}}
        with unit_of_work() as session:
            receive(session, "stripe", f"evt_{number}", f"{kind}.created", body)
    assert (treasury.handle(OutboxKind.STRIPE_EVENT), seen) == (3, ["topup_0", "topup_2"])


def test_stripes_word_that_an_account_changed_is_looked_into(treasury: Treasury) -> None:
    ana = treasury.person()
    provider_id = treasury.open_account(ana)
    treasury.stripe.client.v1.accounts.update(provider_id, {"metadata": {"seen": "yes"}})
    body = {"id": "evt_1", "account": provider_id, "data": {"object": {"object": "account", "id": provider_id}}}
    with unit_of_work() as session:
        receive(session, "stripe", "evt_1", "account.updated", body)
    treasury.handle(OutboxKind.STRIPE_EVENT)
    assert [len(told(f"payout.account_{name}")) for name in ("onboarding", "active")] == [1, 0]


def test_what_moves_between_stripe_and_our_bank_is_booked_once(treasury: Treasury) -> None:
    with treasury.stripe.engine.begin() as connection:
        call = Call(connection, int(now().timestamp()))
        stripes_books.move(call, "topup", 50_000, "usd", "tu_1")
        stripes_books.move(call, "payout", -20_000, "usd", "po_1")
    since = now() - timedelta(minutes=1)
    assert (book_own_movements(by_stripe(), since), book_own_movements(by_stripe(), since)) == (2, 0)
    assert (held_on(bank("USD")), held_on(stripe_available("USD")), theirs()[0]) == (-30_000, 1_000_970, 1_000_970)


def test_what_stripe_charges_us_beside_any_payment_is_our_cost_too(treasury: Treasury) -> None:
    before = held_on(stripe_fees("USD"))
    with treasury.stripe.engine.begin() as connection:
        call = Call(connection, int(now().timestamp()))
        stripes_books.move(call, "stripe_fee", -200, "usd", "acct_1", description="Connect: one active account")
        stripes_books.move(call, "tax_fee", -38, "usd", "acct_1")
    assert book_own_movements(by_stripe(), now() - timedelta(minutes=1)) == 2
    assert (held_on(stripe_fees("USD")), held_on(stripe_available("USD"))) == (before + 238, theirs()[0])
