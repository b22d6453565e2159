"""A payment in a currency without a bank account settles converted: booked on both sides, given back at the rate of the day."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.brief.funding.queries import funding
from campaigns.brief.models import Payment
from campaigns.brief.money_checks import INVARIANTS
from campaigns.brief.queries import cover, written_brief
from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import (
    Account,
    conversion,
    exchange_gains,
    held,
    refund_clearing,
    stripe_available,
    stripe_fees,
    stripe_pending,
)
from campaigns.ledger.checks import broken
from campaigns.ledger.queries import balance
from campaigns.payments.actions import book_movement
from campaigns.payments.conversions import conversions_of
from campaigns.payments.errors import DoesNotAddUp
from campaigns.payments.gateway import BalanceMovement, Converted
from campaigns.payments.models import ProviderConversion
from campaigns.payments.money_out import TransferOrder
from campaigns.payments.provider_errors import InsufficientBalance
from tests.campaigns.brief.billing import TOTAL, billed, give_back, handle, pay_at_stripe, row
from tests.campaigns.brief.converted import differences, paid_in_euro, plant
from tests.factories import signed_brief
from tests.treasury import CAMPAIGN, Treasury, held_on
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.provider.balances import settle_balance
from workers.provider.installation import _of_conversions
from workers.transactions import unit_of_work

AT = datetime(2026, 12, 2, tzinfo=UTC)


def books(*accounts: Account) -> list[int]:
    return [held_on(account) for account in accounts]


def test_what_the_brand_paid_is_held_in_its_currency_and_what_it_was_changed_into_is_on_our_balance(treasury: Treasury) -> None:
    made, settled = paid_in_euro(treasury), TOTAL * 108 // 100
    fee = (settled * 290 + 5_000) // 10_000 + 30
    assert books(held(made.id, "EUR"), conversion("EUR"), conversion("USD")) == [TOTAL, TOTAL, -settled]
    assert books(stripe_pending("USD"), stripe_pending("EUR"), stripe_fees("EUR")) == [settled - fee, 0, 0]
    with unit_of_work() as session:
        assert cover(session, written_brief(session, made.id)).missing == 0
        found = funding(session, made.id, by=made.finance)
        each = found.conversions[found.payments[0].charge]
        assert (each.amount, each.currency, each.settled, each.settled_currency) == (TOTAL, "EUR", settled, "USD")
        assert (each.rate, str(each.rate), each.rate_is_ours) == (Decimal("1.08"), "1.08", False)
        assert funding(session, made.id, by=made.manager).conversions == {}
    assert differences() == []
    treasury.pass_time(timedelta(days=3))
    settle_balance(by_stripe())
    assert (held_on(stripe_pending("USD")), differences()) == (0, [])


def test_a_conversion_whose_rate_stripe_does_not_say_is_booked(treasury: Treasury) -> None:
    plant(treasury, "usd", rates={"eur": "1.0833333333"})
    with unit_of_work() as session:
        made = signed_brief(session, at=clock.business_now(session), currency="EUR")
    invoice = billed(made)
    assert pay_at_stripe(invoice).status_code < 400
    with treasury.stripe.engine.begin() as connection:
        silent = "update stripe_sandbox.object set body = body || '{\"exchange_rate\": null}' where kind = 'balance_transaction'"
        connection.execute(text(silent))
    look_at_invoice(by_stripe(), str(row(invoice).provider_id))
    settled = 8_016_664
    assert books(held(made.id, "EUR"), conversion("EUR"), conversion("USD")) == [TOTAL, TOTAL, -settled]
    with unit_of_work() as session:
        (each,) = session.scalars(select(ProviderConversion))
    assert (each.amount, each.settled, each.basis, each.rate, each.rate_is_ours) == (TOTAL, settled, settled, Decimal("1.0833330"), True)
    give_back(made, 10_000)
    treasury.fund(10_000_000)
    handle("brief_refund")
    assert (books(conversion("EUR")), differences()) == ([TOTAL - 10_000], [])


def test_a_side_that_is_not_in_the_books_is_found(treasury: Treasury) -> None:
    paid_in_euro(treasury)
    with unit_of_work() as session:
        assert broken(session, INVARIANTS) == []
        session.execute(text("update provider_conversion set basis = basis - 1"))
        assert [(each.invariant.name, each.culprits) for each in broken(session, INVARIANTS)] == [("conversions_have_both_sides", ["USD"])]
        session.rollback()


def test_looking_again_books_nothing_twice(treasury: Treasury) -> None:
    made = paid_in_euro(treasury)
    before = books(held(made.id, "EUR"), conversion("EUR"), conversion("USD"), stripe_pending("USD"))
    handle()
    assert books(held(made.id, "EUR"), conversion("EUR"), conversion("USD"), stripe_pending("USD")) == before


@pytest.mark.parametrize(("rate", "gain"), [("1.05", 300), ("1.11", -300), ("1.08", 0)])
def test_a_refund_takes_what_the_rate_of_its_day_asks_for_and_the_difference_is_a_gain_or_a_loss(
    treasury: Treasury, rate: str, gain: int
) -> None:
    made = paid_in_euro(treasury)
    plant(treasury, rates={"eur": rate})
    give_back(made, 10_000)
    before = held_on(stripe_available("USD"))
    handle("brief_refund")
    assert before - held_on(stripe_available("USD")) == int(10_000 * Decimal(rate))
    assert books(refund_clearing(made.id, "EUR"), exchange_gains("USD")) == [0, gain]
    assert books(conversion("EUR"), conversion("USD")) == [TOTAL - 10_000, -(TOTAL - 10_000) * 108 // 100]
    assert differences() == []


def test_a_refund_that_comes_back_undoes_its_part_and_keeps_what_the_rate_made_of_it(treasury: Treasury) -> None:
    made = paid_in_euro(treasury)
    plant(treasury, rates={"eur": "1.05"})
    with unit_of_work() as session:
        charge = session.scalars(select(Payment.charge)).one()
    with treasury.stripe.engine.begin() as connection:
        change = 'update stripe_sandbox.object set body = body || \'{"payment_method": "pm_card_refundFail"}\' where id = :id'
        connection.execute(text(change), {"id": charge})
    give_back(made, 10_000)
    handle("brief_refund")
    treasury.stripe.settle()
    (refund,) = treasury.stripe.client.v1.refunds.list().data
    assert refund.status == "failed"
    look_at_refund(by_stripe(), refund.id)
    assert books(conversion("EUR"), conversion("USD"), exchange_gains("USD")) == [TOTAL, -TOTAL * 108 // 100, 0]
    assert differences() == []


def test_what_was_converted_cannot_be_paid_out_in_its_own_currency_and_the_check_says_what_to_do(treasury: Treasury) -> None:
    paid_in_euro(treasury)
    account = treasury.stripe.payable("DE")
    with pytest.raises(InsufficientBalance):
        by_stripe().transfer(TransferOrder(100, "EUR", account, "g", {}), key="k")
    assert [finding.code for finding in _of_conversions()] == ["converted_eur"]
    said = next(iter(_of_conversions())).sentence
    assert said == (
        "€74,000.00 that brands paid was converted because the platform has no bank account in EUR. Payouts in EUR wait until you add "
        "one in Stripe and top up your balance."
    )


def movement(amount: int, presented: int, source: str, charge: str, fee: int = 0) -> BalanceMovement:
    said = Converted(presented, "EUR", Decimal("1.0799999999999999"), charge)
    return BalanceMovement(str(new_id()), "charge", source, amount, fee, amount - fee, "USD", AT, AT, True, said)


REFUNDED = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**7), st.booleans()), max_size=8)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(charged=st.integers(1, 10**6), settled=st.integers(1, 10**7), refunds=REFUNDED)
def test_whatever_is_given_back_and_returned_nothing_is_left_over_and_every_cent_is_a_part_or_a_gain(
    session: Session, charged: int, settled: int, refunds: list[tuple[int, int, bool]]
) -> None:
    with session.begin_nested() as savepoint:
        charge, clearing = str(new_id()), refund_clearing(CAMPAIGN, "EUR")
        start = totals(session)
        book_movement(session, movement(settled, charged, charge, charge), {clearing: charged}, kind="test.charge", at=AT)
        left, on_balance = charged, settled
        for wanted, taken, comes_back in [*refunds, (10**6, 7, False)]:
            part = min(wanted, left)
            if not part:
                continue
            for sign in (-1, 1) if comes_back else (-1,):
                moved = movement(sign * taken, part, str(new_id()), charge)
                book_movement(session, moved, {clearing: part}, kind="test.refund", at=AT)
                left, on_balance = left + sign * part, on_balance + sign * taken
                now = [each - before for each, before in zip(totals(session), start, strict=True)]
                assert now[0] == left
                assert now[1] == -(settled - settled * (charged - left) // charged)
                assert now[2] == on_balance
                assert now[3] == on_balance + now[1]
        assert (left, totals(session)[:2]) == (0, start[:2])
        assert broken(session) == []
        savepoint.rollback()


def totals(session: Session) -> list[int]:
    """What was paid and not given back, what it settled as, our balance, and the gains."""
    accounts = (conversion("EUR"), conversion("USD"), stripe_available("USD"), exchange_gains("USD"))
    return [balance(session, account) for account in accounts]


def test_parts_that_are_not_what_was_paid_are_refused_and_the_rate_is_kept_to_the_last_digit(session: Session) -> None:
    charge = str(new_id())
    paid, clearing = movement(108, 100, charge, charge), refund_clearing(CAMPAIGN, "EUR")
    with pytest.raises(DoesNotAddUp):
        book_movement(session, paid, {clearing: 108}, kind="test.charge", at=AT)
    for _twice in range(2):
        book_movement(session, paid, {clearing: 100}, kind="test.charge", at=AT)
    found: Mapping[str, ProviderConversion] = conversions_of(session, [charge])
    assert [(each.amount, each.settled, each.basis, str(each.rate)) for each in found.values()] == [(100, 108, 108, "1.0799999999999999")]
