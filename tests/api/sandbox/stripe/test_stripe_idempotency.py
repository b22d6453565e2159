"""One key, one outcome: for 24 hours, for the same request, and never twice at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import event
from sqlalchemy.engine import Connection

from tests.api.sandbox.stripe import dahlia
from tests.api.sandbox.stripe.stage import StandIn

FORM = {"name": "Zappos"}


def customers(stand_in: StandIn) -> list[str]:
    return [each.id for each in stand_in.client.v1.customers.list({"limit": 100}).data]


def test_the_same_key_gets_the_same_answer_and_makes_nothing_new(stand_in: StandIn) -> None:
    first, second = (stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1") for _ in range(2))
    assert (second.status_code, second.json()) == (200, first.json())
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert (first.headers["Idempotency-Key"], customers(stand_in)) == ("k1", [first.json()["id"]])


def test_a_refusal_is_saved_too_even_when_it_would_no_longer_be_one(stand_in: StandIn) -> None:
    artist = stand_in.payable()
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            stand_in.transfer(artist, 1_000, key="po:1:1")
        assert refused.value.code == "balance_insufficient"
        stand_in.fund(100_000)
    assert stand_in.transfer(artist, 1_000, key="po:1:2").amount == 1_000


def test_a_fault_is_saved_and_leaves_nothing_behind(stand_in: StandIn) -> None:
    def fail(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO stripe_sandbox.object" in statement:
            raise ZeroDivisionError

    event.listen(stand_in.engine, "before_cursor_execute", fail)
    first = stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
    event.remove(stand_in.engine, "before_cursor_execute", fail)
    second = stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
    assert [(each.status_code, each.json()["error"]["type"]) for each in (first, second)] == [(500, "api_error")] * 2
    assert dahlia.faults("POST", "/v1/customers", 500, first.json()) == []
    assert (second.headers["Idempotent-Replayed"], customers(stand_in)) == ("true", [])


def test_the_same_key_with_other_parameters_or_elsewhere_is_refused(stand_in: StandIn) -> None:
    made = stand_in.client.v1.customers.create({"name": "Zappos"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        stand_in.client.v1.customers.create({"name": "Other"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        stand_in.client.v1.customers.update(made.id, {"name": "Zappos"}, {"idempotency_key": "k1"})
    assert stand_in.client.v1.customers.list().data == [made]


def test_a_key_used_by_two_requests_at_once_runs_one_and_refuses_the_other(stand_in: StandIn) -> None:
    with stand_in.engine.begin() as connection:
        connection.exec_driver_sql("lock stripe_sandbox.object in access exclusive mode")
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(stand_in.raw, "POST", "/v1/customers", FORM, Idempotency_Key="k1")
            held = "select count(*) from pg_locks where locktype = 'advisory'"
            while not connection.exec_driver_sql(held).scalar_one():
                pass
            second = stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
            connection.rollback()
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert dahlia.faults("POST", "/v1/customers", 409, second.json()) == []
    assert (first.result().status_code, customers(stand_in)) == (200, [first.result().json()["id"]])


def test_after_24_hours_of_business_time_the_same_key_makes_a_new_object(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist = stand_in.payable()
    first = stand_in.transfer(artist, 1_000, key="po:1:1")
    stand_in.pass_time(timedelta(hours=23, minutes=59))
    assert stand_in.transfer(artist, 1_000, key="po:1:1").id == first.id
    stand_in.pass_time(timedelta(minutes=2))
    assert stand_in.transfer(artist, 1_000, key="po:1:1").id != first.id
    assert len(stand_in.client.v1.transfers.list().data) == 2


def test_what_was_refused_before_it_ran_is_not_saved(stand_in: StandIn) -> None:
    assert stand_in.raw("POST", "/v1/customers", {"nonsense": "1"}, Idempotency_Key="k1").status_code == 400
    assert stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1").status_code == 200


def test_a_key_of_more_than_255_characters_is_refused(stand_in: StandIn) -> None:
    assert stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k" * 255).status_code == 200
    refused = stand_in.raw("POST", "/v1/customers", FORM, Idempotency_Key="k" * 256)
    assert (refused.status_code, refused.json()["error"]["type"], len(customers(stand_in))) == (400, "invalid_request_error", 1)


def test_a_key_on_a_query_has_no_effect(stand_in: StandIn) -> None:
    assert [stand_in.raw("GET", path, Idempotency_Key="k1").status_code for path in ("/v1/customers", "/v1/transfers")] == [200, 200]


def test_a_row_that_somebody_else_holds_for_too_long_answers_lock_timeout_and_is_not_saved(stand_in: StandIn) -> None:
    customer = stand_in.customer()
    with stand_in.engine.begin() as connection:
        connection.exec_driver_sql("select from stripe_sandbox.object for update")
        refused = stand_in.raw("POST", f"/v1/customers/{customer}", FORM, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "lock_timeout")
    assert stand_in.raw("POST", f"/v1/customers/{customer}", FORM, Idempotency_Key="k1").status_code == 200
