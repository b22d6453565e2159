"""Test clocks: frozen time for a few customers, which is moved on by itself."""

from datetime import timedelta
from typing import Any

import pytest
import stripe

from tests.installation import wait_for
from tests.sandbox.stripe.stage import Simulator

BEGIN, DAY = 1_800_000_000, 86_400


def clock(simulator: Simulator, **more: Any) -> str:
    asked: Any = {"frozen_time": BEGIN, "name": "Spring", **more}
    return simulator.client.v1.test_helpers.test_clocks.create(asked).id


def ready(simulator: Simulator, clock_id: str) -> stripe.test_helpers.TestClock:
    clocks = simulator.client.v1.test_helpers.test_clocks
    wait_for(lambda: clocks.retrieve(clock_id).status == "ready")
    return clocks.retrieve(clock_id)


def test_what_is_billed_to_a_customer_of_a_clock_happens_in_the_clocks_time(simulator: Simulator) -> None:
    made = clock(simulator)
    customer = simulator.client.v1.customers.create({"email": "billing@zappos.example", "test_clock": made})
    draft = simulator.client.v1.invoices.create({"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 30})
    assert (customer.created, draft.created, draft.due_date, draft.test_clock) == (BEGIN, BEGIN, BEGIN + 30 * DAY, made)
    simulator.client.v1.test_helpers.test_clocks.advance(made, {"frozen_time": BEGIN + 40 * DAY})
    assert ready(simulator, made).frozen_time == BEGIN + 40 * DAY
    opened = simulator.client.v1.invoices.finalize_invoice(draft.id)
    assert (opened.status, opened.status_transitions.finalized_at, opened.due_date) == ("paid", BEGIN + 40 * DAY, BEGIN + 30 * DAY)
    elsewhere = simulator.client.v1.customers.retrieve(simulator.customer())
    assert elsewhere.created != BEGIN


def test_a_clock_goes_forward_only_and_says_that_it_is_on_its_way(simulator: Simulator) -> None:
    made, clocks = clock(simulator), simulator.client.v1.test_helpers.test_clocks
    for wrong in (BEGIN, BEGIN - 1, BEGIN + 3 * 366 * DAY):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            clocks.advance(made, {"frozen_time": wrong})
        assert refused.value.param == "frozen_time"
    on_its_way = clocks.advance(made, {"frozen_time": BEGIN + DAY})
    assert (on_its_way.status, on_its_way.frozen_time) == ("advancing", BEGIN)
    assert on_its_way.status_details.advancing is not None
    assert on_its_way.status_details.advancing.target_frozen_time == BEGIN + DAY
    ready(simulator, made)
    names = [name.rpartition(".")[2] for name in simulator.happened() if "test_clock" in name]
    assert names == ["created", "advancing", "ready"]


def test_customers_of_a_clock_are_listed_by_it_alone_and_go_with_it(simulator: Simulator) -> None:
    made, customers = clock(simulator), simulator.client.v1.customers
    there, elsewhere = customers.create({"test_clock": made}).id, simulator.customer()
    assert [each.id for each in customers.list().data] == [elsewhere]
    assert [each.id for each in customers.list({"test_clock": made}).data] == [there]
    gone = simulator.client.v1.test_helpers.test_clocks.delete(made)
    assert (gone.deleted, customers.retrieve(there).deleted) == (True, True)
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        customers.create({"test_clock": made})
    assert simulator.client.v1.test_helpers.test_clocks.list().data == []


def test_a_clock_is_deleted_after_thirty_days(simulator: Simulator) -> None:
    made, clocks = clock(simulator), simulator.client.v1.test_helpers.test_clocks
    simulator.pass_time(timedelta(days=29))
    assert [each.id for each in clocks.list().data] == [made]
    simulator.pass_time(timedelta(days=2))
    wait_for(lambda: clocks.list().data == [])
