"""Before a request is executed: who asks, how fast, and what every answer carries."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe
from sqlalchemy import Engine

from sandbox.stripe.limiter import BucketLimiter, RateLimitExceeded
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Simulator, empty, plain, running


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer sk_test_of_somebody_else", "Basic c2s6"])
def test_a_request_without_the_right_key_is_refused(simulator: Simulator, authorization: str) -> None:
    refused = simulator.raw("POST", "/v1/customers", {"name": "Zappos"}, Authorization=authorization, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "invalid_request_error")
    assert dahlia.faults("POST", "/v1/customers", 401, refused.json()) == []
    assert simulator.raw("POST", "/v1/customers", {"name": "Zappos"}, Idempotency_Key="k1").status_code == 200


def test_every_answer_carries_its_request_id_and_the_version_asked_for(simulator: Simulator) -> None:
    answers = [
        simulator.raw("GET", "/v1/balance", Stripe_Version="2026-10-28.endive"),
        simulator.raw("GET", "/v1/customers/cus_none", Stripe_Version="2026-10-28.endive"),
        simulator.raw("GET", "/v1/balance", Stripe_Version="2026-10-28.endive", Authorization=""),
    ]
    assert [each.status_code for each in answers] == [200, 404, 401]
    assert {each.headers["Stripe-Version"] for each in answers} == {"2026-10-28.endive"}
    assert len({each.headers["Request-Id"] for each in answers}) == 3
    assert answers[1].json()["error"] == {
        "code": "resource_missing",
        "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
        "message": "No such customer: 'cus_none'",
        "param": "id",
        "type": "invalid_request_error",
        "request_log_url": f"https://dashboard.stripe.com/test/logs/{answers[1].headers['Request-Id']}",
    }


def test_an_address_that_the_simulator_does_not_have_is_refused_in_stripes_shape(simulator: Simulator) -> None:
    for method, path in (("GET", "/v1/subscriptions"), ("DELETE", "/v1/transfers")):
        refused = simulator.raw(method, path)
        assert (refused.status_code, refused.json()["error"]["message"]) == (404, f"Unrecognized request URL ({method}: {path}).")


def test_the_26th_request_to_an_endpoint_in_one_instant_is_refused_and_not_saved(sandbox_engine: Engine) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    empty(sandbox_engine)
    with running(sandbox_engine, BucketLimiter(lambda: now)) as simulator:
        answers = [simulator.raw("GET", "/v1/balance").status_code for _ in range(25)]
        refused = simulator.raw("GET", "/v1/balance", Idempotency_Key="k1")
        elsewhere = simulator.raw("GET", "/v1/events")
        now += timedelta(seconds=1 / 25)
        later = simulator.raw("GET", "/v1/balance", Idempotency_Key="k1")
    assert answers == [200] * 25
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit")
    assert refused.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert (elsewhere.status_code, later.status_code) == (200, 200)


def test_all_endpoints_together_have_a_limit_too() -> None:
    limiter = BucketLimiter(lambda: datetime(2026, 11, 24, tzinfo=UTC))
    for number in range(100):
        limiter.admit(f"GET /v1/{number}")
    with pytest.raises(RateLimitExceeded) as refused:
        limiter.admit("GET /v1/balance")
    assert refused.value.reason == "global-rate"


def test_acting_for_an_account_that_is_not_ours_is_refused(simulator: Simulator) -> None:
    with pytest.raises(stripe.PermissionError) as refused:
        simulator.client.v1.balance.retrieve(options={"stripe_account": "acct_of_nobody"})
    assert refused.value.error is not None
    assert (refused.value.http_status, refused.value.error.code) == (403, "account_invalid")


def test_ids_are_expanded_where_asked_and_refused_where_there_is_nothing(simulator: Simulator) -> None:
    intent = simulator.fund(1_000)
    found = simulator.client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction", "latest_charge.refunds"]}
    )
    charge = plain(found)["latest_charge"]
    assert (charge["balance_transaction"]["fee"], charge["refunds"]["data"]) == (59, [])
    listed = simulator.client.v1.charges.list({"expand": ["data.balance_transaction"]})
    assert [plain(each)["balance_transaction"]["net"] for each in listed.data] == [941]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        simulator.client.v1.payment_intents.retrieve(intent.id, {"expand": ["nonsense"]})
