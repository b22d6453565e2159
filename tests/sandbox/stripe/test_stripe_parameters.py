"""What the simulator accepts is what Stripe publishes: nothing of its own, and nothing unread."""

import ast
import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import stripe

from sandbox.stripe import app  # importing the application offers every endpoint
from sandbox.stripe.endpoints import ENDPOINTS, Endpoint
from sandbox.stripe.parameters import Type
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Simulator

# The endpoints whose TypedDict in Stripe's own client is not called after their address.
PARAMS = {
    "POST /v1/invoices/{invoice}/attach_payment": "InvoiceAttachPaymentParams",
    "POST /v1/invoices/{invoice}/finalize": "InvoiceFinalizeInvoiceParams",
    "POST /v1/invoices/{invoice}/mark_uncollectible": "InvoiceMarkUncollectibleParams",
    "POST /v1/invoices/{invoice}/pay": "InvoicePayParams",
    "POST /v1/invoices/{invoice}/send": "InvoiceSendInvoiceParams",
    "POST /v1/invoices/{invoice}/void": "InvoiceVoidInvoiceParams",
    "GET /v1/invoices/{invoice}/lines": "InvoiceListLinesParams",
    "POST /v1/payment_intents/{intent}/cancel": "PaymentIntentCancelParams",
    "POST /v1/payment_intents/{intent}/confirm": "PaymentIntentConfirmParams",
    "POST /v1/transfers/{id}/reversals": "TransferCreateReversalParams",
    "GET /v1/transfers/{id}/reversals": "TransferListReversalsParams",
    "GET /v1/transfers/{transfer}/reversals/{id}": "TransferRetrieveReversalParams",
    "GET /v1/customers/{customer}/cash_balance": "CustomerRetrieveCashBalanceParams",
    "POST /v1/test_helpers/customers/{customer}/fund_cash_balance": "CustomerFundCashBalanceParams",
    "POST /v1/test_helpers/refunds/{refund}/expire": "RefundExpireParams",
    "POST /v1/test_helpers/test_clocks": "TestClockCreateParams",
    "GET /v1/test_helpers/test_clocks": "TestClockListParams",
    "GET /v1/test_helpers/test_clocks/{test_clock}": "TestClockRetrieveParams",
    "DELETE /v1/test_helpers/test_clocks/{test_clock}": "TestClockDeleteParams",
    "POST /v1/test_helpers/test_clocks/{test_clock}/advance": "TestClockAdvanceParams",
    "GET /v1/balance": "BalanceRetrieveParams",
    "GET /v1/account": "AccountRetrieveCurrentParams",
    "POST /v1/accounts/{account}/reject": "AccountRejectParams",
    "GET /v1/country_specs/{country}": "CountrySpecRetrieveParams",
    "POST /v1/disputes/{dispute}/close": "DisputeCloseParams",
    "GET /v1/radar/early_fraud_warnings": "EarlyFraudWarningListParams",
    "GET /v1/radar/early_fraud_warnings/{early_fraud_warning}": "EarlyFraudWarningRetrieveParams",
}
KINDS = {"invoiceitems": "InvoiceItem"}
EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")


def names(members: Mapping[str, Type], prefix: str = "") -> set[str]:
    """Every parameter, nested ones as `a.b`."""
    return {prefix + name for name in members} | {
        deep for name, kind in members.items() if kind.members for deep in names(kind.members, f"{prefix}{name}.")
    }


def published(schema: dict[str, Any], prefix: str = "") -> set[str]:
    """Every parameter of a schema of Stripe's description, nested ones as `a.b`."""
    found = {name: child for part in _parts(schema) for name, child in part.get("properties", {}).items()}
    return {prefix + name for name in found} | {deep for name, child in found.items() for deep in published(child, f"{prefix}{name}.")}


def _parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema, its alternatives, and those of its entries."""
    inner = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(part for each in inner for part in _parts(each))]


def sent_as(operation: dict[str, Any]) -> dict[str, Any]:
    """What an operation's body is made of: a form, of a file's a form in parts."""
    [form] = operation["requestBody"]["content"].values()
    return dict(form["schema"])


def in_description(endpoint: Endpoint) -> set[str]:
    operation = dahlia.description()["paths"][endpoint.path][endpoint.method.lower()]
    if endpoint.method == "POST":
        return published(sent_as(operation))
    return published({"properties": {each["name"]: each["schema"] for each in operation["parameters"] if each["in"] == "query"}})


def typed_dict(endpoint: Endpoint) -> Any:
    """The parameters' class in Stripe's own client."""
    segments = endpoint.path.split("/")[2:]
    kind = KINDS.get(segments[0]) or "".join(word.capitalize() for word in segments[0].removesuffix("s").split("_"))
    one = len(segments) > 1
    verb = {"POST": "Update" if one else "Create", "GET": "Retrieve" if one else "List", "DELETE": "Delete"}[endpoint.method]
    name = PARAMS.get(f"{endpoint.method} {endpoint.path}", f"{kind}{verb}Params")
    places = ["stripe.params", "stripe.params.test_helpers", "stripe.params.radar"]
    return next(getattr(module, name) for module in map(importlib.import_module, places) if hasattr(module, name))


def of_typed_dict(kind: Any, prefix: str = "") -> set[str]:
    namespace = vars(importlib.import_module(kind.__module__))
    hints = {name: hint for name, hint in kind.__annotations__.items() if name not in stripe.RequestOptions.__annotations__}
    return {prefix + name for name in hints} | {
        deep
        for name, hint in hints.items()
        for nested in _typed_dicts(hint, namespace)
        for deep in of_typed_dict(nested, f"{prefix}{name}.")
    }


def _typed_dicts(hint: Any, namespace: dict[str, Any]) -> list[Any]:
    """The TypedDicts inside a hint, which the client writes partly as text."""
    if hasattr(hint, "__total__"):
        return [hint]
    text = getattr(hint, "__forward_arg__", hint if isinstance(hint, str) else None)
    if text is not None:
        names_in = re.findall(r"\w+Params\w*", text)
        return [namespace[name] for name in names_in if hasattr(namespace.get(name), "__total__")]
    return [each for argument in get_args(hint) for each in _typed_dicts(argument, namespace)]


@EVERY
def test_every_parameter_is_in_stripes_description(endpoint: Endpoint) -> None:
    assert names(endpoint.accepts) - in_description(endpoint) == set()


@EVERY
def test_every_parameter_is_in_stripes_own_client(endpoint: Endpoint) -> None:
    assert names(endpoint.accepts) - of_typed_dict(typed_dict(endpoint)) == set()


@EVERY
def test_what_stripe_demands_is_demanded(endpoint: Endpoint) -> None:
    if endpoint.method != "POST":
        return
    operation = dahlia.description()["paths"][endpoint.path]["post"]
    demanded = sent_as(operation).get("required", [])
    assert {name for name, kind in endpoint.accepts.items() if kind.required} >= set(demanded)


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"nonsense": "1"}, "parameter_unknown", "nonsense"),
        ({"metadata[a][b]": "1"}, None, "metadata[a]"),
        ({"amount": "1.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "²"}, "parameter_invalid_integer", "amount"),
        ({"amount": "9" * 5000}, "parameter_invalid_integer", "amount"),
        ({"description": "x" * 5001}, None, "description"),
        ({"description": "\0"}, None, "description"),
        ({"metadata[a]": "x" * 501}, None, "metadata[a]"),
        ({"metadata" + "[a]" * 7: "1"}, "parameter_unknown", "metadata" + "[a]" * 7),
        ({"currency": ""}, "parameter_invalid_empty", "currency"),
        ({"source_type": "cash"}, None, "source_type"),
        ({"expand": "destination"}, None, "expand"),
        ({"destination[a]": "1"}, None, "destination[a]"),
        ({"metadata": "1"}, None, "metadata"),
        ({"[": "1"}, "parameter_unknown", "["),
    ],
)
def test_an_unknown_or_mistyped_parameter_is_refused_and_named(
    simulator: Simulator, form: dict[str, str], code: str | None, param: str
) -> None:
    good = {"amount": "100", "currency": "usd", "destination": simulator.payable()}
    refused = simulator.raw("POST", "/v1/transfers", good | form)
    error = refused.json()["error"]
    assert (refused.status_code, error["type"], error.get("code"), error["param"]) == (400, "invalid_request_error", code, param)
    assert dahlia.faults("POST", "/v1/transfers", 400, refused.json()) == []
    assert simulator.client.v1.transfers.list().data == []


def test_every_code_of_a_refusal_is_one_of_stripes() -> None:
    hint = stripe.Invoice.LastFinalizationError.__annotations__["code"]
    stripes = {code for alternative in get_args(hint) for code in get_args(alternative)}
    trees = [ast.parse(path.read_text()) for path in Path(app.__file__).parent.glob("*.py")]
    keywords = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "code"]
    ours = {word.value.value for word in keywords if isinstance(word.value, ast.Constant)}
    # Documented with Connect's transfers, and not among what may end the payment of an invoice.
    assert ours - stripes == {"insufficient_capabilities_for_transfer"}


def test_a_missing_parameter_is_named(simulator: Simulator) -> None:
    error = simulator.raw("POST", "/v1/transfers", {"amount": "100", "currency": "usd"}).json()["error"]
    assert (error["code"], error["param"]) == ("parameter_missing", "destination")


def test_an_unknown_parameter_of_a_query_is_refused(simulator: Simulator) -> None:
    assert simulator.raw("GET", "/v1/transfers?group=7").json()["error"]["code"] == "parameter_unknown"


def test_the_checks_find_a_field_that_is_missing_mistyped_or_not_stripes() -> None:
    good = {"object": "account_link", "created": 1, "expires_at": 2, "url": "https://x.example"}
    assert dahlia.faults("POST", "/v1/account_links", 200, good) == []
    assert dahlia.faults("POST", "/v1/account_links", 200, {**good, "created": "1"}) != []
    assert dahlia.faults("POST", "/v1/account_links", 200, {name: good[name] for name in ("object", "created", "url")}) != []
    assert dahlia.faults("POST", "/v1/account_links", 200, {**good, "id": "link_1"}) == ["account_link.id is not Stripe's"]
