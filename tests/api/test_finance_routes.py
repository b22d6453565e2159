"""Failed payments tried again, a comparison asked for, and the books, over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.payout.runs.models import PayoutRun
from campaigns.payout.runs.payouts import TransferRefused, claim_payouts, record_outcomes
from tests.api.caller import caller, token_of
from tests.treasury import Treasury, now, told, treasury
from workers.transactions import unit_of_work

__all__ = ["treasury"]
API = "/api/v1"


def as_(who: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, who))


@pytest.fixture
def finance(treasury: Treasury) -> tuple[TestClient, TestClient]:
    return as_(treasury.person(role=Role.FINANCE)), as_(treasury.person(role=Role.FINANCE))


def all_refused(finance: tuple[TestClient, TestClient]) -> tuple[str, list[UUID]]:
    """A released run whose every payment the provider has refused."""
    run_id = finance[0].post(f"{API}/payouts/runs", json={"currency": "USD"}, headers={"Idempotency-Key": "x"}).json()["id"]
    for client in finance:
        client.post(f"{API}/payouts/runs/{run_id}/release")
    with unit_of_work() as session:
        run = session.get_one(PayoutRun, run_id)
        items = claim_payouts(session, run.id, run.generation, 100, at=now(), now=clock.process_now())
        record_outcomes(session, run.id, [TransferRefused(item, "account_closed") for item in items], at=now(), now=clock.process_now())
    return f"{API}/payouts/runs/{run_id}", [item.id for item in items]


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_failed_payments_go_out_with_the_next_run_once_someone_says_so(treasury: Treasury, finance: Any) -> None:
    for amount in (5_000, 6_000, 7_000):
        treasury.payee(amount)
    run, (first, *_others) = all_refused(finance)
    assert finance[0].post(f"{run}/payouts/{first}/retry").json()["state"] == "failed"
    assert code_of(finance[0].post(f"{run}/payouts/{first}/retry")) == (409, "NothingToTry")
    assert code_of(finance[0].post(f"{run}/payouts/{new_id()}/retry")) == (409, "NothingToTry")
    assert finance[1].post(f"{run}/retry").json() == {"payments": 2}
    assert code_of(finance[1].post(f"{run}/retry")) == (409, "NothingToTry")
    again = finance[0].post(f"{API}/payouts/runs", json={"currency": "USD"}, headers={"Idempotency-Key": "y"}).json()
    assert (len(again["file_hash"]), len(told("payout.hold_lifted"))) == (64, 3)
    sums = finance[0].get(f"{API}/payouts/runs/{again['id']}").json()["sums"]
    assert sums == [{"state": "ready", "items": 3, "amount": 18_000}]


def test_a_comparison_is_enqueued_once_for_each_key(treasury: Treasury, finance: Any) -> None:
    def ask(client: TestClient) -> Any:
        return client.post(f"{API}/payouts/reconciliations", headers={"Idempotency-Key": "monday"})

    assert [ask(finance[0]).status_code, ask(finance[1]).json()] == [202, {"key": "monday"}]
    assert code_of(ask(as_(treasury.person()))) == (403, "Forbidden")
    with unit_of_work() as session:
        query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.key == "reconcile/reconcile:monday")
        assert session.scalars(query).one() == 1


def test_the_books_are_read_account_by_account(treasury: Treasury, finance: Any) -> None:
    payee = treasury.payee(5_000)
    treasury.earn(payee.person, 2_500)
    chart = {kind["kind"]: kind["total"] for kind in finance[0].get(f"{API}/ledger/accounts").json()["items"]}
    assert (chart["payee"], chart["held"]) == (7_500, 992_500)
    (account,) = finance[0].get(f"{API}/ledger/accounts/payee/USD").json()["items"]
    assert (account["owner"], account["total"]) == (payee.name, 7_500)
    newest = finance[0].get(f"{API}/ledger/statements/{account['id']}", params={"limit": 1}).json()
    older = finance[0].get(f"{API}/ledger/statements/{account['id']}", params={"after": newest["next"]}).json()
    assert [(line["amount"], line["balance"]) for line in (*newest["items"], *older["items"])] == [(2_500, 7_500), (5_000, 5_000)]
    assert older["next"] is None


def test_the_books_are_finances(treasury: Treasury, finance: Any) -> None:
    payee = treasury.payee(5_000)
    (account,) = finance[0].get(f"{API}/ledger/accounts/payee/USD").json()["items"]
    mine = as_(payee)
    assert code_of(mine.get(f"{API}/ledger/accounts")) == (403, "Forbidden")
    assert code_of(mine.get(f"{API}/ledger/accounts/payee/USD")) == (403, "Forbidden")
    assert code_of(mine.get(f"{API}/ledger/statements/{account['id']}")) == (404, "NoSuchAccount")
    assert code_of(finance[0].get(f"{API}/ledger/accounts/purse/USD")) == (404, "NotFound")
