"""Payout runs, limits, holds and one's own payout account over HTTP, beside Stripe's simulator."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api.deps import COOKIE
from campaigns.core import access
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.payout.holds.models import Hold
from campaigns.payout.runs.models import Payout
from tests.api.caller import caller, token_of
from tests.treasury import Treasury, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]

API = "/api/v1"
USD = {"currency": "USD"}


def as_(who: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, who))


def in_browser(who: Actor) -> TestClient:
    """The same with a session in place of a token, from a page of ours."""
    client = caller()
    with unit_of_work() as session:
        client.headers.update({"Sec-Fetch-Site": "same-origin", "Cookie": f"{COOKIE}={access.open_session(session, who.person)}"})
    return client


def test_where_money_goes_is_opened_knowingly_and_cools(treasury: Treasury) -> None:
    who = treasury.payee(5_000)
    ana = in_browser(who)
    assert refused(ana.post(f"{API}/me/payout-account/link")) == (409, "NotOpened", None)
    assert ana.get("/payout/onboarding/form", follow_redirects=False).status_code == 409
    assert "72 hours" in ana.get("/payout/onboarding").text
    assert ana.get(f"{API}/me/money").json()["items"][0]["reason"] is None
    there = ana.post("/payout/onboarding", follow_redirects=False)
    assert (there.status_code, there.headers["location"]) == (303, "/payout/onboarding")
    assert 'href="/payout/onboarding/form"' in ana.get(there.headers["location"]).text
    assert ana.get("/payout/onboarding/form", follow_redirects=False).headers["location"].startswith("http")
    assert ana.get(f"{API}/me/money").json()["items"][0]["reason"] == "cooling"
    assert "Payments resume on" in ana.get(f"{API}/me/money").json()["items"][0]["sentence"]


@pytest.fixture
def finance(treasury: Treasury) -> tuple[TestClient, TestClient]:
    return as_(treasury.person(role=Role.FINANCE)), as_(treasury.person(role=Role.FINANCE))


def quoted(client: TestClient, key: str = "today") -> Any:
    return client.post(f"{API}/payouts/runs", json=USD, headers={"Idempotency-Key": key})


def refused(answer: Any) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")


def test_a_run_by_hand_is_quoted_once_for_each_key_and_released_by_two_people(treasury: Treasury, finance: Any) -> None:
    fay, flo = finance
    treasury.payee(5_000), treasury.payee(7_000)
    first, again = quoted(fay), quoted(fay)
    run = first.json()["id"]
    assert (first.status_code, first.json()["state"], first.json()["sequence"], again.json()["id"]) == (201, "quoted", "today", run)
    shown = flo.get(f"{API}/payouts/runs/{run}").json()
    assert (shown["sums"], len(shown["items"])) == ([{"state": "ready", "items": 2, "amount": 12_000}], 2)
    assert [who.post(f"{API}/payouts/runs/{run}/release").json()["state"] for who in finance] == ["quoted", "released"]
    assert fay.post(f"{API}/payouts/runs/{run}/pause", json={"reason": "Look again."}).json()["state"] == "paused"
    assert fay.post(f"{API}/payouts/runs/{run}/resume").json()["state"] == "released"
    assert [r["id"] for r in fay.get(f"{API}/payouts/runs").json()["items"]] == [run]


def test_a_run_that_was_not_released_is_discarded(treasury: Treasury, finance: Any) -> None:
    payee = treasury.payee(5_000)
    run = quoted(finance[0]).json()["id"]
    assert finance[0].post(f"{API}/payouts/runs/{run}/discard", json={"reason": "Wrong day."}).json()["state"] == "discarded"
    assert refused(finance[0].post(f"{API}/payouts/runs/{run}/release")) == (409, "NotQuoted", None)
    (purse,) = as_(payee).get(f"{API}/me/money").json()["items"]
    assert (purse["balance"], purse["on_its_way"], purse["reason"]) == (5_000, 0, None)


def test_the_payee_sees_what_is_on_its_way(treasury: Treasury, finance: Any) -> None:
    payee = treasury.payee(5_000)
    quoted(finance[0])
    (purse,) = as_(payee).get(f"{API}/me/money").json()["items"]
    assert (purse["balance"], purse["on_its_way"], purse["sent"]) == (0, 5_000, 0)
    assert [(p["amount"], p["state"]) for p in as_(payee).get(f"{API}/me/payouts").json()["items"]] == [(5_000, "ready")]


def test_a_runs_payouts_come_in_pages_failures_first(treasury: Treasury, finance: Any) -> None:
    for amount in (1_000, 2_000, 3_000, 4_000):
        treasury.payee(amount)
    run = quoted(finance[0]).json()["id"]
    with unit_of_work() as session:
        items = session.query(Payout).order_by(Payout.id).all()
        items[1].state, items[3].state = "failed", "failed"
        expected = [items[n].id for n in (1, 3, 0, 2)]
    seen: list[UUID] = []
    after: dict[str, str] = {}
    while True:
        page = finance[0].get(f"{API}/payouts/runs/{run}", params={"limit": 1, **after}).json()
        seen += [UUID(item["id"]) for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == expected


def test_a_payment_that_goes_out_again_between_two_pages_hides_none_of_the_others(treasury: Treasury, finance: Any) -> None:
    for amount in (1_000, 2_000, 3_000, 4_000):
        treasury.payee(amount)
    run = quoted(finance[0]).json()["id"]

    def page(**asked: str | int) -> Any:
        return finance[0].get(f"{API}/payouts/runs/{run}", params={"limit": 1, **asked}).json()

    with unit_of_work() as session:
        items = session.query(Payout).order_by(Payout.id).all()
        items[0].state, items[2].state = "failed", "failed"
        failed, ready, also_failed, also_ready = [str(item.id) for item in items]
    first = page()
    with unit_of_work() as session:
        session.get_one(Payout, failed).state = "ready"
    second = page(after=first["next"])
    with unit_of_work() as session:
        session.get_one(Payout, also_failed).state = "ready"
    rest = page(after=second["next"], limit=100)
    seen = [([item["id"] for item in each["items"]], each["next"]) for each in (first, second, rest)]
    assert seen == [
        ([failed], f"failed.{failed}"), ([also_failed], f"failed.{also_failed}"), ([failed, ready, also_failed, also_ready], None),
    ]  # fmt: skip
    assert page(after=f"other.{ready}", limit=1)["next"] == f"other.{also_failed}"
    assert finance[0].get(f"{API}/payouts/runs/{run}", params={"after": failed}).status_code == 422


def test_a_run_by_hand_needs_a_key_a_known_currency_and_something_payable(treasury: Treasury, finance: Any) -> None:
    assert finance[0].post(f"{API}/payouts/runs", json=USD).status_code == 422
    assert refused(quoted(finance[0])) == (409, "NothingPayable", None)
    odd = finance[0].post(f"{API}/payouts/runs", json={"currency": "QQQ"}, headers={"Idempotency-Key": "x"})
    assert refused(odd) == (400, "UnknownCurrency", "currency")
    pigeon = finance[0].post(f"{API}/payouts/runs", json={"currency": "USD", "route": "pigeon"}, headers={"Idempotency-Key": "x"})
    assert refused(pigeon) == (400, "UnknownRoute", "route")
    assert finance[0].get(f"{API}/payouts/runs").json()["items"] == []


def test_limits_are_proposed_by_one_and_confirmed_by_another(treasury: Treasury, finance: Any) -> None:
    fay, flo = finance
    made = fay.post(f"{API}/payouts/limits", json={"currency": "USD", "most_per_run": 100_000, "most_per_person": 10_000})
    limits = made.json()["id"]
    assert (made.status_code, made.json()["confirmed_at"]) == (201, None)
    assert refused(fay.post(f"{API}/payouts/limits/{limits}/confirm")) == (403, "SecondPersonNeeded", None)
    assert flo.post(f"{API}/payouts/limits/{limits}/confirm").json()["confirmed_at"] is not None
    treasury.payee(5_000)
    assert quoted(fay).json()["state"] == "released"
    assert [each["id"] for each in flo.get(f"{API}/payouts/limits").json()["items"]] == [limits]
    low = fay.post(f"{API}/payouts/limits", json={"currency": "USD", "most_per_run": -1, "most_per_person": 0})
    assert refused(low) == (400, "LimitOutOfRange", "most_per_run")
    assert refused(flo.post(f"{API}/payouts/limits/{new_id()}/confirm")) == (404, "NoSuchLimits", None)


def test_a_hold_keeps_someones_money_where_it_is(treasury: Treasury, finance: Any) -> None:
    payee, _other = treasury.payee(5_000), treasury.payee(6_000)
    held = finance[0].post(f"{API}/payouts/holds", json={"person": str(payee.person), "reason": "The address bounces."})
    run = quoted(finance[0]).json()["id"]
    assert (held.status_code, [i["amount"] for i in finance[0].get(f"{API}/payouts/runs/{run}").json()["items"]]) == (201, [6_000])
    assert finance[0].get(f"{API}/payouts/unpayable").json()["items"] == [{"currency": "USD", "reason": "held", "people": 1}]
    assert finance[0].delete(f"{API}/payouts/holds/{payee.person}").json()["lifted_at"] is not None
    assert quoted(finance[0], "later").status_code == 201
    assert finance[0].get(f"{API}/payouts/discrepancies").json() == {"next": None, "items": []}


def test_the_open_holds_are_listed_newest_first_each_with_whom_it_keeps_from_being_paid(treasury: Treasury, finance: Any) -> None:
    ana, ben, lea = (treasury.person() for _each in range(3))
    for person in (ana, lea):
        finance[0].post(f"{API}/payouts/holds", json={"person": str(person.person), "reason": "The address bounces."})
    with unit_of_work() as session:
        session.add(Hold(person_id=ben.person, reason="account_closed", placed_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC)))
    assert finance[0].delete(f"{API}/payouts/holds/{lea.person}").status_code == 200
    by_itself = finance[1].get(f"{API}/payouts/holds", params={"limit": 1}).json()
    by_hand = finance[1].get(f"{API}/payouts/holds", params={"after": by_itself["next"]}).json()
    (shown,) = by_hand["items"]
    assert by_itself == {
        "items": [
            {
                "id": by_itself["next"], "person_id": str(ben.person), "name": ben.name, "reason": "account_closed", "placed_by": None,
                "placed_at": "2026-11-02T09:00:00Z", "lifted_at": None,
            }
        ],
        "next": by_itself["items"][0]["id"],
    }  # fmt: skip
    assert by_hand == {
        "items": [
            {
                "id": shown["id"], "person_id": str(ana.person), "name": ana.name, "reason": "The address bounces.",
                "placed_by": finance[0].get(f"{API}/me").json()["id"], "placed_at": shown["placed_at"], "lifted_at": None,
            }
        ],
        "next": None,
    }  # fmt: skip


def test_finance_reads_of_each_balance_that_stays_whose_it_is_and_why(treasury: Treasury, finance: Any) -> None:
    nobodys = [treasury.person() for _each in range(3)]
    for number, person in enumerate(nobodys):
        treasury.earn(person.person, 1_000 + number)
    treasury.payee(5_000)
    first = finance[0].get(f"{API}/payouts/unpayable/USD", params={"limit": 2}).json()
    assert first["items"][0] == {
        "person": str(nobodys[0].person), "name": "Person 3", "amount": 1_000, "currency": "USD", "reason": "no_account",
        "sentence": "Set up payouts, and $10.00 will be paid in the next run.",
    }  # fmt: skip
    rest = finance[0].get(f"{API}/payouts/unpayable/USD", params={"after": first["next"]}).json()
    assert [each["amount"] for page in (first, rest) for each in page["items"]] == [1_000, 1_001, 1_002]
    assert (rest["next"], finance[0].get(f"{API}/payouts/unpayable/EUR").json()) == (None, {"next": None, "items": []})
    assert refused(finance[0].get(f"{API}/payouts/unpayable/usd"))[0] == 422


def test_runs_are_finances_alone(treasury: Treasury, finance: Any) -> None:
    payee = as_(treasury.payee(5_000))
    run = quoted(finance[0]).json()["id"]
    assert refused(payee.get(f"{API}/payouts/runs/{run}")) == (404, "NoSuchRun", None)
    for path in ("runs", "limits", "holds", "negative-balances", "unpayable", "unpayable/USD", "discrepancies"):
        assert refused(payee.get(f"{API}/payouts/{path}")) == (403, "Forbidden", None)
    assert refused(quoted(payee)) == (403, "Forbidden", None)
    assert refused(payee.post(f"{API}/payouts/runs/{run}/release")) == (404, "NoSuchRun", None)
    assert refused(payee.post(f"{API}/payouts/limits", json=USD | {"most_per_run": 1, "most_per_person": 1})) == (403, "Forbidden", None)
    assert {caller().get(f"{API}/payouts/runs").status_code, caller().get(f"{API}/me/money").status_code} == {401}


def test_an_artist_opens_an_account_and_goes_on_to_stripes_form_in_their_browser(treasury: Treasury) -> None:
    who = treasury.person("DE")
    ana = in_browser(who)
    assert refused(ana.get(f"{API}/me/payout-account")) == (404, "NoPayoutAccount", None)
    assert refused(ana.post(f"{API}/me/payout-account/link")) == (404, "NoPayoutAccount", None)
    opened = ana.post(f"{API}/me/payout-account")
    assert (opened.status_code, opened.json()["state"], ana.post(f"{API}/me/payout-account").json()["id"]) == (
        201, "promised", opened.json()["id"],
    )  # fmt: skip
    assert refused(ana.post(f"{API}/me/payout-account/link")) == (409, "AccountNotReady", None)
    treasury.handle(OutboxKind.PAYOUT_ACCOUNT)
    link = ana.post(f"{API}/me/payout-account/link")
    assert (link.status_code, link.headers["cache-control"], link.json()["url"].startswith("http")) == (200, "no-store", True)
    assert ana.get(f"{API}/me/payout-account").json()["state"] == "onboarding"
    there = ana.get("/payout/onboarding", follow_redirects=False)
    assert (there.status_code, there.headers["location"]) == (303, "/payout/onboarding/form")
    form = ana.get(there.headers["location"], follow_redirects=False)
    assert (form.status_code, form.headers["location"].startswith("http")) == (303, True)
    for path in ("link", "opening"):
        assert refused(as_(who).post(f"{API}/me/payout-account/{path}")) == (403, "BrowserOnly", None)
    assert as_(who).get("/payout/onboarding/form", follow_redirects=False).status_code == 403
    assert caller().post(f"{API}/me/payout-account/link").status_code == 401


def test_a_country_without_a_route_is_told_so(treasury: Treasury) -> None:
    noor = as_(treasury.person("VE"))
    assert refused(noor.post(f"{API}/me/payout-account")) == (409, "NoRoute", "country")
