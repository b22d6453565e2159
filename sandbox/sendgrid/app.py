"""The simulator as a web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from starlette.exceptions import HTTPException

from sandbox.door import AtThisMachine
from sandbox.sendgrid import activity, event_webhooks, identities, mailbox, scopes, sending, suppressions
from sandbox.sendgrid.at_work import AtWork
from sandbox.sendgrid.calls import WindowLimiter, limit_calls
from sandbox.sendgrid.errors import SendgridError, answer_error, complaint


def make_app(engine: Engine) -> FastAPI:
    """The application on a database in which the simulator's tables exist."""

    @asynccontextmanager
    async def at_work(app: FastAPI) -> AsyncIterator[None]:
        with AtWork(engine) as app.state.at_work:
            yield

    app = FastAPI(title="SendGrid simulator", lifespan=at_work, openapi_url=None)
    app.state.engine, app.state.limiter = engine, WindowLimiter()
    for part in (sending, activity, suppressions, event_webhooks, identities, scopes, mailbox):
        app.include_router(part.router)
    app.add_api_route("/health", _healthy)
    app.middleware("http")(limit_calls)
    app.add_middleware(AtThisMachine)
    app.exception_handler(SendgridError)(answer_error)
    app.exception_handler(HTTPException)(_answer_unknown)
    app.exception_handler(RequestValidationError)(_answer_malformed)
    return app


def _healthy() -> dict[str, str]:
    return {"status": "ok"}


async def _answer_unknown(_request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"errors": [complaint(str(error.detail).lower())]}, status_code=error.status_code)


async def _answer_malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"errors": [complaint(f"Bad Request: {error}")]}, status_code=400)
