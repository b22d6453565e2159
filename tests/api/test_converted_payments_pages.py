"""What finance reads of a payment that Stripe converted: on the funding page, on the journal's, and over HTTP."""

from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from campaigns.brief.funding.queries import funding
from tests.api.visiting import be, browser, seen
from tests.campaigns.brief.converted import paid_in_euro
from tests.treasury import Treasury, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]


@pytest.fixture
def client(treasury: Treasury) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def words(answer: Response) -> str:
    return unescape(seen(answer))


def test_finance_reads_both_sides_and_the_rate_and_the_brand_what_it_paid(client: TestClient, treasury: Treasury) -> None:
    made = paid_in_euro(treasury)
    with unit_of_work() as session:
        (conversion,) = funding(session, made.id, by=made.finance).conversions.values()
    page = words(be(client, made.finance).get(f"/campaigns/{made.id}/funding"))
    assert "settled as $79,920.00 at Stripe's rate of 1.08" in page
    journal = words(client.get(f"/ledger/journals/{conversion.journal_id}"))
    assert "€74,000.00 ↔ $79,920.00, at Stripe's rate of 1.08" in journal
    checks = words(client.get("/checks"))
    assert ("€74,000.00" in checks, "$79,920.00" in checks) == (True, True)
    told = client.get(f"/api/v1/ledger/journals/{conversion.journal_id}").json()["conversion"]
    both = {"currency": "EUR", "amount": 7_400_000, "settled_currency": "USD", "settled": 7_992_000, "basis": 7_992_000, "rate": "1.08",
            "rate_is_ours": False}  # fmt: skip
    assert told == both
    (payment,) = client.get(f"/api/v1/campaigns/{made.id}/funding").json()["payments"]
    assert payment["converted"] == both
    be(client, made.manager)
    assert "Settled in another currency" not in words(client.get(f"/campaigns/{made.id}/funding"))
    assert client.get(f"/api/v1/campaigns/{made.id}/funding").json()["payments"][0]["converted"] is None
