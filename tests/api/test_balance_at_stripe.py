"""Our balance at Stripe as finance reads it in the ledger: by kind, pending and reserved, and the same in the books over HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient

from campaigns.core.permissions import Role
from campaigns.payments.actions import note_balance
from campaigns.payments.balance_gateway import ProviderBalance
from tests.api.visiting import be, browser, seen
from tests.campaigns.payments.test_kept_back import of_another_kind, shorten
from tests.treasury import Treasury, treasury
from workers.gateways import by_stripe
from workers.payout.reconciliation import reconcile
from workers.transactions import unit_of_work

__all__ = ["treasury"]
LOOKED = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
IN_DOLLARS = (
    "USD: $1,507.25 available ($7.00 from FPX, $1,200.00 from cards and bank debits, -$0.25 giro, $300.50 from legacy ACH debits) "
    "· $40.00 pending · $30.00 reserved"
)


@pytest.fixture
def finance(treasury: Treasury) -> Iterator[TestClient]:
    with browser() as client:
        yield be(client, treasury.person(role=Role.FINANCE))


def at_stripe(finance: TestClient) -> list[tuple[str, str]]:
    """The lines under "Our balance at Stripe", each with when Stripe was asked."""
    found = re.findall(r'<section aria-labelledby="at-stripe">.*?</section>', seen(finance.get("/ledger")))
    lines = re.findall(r'<li>(.*?) <span class="ink-3">(.*?)</span></li>', "".join(found))
    return [(_words(line), _words(looked)) for line, looked in lines]


def _words(markup: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", markup))


def test_each_currency_is_shown_by_the_kinds_that_a_transfer_takes_from_with_what_is_pending_and_reserved(finance: TestClient) -> None:
    assert at_stripe(finance) == [], "Stripe was never asked"
    kinds = {"card": 120_000, "bank_account": 30_050, "fpx": 700, "giro": -25}
    said = {"USD": ProviderBalance(150_725, 4_000, 3_000, kinds), "EUR": ProviderBalance(9_900, 0, 0, {"card": 9_900})}
    with unit_of_work() as session:
        note_balance(session, said, at=LOOKED)
    assert at_stripe(finance) == [
        ("EUR: €99.00 available · €0.00 pending · €0.00 reserved", "Dec 1, 2026, 4:30 AM"),
        (IN_DOLLARS, "Dec 1, 2026, 4:30 AM"),
    ]


def test_what_the_ledger_says_of_stripe_is_what_the_books_have_over_http(treasury: Treasury, finance: TestClient) -> None:
    of_another_kind(treasury, 20_000)
    shorten(treasury, 3_000)
    reconcile(by_stripe(), by_stripe())
    assert [line for line, _looked in at_stripe(finance)] == [
        "USD: $9,879.70 available ($9,679.70 from cards and bank debits, $200.00 from legacy ACH debits) · $0.00 pending · $30.00 reserved"
    ]
    books = {each["kind"]: each["total"] for each in finance.get("/api/v1/ledger/accounts").json()["items"] if each["currency"] == "USD"}
    found = {name: books.get(name, 0) for name in ("stripe_available", "stripe_pending", "stripe_reserved")}
    assert found == {"stripe_available": 987_970, "stripe_pending": 0, "stripe_reserved": 3_000}
