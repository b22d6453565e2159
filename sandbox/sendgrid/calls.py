"""What every call of the API goes through: the key, the limit of calls, one transaction."""

import threading
from collections.abc import Awaitable, Callable, Iterator, Set
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from campaigns.core.clock import process_now
from campaigns.core.settings import settings
from sandbox.sendgrid.errors import SendgridError, complaint

WINDOW = 60
CALLS_PER_WINDOW = 600
MAILS_PER_WINDOW = 10_000 * WINDOW
Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


class WindowLimiter:
    """Counts the calls of the present minute: 600 of each address, 10,000 a second where mail is sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._calls: dict[str, int] = {}

    def count(self, path: str, now: datetime) -> tuple[int, int, int]:
        """One call more: the limit, what is left of it (below 0: one too many) and when it starts anew."""
        window = int(now.timestamp()) // WINDOW
        limit = MAILS_PER_WINDOW if path == "/v3/mail/send" else CALLS_PER_WINDOW
        with self._lock:
            if window != self._window:
                self._window, self._calls = window, {}
            self._calls[path] = self._calls.get(path, 0) + 1
            return limit, limit - self._calls[path], (window + 1) * WINDOW


async def limit_calls(request: Request, answer: Answer) -> Response:
    """Answer 429 beyond the limit, and say in every answer of the API what is left of it."""
    if not request.url.path.startswith("/v3/"):
        return await answer(request)
    limit, left, reset = request.app.state.limiter.count(request.url.path, process_now())
    response = await answer(request) if left >= 0 else JSONResponse({"errors": [complaint("too many requests")]}, status_code=429)
    counts = {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": max(left, 0), "X-RateLimit-Reset": reset}
    response.headers.update({name: str(value) for name, value in counts.items()})
    return response


def authorised(request: Request) -> None:
    """Refuse a call without this installation's key."""
    if request.headers.get("Authorization") != f"Bearer {settings().sendgrid_key}":
        raise SendgridError("The provided authorization grant is invalid, expired, or revoked", status=401)


def only_known(request: Request) -> None:
    """Refuse a query parameter that the endpoint does not have."""
    known = {parameter.alias for parameter in request.scope["route"].dependant.query_params}
    if unknown := sorted(request.query_params.keys() - known):
        raise SendgridError(f"Invalid parameter: {unknown[0]}", unknown[0])


def require_keys(body: Any, keys: Set[str]) -> None:
    """Refuse a body that is not an object or has a key that the endpoint does not know."""
    if not isinstance(body, dict):
        raise SendgridError("Bad Request")
    if unknown := sorted(body.keys() - keys):
        raise SendgridError(f"Invalid property: {unknown[0]}", unknown[0])


GUARDS = (Depends(authorised), Depends(only_known))


def _transaction(request: Request) -> Iterator[Connection]:
    with request.app.state.engine.begin() as connection:
        yield connection


Transaction = Annotated[Connection, Depends(_transaction, scope="function")]


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise SendgridError("Bad Request") from error


JsonBody = Annotated[Any, Depends(_body)]
