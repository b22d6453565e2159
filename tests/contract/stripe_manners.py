"""What every request meets: keys, versions, parameters, pages, expansion, errors and limits; and events and their endpoints."""

from typing import Any
from uuid import uuid4

from campaigns.payments.stripe_gateway import API_VERSION
from sandbox.stripe.published import EVENT_TYPES
from tests.contract.cases import stripe
from tests.contract.lines import BY_CARD, StripeLine

CUSTOMERS = "/v1/customers"


@stripe("api/pagination")
def what_is_made_is_in_a_list_of_its_kind(line: StripeLine) -> None:
    """A list says that it is one, has as many of a kind as were asked for at most, and whether there are more."""
    one = {"limit": 1}
    lists = [
        line.ok("GET", "/v1/accounts", one), line.ok("GET", "/v1/charges", one), line.ok("GET", "/v1/credit_notes", one),
        line.ok("GET", "/v1/files", one), line.ok("GET", "/v1/invoices", one), line.ok("GET", "/v1/payment_intents", one),
        line.ok("GET", "/v1/refunds", one), line.ok("GET", "/v1/webhook_endpoints", one),
    ]  # fmt: skip
    assert [(each["object"], len(each["data"]) <= 1, type(each["has_more"])) for each in lists] == [("list", True, bool)] * 8


@stripe("api/idempotent_requests")
def the_same_key_answers_the_same(line: StripeLine) -> None:
    """A request that is repeated under its key is not done again: the answer is the first one, and says that it is replayed."""
    key, asked = str(uuid4()), {"name": "Contract"}
    first, again = (line.ask("POST", CUSTOMERS, asked, Idempotency_Key=key) for _each in range(2))
    line.later("DELETE", f"{CUSTOMERS}/{first.body['id']}")
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")


@stripe("api/idempotent_requests")
def a_key_is_good_for_one_request_alone(line: StripeLine) -> None:
    """Other parameters under a used key are refused with an error of its own type."""
    key = str(uuid4())
    line.later("DELETE", f"{CUSTOMERS}/{line.ok('POST', CUSTOMERS, {'name': 'Contract'}, Idempotency_Key=key)['id']}")
    status, error = line.refused("POST", CUSTOMERS, {"name": "Another"}, Idempotency_Key=key)
    assert (status, error["type"]) == (400, "idempotency_error")


@stripe("api/idempotent_requests")
def a_refusal_is_replayed_as_well(line: StripeLine) -> None:
    """What was refused once it had begun is refused alike under the same key."""
    key, asked = str(uuid4()), {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_chargeDeclined", **BY_CARD}
    first, again = (line.ask("POST", "/v1/payment_intents", asked, Idempotency_Key=key) for _each in range(2))
    assert (first.status, again.status, again.headers["idempotent-replayed"]) == (402, 402, "true")


@stripe("error-codes#parameter-unknown")
def an_unknown_parameter_is_refused_by_name(line: StripeLine) -> None:
    """A parameter that Stripe does not know is refused, and named."""
    status, error = line.refused("POST", CUSTOMERS, {"name": "Contract", "colour": "blue"})
    assert (status, error["code"], error["param"]) == (400, "parameter_unknown", "colour")


@stripe("error-codes#parameter-missing")
def a_missing_parameter_is_refused_by_name(line: StripeLine) -> None:
    """A parameter that must be given is asked for by its name."""
    status, error = line.refused("POST", "/v1/transfers", {"currency": "usd", "destination": "acct_1"})
    assert (status, error["code"], error["param"]) == (400, "parameter_missing", "amount")


@stripe("api/errors")
def an_error_says_what_it_is(line: StripeLine) -> None:
    """An error has a type, a message, and where it is of a known kind a code and the page about it."""
    status, error = line.refused("GET", "/v1/transfers/tr_nothing")
    assert (status, error["type"], error["code"]) == (404, "invalid_request_error", "resource_missing")
    assert {"message", "param", "doc_url", "request_log_url"} <= error.keys()


@stripe("api/errors")
def an_address_that_is_none_is_a_404(line: StripeLine) -> None:
    """An address that Stripe does not have is a 404 in the shape of every error."""
    status, error = line.refused("GET", "/v1/nothing_here")
    assert (status, error["type"]) == (404, "invalid_request_error")


@stripe("api/authentication")
def without_a_key_nothing_is_told(line: StripeLine) -> None:
    """A request without a key is a 401."""
    status, error = line.refused("GET", "/v1/balance", Authorization="")
    assert (status, error["type"]) == (401, "invalid_request_error")


@stripe("api/authentication")
def a_wrong_key_is_a_401_that_does_not_repeat_it(line: StripeLine) -> None:
    """A wrong key is a 401, and the answer does not repeat the key."""
    wrong = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
    status, error = line.refused("GET", "/v1/balance", Authorization=f"Bearer {wrong}")
    assert (status, wrong in error["message"]) == (401, False)


@stripe("rate-limits", only_here="It would slow down whoever else uses the platform that the key belongs to.")
def too_many_requests_are_a_429_with_a_reason(line: StripeLine) -> None:
    """Whoever asks too fast is answered 429, with the limit that was reached."""
    with line.limited():  # type: ignore[attr-defined]
        answers = [line.ask("GET", "/v1/balance") for _each in range(5)]
    limited = [each for each in answers if each.status == 429]
    assert limited
    assert limited[0].body["error"]["code"] == "rate_limit"
    assert limited[0].headers["stripe-rate-limited-reason"]


@stripe("api/pagination")
def a_list_is_read_page_by_page_newest_first(line: StripeLine) -> None:
    """A list goes from the newest to the oldest, in pages of the size that is asked for, forward and back."""
    old, middle, new = (line.customer() for _each in range(3))
    first = line.ok("GET", CUSTOMERS, {"limit": 1})
    assert ([each["id"] for each in first["data"]], first["has_more"], first["object"]) == ([new], True, "list")
    second = line.ok("GET", CUSTOMERS, {"limit": 2, "starting_after": new})
    assert [each["id"] for each in second["data"]] == [middle, old]
    back = line.ok("GET", CUSTOMERS, {"limit": 1, "ending_before": middle})
    assert [each["id"] for each in back["data"]] == [new]
    for limit in (0, 101):
        assert line.refused("GET", CUSTOMERS, {"limit": limit})[0] == 400


@stripe("api/expanding_objects")
def what_is_named_is_answered_whole(line: StripeLine) -> None:
    """A field that is an id is expanded to the object when that is asked for, however deep; another field cannot be."""
    intent = line.funded(5_000)
    asked = {"expand": ["latest_charge.balance_transaction"]}
    found = line.ok("GET", f"/v1/payment_intents/{intent['id']}", asked)
    assert found["latest_charge"]["balance_transaction"]["object"] == "balance_transaction"
    assert line.refused("GET", f"/v1/payment_intents/{intent['id']}", {"expand": ["amount"]})[0] == 400


@stripe("api/versioning")
def an_answer_is_of_the_version_that_was_asked_for(line: StripeLine) -> None:
    """An answer repeats the version that the request named."""
    assert line.ask("GET", "/v1/balance").headers["stripe-version"] == API_VERSION


@stripe("api/webhook_endpoints/create")
def an_endpoint_shows_its_secret_once_and_never_its_side(line: StripeLine) -> None:
    """An endpoint's secret is in the answer that made it alone; which side it hears, and its version, cannot be changed."""
    asked = {"url": "https://callboard.example/hook", "enabled_events": ["invoice.paid"], "connect": True, "api_version": API_VERSION}
    made = line.ok("POST", "/v1/webhook_endpoints", asked)
    line.later("DELETE", f"/v1/webhook_endpoints/{made['id']}")
    assert made["secret"].startswith("whsec_")
    found = line.ok("GET", f"/v1/webhook_endpoints/{made['id']}")
    assert {"secret", "connect"}.isdisjoint(found)
    assert (found["api_version"], found["status"]) == (API_VERSION, "enabled")
    for change in ({"connect": False}, {"api_version": API_VERSION}):
        status, error = line.refused("POST", f"/v1/webhook_endpoints/{made['id']}", change)
        assert (status, error["code"]) == (400, "parameter_unknown")
    assert line.ok("POST", f"/v1/webhook_endpoints/{made['id']}", {"disabled": True})["status"] == "disabled"


@stripe("api/webhook_endpoints/create")
def an_endpoint_hears_only_what_there_is(line: StripeLine) -> None:
    """An endpoint cannot ask for an event that Stripe does not have."""
    asked = {"url": "https://callboard.example/hook", "enabled_events": ["invoice.enjoyed"]}
    assert line.refused("POST", "/v1/webhook_endpoints", asked)[0] == 400


@stripe("connect/webhooks")
def an_endpoint_hears_one_side_alone(line: StripeLine) -> None:
    """What happens to the platform itself waits for an endpoint of the platform's, and for none of the connected accounts'."""

    def hears(connect: bool) -> int:
        """How many endpoints wait to hear of a new customer, once there is another for one side."""
        asked = {"url": "https://callboard.example/hook", "enabled_events": ["customer.created"], "connect": connect}
        line.later("DELETE", f"/v1/webhook_endpoints/{line.ok('POST', '/v1/webhook_endpoints', asked)['id']}")
        made = line.customer()
        (event,) = line.until(lambda: created(line, made))
        return int(event["pending_webhooks"])

    of_accounts = hears(True)
    assert hears(False) == of_accounts + 1


def created(line: StripeLine, customer: str) -> list[dict[str, Any]]:
    """The event of a new customer."""
    listed = line.ok("GET", "/v1/events", {"type": "customer.created", "limit": 20})["data"]
    return [each for each in listed if each["data"]["object"]["id"] == customer]


@stripe("api/events/list")
def what_happened_is_listed_with_the_request_that_did_it(line: StripeLine) -> None:
    """Each change is an event with its object, the version in which it is shown, its mode, and the request and key that did it."""
    key = str(uuid4())
    made = line.ok("POST", CUSTOMERS, {"name": "Contract"}, Idempotency_Key=key)
    line.later("DELETE", f"{CUSTOMERS}/{made['id']}")
    (event,) = line.until(lambda: created(line, made["id"]))
    assert (event["object"], event["livemode"], event["request"]["idempotency_key"]) == ("event", False, key)
    assert event["api_version"]
    assert line.ok("GET", f"/v1/events/{event['id']}")["id"] == event["id"]


@stripe("api/events/list")
def events_are_asked_for_by_at_most_twenty_names(line: StripeLine) -> None:
    """A list of events takes at most twenty names, and not beside a single one."""
    assert line.ok("GET", "/v1/events", {"types": list(EVENT_TYPES[1:21]), "limit": 1})["object"] == "list"
    assert line.refused("GET", "/v1/events", {"types": list(EVENT_TYPES[1:22])})[0] == 400
    assert line.refused("GET", "/v1/events", {"types": ["invoice.paid"], "type": "invoice.paid"})[0] == 400


@stripe("connect/webhooks")
def an_accounts_events_are_listed_under_its_name_alone(line: StripeLine) -> None:
    """What happens to a connected account is listed to whoever asks in its name, and not among the platform's own events."""
    asked = {"type": "express", "country": "US", "capabilities": {n: {"requested": True} for n in ("card_payments", "transfers")}}
    account = line.ok("POST", "/v1/accounts", asked)["id"]
    line.later("DELETE", f"/v1/accounts/{account}")
    line.ok("POST", f"/v1/accounts/{account}", {"metadata": {"tried": "1"}})

    def names(**headers: str) -> list[str]:
        listed = line.ok("GET", "/v1/events", {"type": "account.updated", "limit": 50}, **headers)["data"]
        return [each["id"] for each in listed if each["data"]["object"]["id"] == account]

    assert line.until(lambda: names(Stripe_Account=account))
    assert names() == []
