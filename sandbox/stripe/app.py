"""The simulator as a web application: Stripe's endpoints, its hosted pages, and the loop that works by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from sandbox.door import AtThisMachine

# Importing a resource offers its endpoints.
from sandbox.stripe import (  # noqa: F401
    account_links,
    accounts,
    balance,
    cash,
    charges,
    credit_notes,
    customers,
    disputes,
    events,
    files,
    fraud_warnings,
    invoice_items,
    invoice_payments,
    invoices,
    paying,
    payments,
    payouts,
    platform,
    refunds,
    reversals,
    test_clocks,
    topups,
    transfers,
    webhooks,
)
from sandbox.stripe.bank_pages import bank_pages
from sandbox.stripe.by_itself import ByItself
from sandbox.stripe.dispute_pages import dispute_pages
from sandbox.stripe.endpoints import ENDPOINTS, Endpoint
from sandbox.stripe.errors import StripeError
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.pages import hosted_pages
from sandbox.stripe.pipeline import StripeRequest, answer
from sandbox.stripe.store import new_id
from sandbox.stripe.wire import Fields, File

Route = Callable[[Request], Awaitable[Response]]


def make_app(engine: Engine, limiter: BucketLimiter) -> FastAPI:
    """The application on a database in which the simulator's tables exist."""

    @asynccontextmanager
    async def at_work(_app: FastAPI) -> AsyncIterator[None]:
        with ByItself(engine):
            yield

    app = FastAPI(title="Stripe simulator", lifespan=at_work, openapi_url=None)
    # A deeper address first: otherwise /v1/transfers/{transfer} would answer for its reversals.
    for offered in sorted(ENDPOINTS, key=lambda each: each.path.count("/"), reverse=True):
        app.add_api_route(offered.path, _route(engine, limiter, offered), methods=[offered.method])
    app.include_router(hosted_pages(engine))
    app.include_router(dispute_pages(engine))
    app.include_router(bank_pages(engine))
    app.add_api_route("/health", _healthy)
    app.add_middleware(AtThisMachine)
    app.add_exception_handler(404, _unknown)
    app.add_exception_handler(405, _unknown)
    app.add_exception_handler(500, _at_fault)
    return app


def _route(engine: Engine, limiter: BucketLimiter, offered: Endpoint) -> Route:
    async def reply(request: Request) -> Response:
        base_url = str(request.base_url).rstrip("/")
        try:
            form = await _sent(request) if offered.method == "POST" else request.url.query
        except HTTPException as fault:
            return JSONResponse(StripeError(f"Invalid multipart form: {fault.detail}").body(new_id("req")), 400)
        asked = StripeRequest(offered, dict(request.path_params), request.url.path, request.headers, form, base_url)
        given = await run_in_threadpool(partial(answer, engine, limiter, asked))
        return JSONResponse(given.body, given.status, given.headers)

    return reply


async def _sent(request: Request) -> str | Fields:
    """The form as it came, or its fields and files where it came in parts."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return (await request.body()).decode(errors="replace")
    async with request.form() as form:
        return [(name, part if isinstance(part, str) else await _file(part)) for name, part in form.multi_items()]


async def _file(part: UploadFile) -> File:
    return File(part.filename or "", await part.read())


def _healthy() -> dict[str, str]:
    return {"status": "ok"}


async def _unknown(request: Request, _error: Exception) -> Response:
    """An address that Stripe has and the simulator does not is refused as one that neither has."""
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return JSONResponse(StripeError(message).body(new_id("req")), 404)


async def _at_fault(_request: Request, _error: Exception) -> Response:
    """What no transaction could answer for, as when the database is gone."""
    fault = StripeError("An unknown error occurred.", status=500, kind="api_error")
    return JSONResponse(fault.body(new_id("req")), fault.status)
