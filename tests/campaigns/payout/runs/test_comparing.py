"""The provider's balance beside the books': what is available and what is pending, each for itself."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from campaigns.ledger.accounts import Entry, held, stripe_available, stripe_pending
from campaigns.ledger.actions import post
from campaigns.payments.actions import book_movement
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.gateway import BalanceMovement
from campaigns.payout.reconciliations.queries import MOST_NAMED, FoundDiscrepancy, compare_balance, compare_movements
from tests.treasury import CAMPAIGN, Treasury, now, told
from workers.gateways import by_stripe
from workers.payout import reconciliation
from workers.payout.reconciliation import reconcile
from workers.transactions import unit_of_work

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


def test_a_payment_that_is_pending_at_stripe_and_in_no_book_is_told_until_it_is_booked(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "SECONDS_BETWEEN_LOOKS", 0.0)
    movement = treasury.pay_by_card(100_000)
    named = f"charge {movement.id} of {movement.source}"
    found = [("balance", "USD:pending", -97_070), ("unbooked", named, -97_070)]
    assert [(d.kind, d.subject, d.amount) for d in reconcile(by_stripe(), by_stripe())] == found
    assert [each["subject"] for each in told("payout.discrepancy_found")] == ["USD:pending", named]
    with unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): 100_000}, kind="funding.received", at=now())
    assert reconcile(by_stripe(), by_stripe()) == []


def moved(number: int, kind: str, source: str | None = None) -> BalanceMovement:
    return BalanceMovement(f"txn_{number}", kind, source, -200, 30, -230, "USD", AT, AT, True)


def test_of_what_moved_only_what_is_in_no_book_and_no_transfer_is_named(books: Session) -> None:
    booked = moved(1, "payment_refund", "pyr_1")
    book_movement(books, booked, {held(CAMPAIGN, "USD"): 200}, kind="brief.refund", at=AT)
    of_transfers = [moved(2, "transfer", "tr_1"), moved(3, "transfer_refund", "trr_1")]
    assert list(compare_movements(books, [booked, *of_transfers, moved(4, "payment_reversal"), moved(5, "refund", "re_1")])) == [
        FoundDiscrepancy("unbooked", "payment_reversal txn_4", 230, "USD"),
        FoundDiscrepancy("unbooked", "refund txn_5 of re_1", 230, "USD"),
    ]  # fmt: skip
    assert len(list(compare_movements(books, [moved(number, "charge") for number in range(10, 100)]))) == MOST_NAMED
