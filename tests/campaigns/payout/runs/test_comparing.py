"""The provider's balance beside the books': what is available and what is pending, each for itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.db import unit_of_work
from campaigns.ledger.accounts import Entry, held, stripe_available, stripe_pending
from campaigns.ledger.actions import post
from campaigns.payments.actions import book_movement
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.gateway import Movement, gateway
from campaigns.payout.runs import reconciling
from campaigns.payout.runs.comparing import compare_balance
from campaigns.payout.runs.reconciling import reconcile
from tests.treasury import CAMPAIGN, Treasury, now, told

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
Found = list[tuple[str, int, str]]


@pytest.fixture
def books(session: Session) -> Session:
    """Books in which 700 cents are available with the provider and 300 on their way there."""
    ours = held(CAMPAIGN, "USD")
    post(session, "test.paid", "paid", [Entry(stripe_available("USD"), ours, 700), Entry(stripe_pending("USD"), ours, 300)], at=AT)
    return session


def found(session: Session, **theirs: ProviderBalance) -> Found:
    return [(each.subject, each.amount, each.currency) for each in compare_balance(session, theirs)]


@pytest.mark.parametrize(
    ("available", "pending", "expected"),
    [
        (700, 300, []),
        (699, 300, [("USD:available", 1, "USD")]),
        (701, 300, [("USD:available", -1, "USD")]),
        (700, 299, [("USD:pending", 1, "USD")]),
        (700, 301, [("USD:pending", -1, "USD")]),
        (1_000, 0, [("USD:available", -300, "USD"), ("USD:pending", 300, "USD")]),
    ],
)
def test_pending_money_and_available_money_are_each_compared_with_the_providers(
    books: Session, available: int, pending: int, expected: Found
) -> None:
    assert found(books, USD=ProviderBalance(available, pending)) == expected


def test_a_currency_that_only_one_side_knows_is_a_difference_on_either_side(books: Session) -> None:
    assert found(books) == [("USD:available", 700, "USD"), ("USD:pending", 300, "USD")]
    entries = [Entry(stripe_available("GBP"), held(CAMPAIGN, "GBP"), 2), Entry(stripe_pending("JPY"), held(CAMPAIGN, "JPY"), 3)]
    post(books, "test.paid", "of others", entries, at=AT)
    assert found(books, USD=ProviderBalance(700, 300)) == [("GBP:available", 2, "GBP"), ("JPY:pending", 3, "JPY")]


def test_a_currency_of_which_only_the_provider_has_something_is_a_difference(books: Session) -> None:
    both = {"EUR": ProviderBalance(0, 5), "USD": ProviderBalance(700, 300)}
    assert found(books, **both) == [("EUR:pending", -5, "EUR")]


def _paid_by_card(treasury: Treasury, amount: int) -> Movement:
    asked = {"amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    intent = treasury.stripe.client.v1.payment_intents.create(asked)
    return next(m for m in gateway().movements_since(now() - timedelta(minutes=1)) if m.source == intent.latest_charge)


def test_a_payment_that_is_pending_at_stripe_and_in_no_book_is_told_until_it_is_booked(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "SECONDS_BETWEEN_LOOKS", 0.0)
    movement = _paid_by_card(treasury, 100_000)
    assert [(d.kind, d.subject, d.amount) for d in reconcile()] == [("balance", "USD:pending", -97_070)]
    assert [each["subject"] for each in told("payout.discrepancy_found")] == ["USD:pending"]
    with unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): 100_000}, kind="funding.received", at=now())
    assert reconcile() == []
