"""One key, one outcome: for 24 hours, for the same request, and never twice at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import event
from sqlalchemy.engine import Connection

from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Simulator

FORM = {"name": "Zappos"}


def customers(simulator: Simulator) -> list[str]:
    return [each.id for each in simulator.client.v1.customers.list({"limit": 100}).data]


def test_the_same_key_gets_the_same_answer_and_makes_nothing_new(simulator: Simulator) -> None:
    first, second = (simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1") for _ in range(2))
    assert (second.status_code, second.json()) == (200, first.json())
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert (first.headers["Idempotency-Key"], customers(simulator)) == ("k1", [first.json()["id"]])


def test_a_refusal_is_saved_too_even_when_it_would_no_longer_be_one(simulator: Simulator) -> None:
    artist = simulator.payable()
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            simulator.transfer(artist, 1_000, key="po:1:1")
        assert refused.value.code == "balance_insufficient"
        simulator.fund(100_000)
    assert simulator.transfer(artist, 1_000, key="po:1:2").amount == 1_000


def test_a_fault_is_saved_and_leaves_nothing_behind(simulator: Simulator) -> None:
    def fail(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO stripe_sandbox.object" in statement:
            raise ZeroDivisionError

    event.listen(simulator.engine, "before_cursor_execute", fail)
    first = simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
    event.remove(simulator.engine, "before_cursor_execute", fail)
    second = simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
    assert [(each.status_code, each.json()["error"]["type"]) for each in (first, second)] == [(500, "api_error")] * 2
    assert dahlia.faults("POST", "/v1/customers", 500, first.json()) == []
    assert (second.headers["Idempotent-Replayed"], customers(simulator)) == ("true", [])


def test_the_same_key_with_other_parameters_or_elsewhere_is_refused(simulator: Simulator) -> None:
    made = simulator.client.v1.customers.create({"name": "Zappos"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        simulator.client.v1.customers.create({"name": "Other"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        simulator.client.v1.customers.update(made.id, {"name": "Zappos"}, {"idempotency_key": "k1"})
    assert simulator.client.v1.customers.list().data == [made]


def test_a_key_used_by_two_requests_at_once_runs_one_and_refuses_the_other(simulator: Simulator) -> None:
    with simulator.engine.begin() as connection:
        connection.exec_driver_sql("lock stripe_sandbox.object in access exclusive mode")
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(simulator.raw, "POST", "/v1/customers", FORM, Idempotency_Key="k1")
            held = "select count(*) from pg_locks where locktype = 'advisory'"
            while not connection.exec_driver_sql(held).scalar_one():
                pass
            second = simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1")
            connection.rollback()
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert dahlia.faults("POST", "/v1/customers", 409, second.json()) == []
    assert (first.result().status_code, customers(simulator)) == (200, [first.result().json()["id"]])


def test_after_24_hours_of_business_time_the_same_key_makes_a_new_object(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    first = simulator.transfer(artist, 1_000, key="po:1:1")
    simulator.pass_time(timedelta(hours=23, minutes=59))
    assert simulator.transfer(artist, 1_000, key="po:1:1").id == first.id
    simulator.pass_time(timedelta(minutes=2))
    assert simulator.transfer(artist, 1_000, key="po:1:1").id != first.id
    assert len(simulator.client.v1.transfers.list().data) == 2


def test_what_was_refused_before_it_ran_is_not_saved(simulator: Simulator) -> None:
    assert simulator.raw("POST", "/v1/customers", {"nonsense": "1"}, Idempotency_Key="k1").status_code == 400
    assert simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k1").status_code == 200


def test_a_key_of_more_than_255_characters_is_refused(simulator: Simulator) -> None:
    assert simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k" * 255).status_code == 200
    refused = simulator.raw("POST", "/v1/customers", FORM, Idempotency_Key="k" * 256)
    assert (refused.status_code, refused.json()["error"]["type"], len(customers(simulator))) == (400, "invalid_request_error", 1)


def test_a_key_on_a_query_has_no_effect(simulator: Simulator) -> None:
    assert [simulator.raw("GET", path, Idempotency_Key="k1").status_code for path in ("/v1/customers", "/v1/transfers")] == [200, 200]


def test_a_row_that_somebody_else_holds_for_too_long_answers_lock_timeout_and_is_not_saved(simulator: Simulator) -> None:
    customer = simulator.customer()
    with simulator.engine.begin() as connection:
        connection.exec_driver_sql("select from stripe_sandbox.object for update")
        refused = simulator.raw("POST", f"/v1/customers/{customer}", FORM, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "lock_timeout")
    assert simulator.raw("POST", f"/v1/customers/{customer}", FORM, Idempotency_Key="k1").status_code == 200
