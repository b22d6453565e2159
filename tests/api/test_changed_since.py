"""What changed since a quote, as whoever approves it sees it, over HTTP and on the page; and finance's look at a changed country."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM, Actor
from campaigns.core.permissions import Role
from campaigns.payout.holds.actions import hold_payments
from campaigns.payout.runs.actions import pause_run
from campaigns.payout.runs.models import SHORT
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, seen, value_of
from tests.campaigns.payout.runs.bureau import quote, released
from tests.treasury import Treasury, now, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]

API = "/api/v1"


@pytest.fixture
def finance(treasury: Treasury) -> Actor:
    return treasury.person(role=Role.FINANCE)


def as_(who: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, who))


def test_whoever_approves_sees_whom_the_run_does_not_pay_any_more_and_why(treasury: Treasury, finance: Actor) -> None:
    ana, _ben = treasury.payee(5_000), treasury.payee(6_000)
    run_id = quote()
    with unit_of_work() as session:
        hold_payments(session, ana.person, "A court order.", by=SYSTEM, at=now())
    changed: Any = as_(finance).get(f"{API}/payouts/runs/{run_id}").json()["changed"]
    (first,) = changed.pop("first")
    assert changed == {"payments": 1, "amount": 5_000}
    assert (first["person_id"], first["amount"], first["reason"], first["sentence"]) == (
        str(ana.person), 5_000, "held", "Payments to the payee are on hold.",
    )  # fmt: skip
    with browser() as client:
        page = seen(be(client, finance).get(f"/runs/{run_id}"))
        assert "1 payment changed after the run was prepared and will be left out" in page
        assert "$60.00 to 1 people" in page
        assert client.post(f"/runs/{run_id}/release").status_code == 303
        assert "Payments to the payee are on hold." in seen(client.get(f"/runs/{run_id}"))
    assert as_(finance).get(f"{API}/payouts/runs/{run_id}").json()["changed"] == {"first": [], "payments": 0, "amount": 0}


def test_finance_looks_at_a_changed_country_over_http_and_on_the_page(treasury: Treasury, finance: Actor) -> None:
    ana, ben = treasury.payee(5_000), treasury.payee(6_000)
    for who in (ana, ben):
        profile = {"name": "Ana", "country": "DE", "locale": "en", "time_zone": "UTC"}
        assert as_(who).put(f"{API}/me", json=profile).status_code == 200
    listed = as_(finance).get(f"{API}/payouts/country-changes").json()["items"]
    assert {(each["person_id"], each["before"], each["after"], each["account_country"]) for each in listed} == {
        (str(who.person), "US", "DE", "US") for who in (ana, ben)
    }
    path = f"{API}/payouts/country-changes/{ana.person}/confirm"
    assert as_(ana).post(path, json={"note": "It is me."}).status_code == 403
    assert as_(finance).post(path, json={"note": "We have seen the registration."}).json()["looked_at"] is not None
    assert as_(finance).post(path, json={"note": "Again."}).status_code == 409
    with browser() as client:
        assert "From United States to Germany" in seen(be(client, finance).get("/runs/holds"))
        assert client.post(f"/runs/countries/{ben.person}/confirm", data={"note": "Seen."}).status_code == 303
        assert "Changed their country" not in seen(client.get("/runs/holds"))


def test_a_run_that_lacks_money_offers_a_top_up_of_what_is_missing(treasury: Treasury, finance: Actor) -> None:
    treasury.payee(999_000)
    run_id = released(treasury)
    with unit_of_work() as session:
        pause_run(session, run_id, None, cause=SHORT, by=SYSTEM, at=now())
    shown = as_(finance).get(f"{API}/payouts/runs/{run_id}").json()
    assert (shown["state"], shown["cause"], shown["reason"]) == ("paused", "balance_insufficient", None)
    with browser() as client:
        page = seen(be(client, finance).get(f"/runs/{run_id}"))
        amount = value_of(page, "amount")
        sent = {"once": value_of(page, "once"), "amount": amount}
        assert [client.post(f"/runs/{run_id}/top-up", data=sent).status_code for _time in range(2)] == [303, 303]
        assert "is on its way from our bank" in seen(client.get(f"/runs/{run_id}"))
    (asked,) = as_(finance).get(f"{API}/payouts/top-ups").json()["items"]
    assert (asked["amount"], asked["state"]) == (round(float(amount) * 100), "promised")
    body = {"currency": "USD", "amount": 5_000}
    made = as_(finance).post(f"{API}/payouts/top-ups", json=body, headers={"Idempotency-Key": "once"})
    assert (made.status_code, made.json()["amount"]) == (201, 5_000)
    with unit_of_work() as session:
        assert len([p for p in session.query(outbox.OutboxMessage).all() if p.kind == OutboxKind.TOP_UP]) == 2
