"""How a request is answered: who asks, whether too fast, with which parameters, whether before; and only then what it asks for."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

from campaigns.core.clock import business_now
from campaigns.core.settings import settings
from sandbox.stripe.endpoints import API_VERSION, Call, Endpoint
from sandbox.stripe.errors import Body, StripeError, no_access
from sandbox.stripe.expansion import expanded
from sandbox.stripe.idempotency import Answer, IdempotentRequest, earlier_answer, idempotent_request, save_answer
from sandbox.stripe.limiter import BucketLimiter, RateLimitExceeded
from sandbox.stripe.parameters import read_members
from sandbox.stripe.store import new_id
from sandbox.stripe.tables import objects
from sandbox.stripe.wire import Fields, parsed

log = logging.getLogger(__name__)
LOCK_NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"
FOR_AN_ACCOUNT = ("/v1/balance", "/v1/events", "/v1/balance_transactions", "/v1/payouts")


@dataclass(frozen=True)
class StripeRequest:
    """A request as it came in: the endpoint, the names in its address, its headers, and its form, its form's parts or its query string."""

    endpoint: Endpoint
    path: dict[str, str]
    address: str
    headers: Mapping[str, str]
    form: str | Fields
    base_url: str
    request_id: str = field(default_factory=lambda: new_id("req"))


@dataclass(frozen=True)
class Reply:
    status: int
    body: Body
    headers: dict[str, str]


def answer(engine: Engine, limiter: BucketLimiter, asked: StripeRequest) -> Reply:
    """The answer to a request, with Stripe's headers; one transaction, whatever comes out."""
    headers = {"Request-Id": asked.request_id, "Stripe-Version": asked.headers.get("stripe-version", API_VERSION)}
    if key := asked.headers.get("idempotency-key"):
        headers["Idempotency-Key"] = key
    try:
        _authenticate(asked)
        limiter.admit(f"{asked.endpoint.method} {asked.endpoint.path}")
        given = read_members(asked.endpoint.accepts, parsed(asked.form))
        return _within_limits(engine, asked, given, headers)
    except StripeError as refusal:
        limited = {"Stripe-Rate-Limited-Reason": refusal.reason} if isinstance(refusal, RateLimitExceeded) else {}
        return Reply(refusal.status, refusal.body(asked.request_id), {**headers, **limited})


def _authenticate(asked: StripeRequest) -> None:
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
            "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if scheme != "Bearer" or key != settings().stripe_key:
        raise StripeError(f"Invalid API Key provided: {key[:4]}****{key[-4:]}", status=401)


def _within_limits(engine: Engine, asked: StripeRequest, given: Body, headers: dict[str, str]) -> Reply:
    key, account = asked.headers.get("idempotency-key", ""), asked.headers.get("stripe-account", "")
    used = (
        idempotent_request(key, account, asked.endpoint.method, asked.address, given) if key and asked.endpoint.method == "POST" else None
    )
    try:
        with engine.begin() as connection:
            connection.execute(text("set local lock_timeout = '3s'"))
            at = business_now(connection)
            if used and (earlier := earlier_answer(connection, used, at)):
                again = {"Idempotent-Replayed": "true", "Original-Request": earlier.request_id}
                return Reply(earlier.status, earlier.body, {**headers, **again})
            return _first_time(connection, asked, given, used, at, headers)
    except OperationalError as failure:
        if getattr(failure.orig, "sqlstate", None) in (LOCK_NOT_AVAILABLE, DEADLOCK):
            raise StripeError(
                "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
                code="lock_timeout",
                status=429,
            ) from failure
        raise


def _first_time(
    connection: Connection, asked: StripeRequest, given: Body, used: IdempotentRequest | None, at: datetime, headers: dict[str, str]
) -> Reply:
    call = Call(
        connection,
        int(at.timestamp()),
        base_url=asked.base_url,
        request_id=asked.request_id,
        idempotency_key=used.key if used else None,
        account=asked.headers.get("stripe-account", ""),
        path=asked.path,
        given=given,
    )
    outcome = _executed(call, asked.endpoint)
    if used:
        save_answer(connection, used, outcome, at)
    return Reply(outcome.status, outcome.body, headers)


def _executed(call: Call, endpoint: Endpoint) -> Answer:
    """Execute the request; a refusal undoes what it had done, and either is the answer to keep."""
    request_id = call.request_id or ""
    try:
        with call.connection.begin_nested():
            body = _act(call, endpoint)
    except StripeError as refusal:
        return Answer(refusal.status, refusal.body(request_id), request_id)
    except OperationalError:
        raise
    except Exception:  # the edge of the process: whatever went wrong, Stripe answers 500 and keeps that answer under its key
        log.exception("request %s failed", request_id)
        fault = StripeError("An unknown error occurred.", status=500, kind="api_error")
        return Answer(500, fault.body(request_id), request_id)
    if call.refusal:
        return Answer(call.refusal.status, call.refusal.body(request_id), request_id)
    return Answer(200, body, request_id)


def _act(call: Call, endpoint: Endpoint) -> Body:
    _require_account(call, endpoint)
    return expanded(call, endpoint.act(call))


def _require_account(call: Call, endpoint: Endpoint) -> None:
    """A connected account may only be acted for where the simulator keeps something of its own for it."""
    if not call.account:
        return
    known = select(objects.c.id).where(objects.c.id == call.account, objects.c.kind == "account", ~objects.c.deleted)
    if call.connection.execute(known).one_or_none() is None:
        raise no_access(call.account)
    if not (endpoint.method == "GET" and endpoint.path.startswith(FOR_AN_ACCOUNT)):
        raise StripeError(f"This simulator answers for connected accounts only at {', '.join(FOR_AN_ACCOUNT)}.", param="Stripe-Account")
