"""Asking without consequences: the application in this process, and whatever it commits undone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import anyio.to_thread
import pytest
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Connection, text

from api.app import make_app
from api.payout import run_progress
from campaigns.core.db import Base
from campaigns.core.ids import new_id
from workers import transactions

# Who asked last, and how often, is noted there, refused or not.
NOTED = {"security_entry", "web_session", "api_token", "bucket"}
# A place in a path that, there, is for something else than elsewhere.
MEANT = {
    "/unsubscribe/": {"token": "email_token"}, "/subscriptions/": {"kind": "emails"}, "/sources/": {"contribution_id": "remix_id"},
    "/progress": {"run_id": "live_run_id"},
}  # fmt: skip


class Asking:
    """The application in this process, asked without a network."""

    def __init__(self) -> None:
        plain = {"Accept-Encoding": "identity"}
        self._client = AsyncClient(transport=ASGITransport(make_app()), base_url="https://testserver", headers=plain)

    async def request(self, method: str, path: str, **sent: Any) -> Response:
        """The answer; no redirect is followed and no cookie kept."""
        answer = await self._client.request(method, path, **sent)
        self._client.cookies.clear()
        return answer


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Within the block, what the application would have another thread do is done at once: nobody else waits."""

    async def at_once(do: Callable[..., Any], *given: Any, **_how: Any) -> Any:
        return do(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anyio.to_thread, "run_sync", at_once)
        yield


@contextmanager
def live_for_a_moment() -> Iterator[None]:
    """Within the block, what is told live is told twice, without a pause, and is over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_progress, "LOOKS", 2)
        patch.setattr(run_progress, "SECONDS_BETWEEN_LOOKS", 0)
        yield


@contextmanager
def undone() -> Iterator[Connection]:
    """Within the block the application works in one transaction, which is undone when the block ends."""
    with transactions.engine().connect() as connection, pytest.MonkeyPatch.context() as patch:
        whole = connection.begin()
        connection.begin_nested()  # so that a session's commit and rollback are a savepoint's
        patch.setattr(transactions, "engine", lambda: connection)
        yield connection
        whole.rollback()


def fingerprint(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many rows each table has, and which transaction wrote to it last."""
    tables = sorted(set(Base.metadata.tables) - NOTED)
    each = (f"select '{name}', count(*), coalesce(max(xmin::text::bigint), 0) from {name}" for name in tables)
    return {name: (rows, said) for name, rows, said in connection.execute(text(" union all ".join(each)))}


def filled(path: str, things: Mapping[str, object]) -> str:
    """The path, with what `things` has in its places."""
    for part, meant in MEANT.items():
        if part in path:
            things = {**things, **{place: things[thing] for place, thing in meant.items()}}
    return path.format(**things)


def absent(path: str, things: Mapping[str, object]) -> dict[str, object]:
    """The same with ids that nothing has; of a claim, the contribution that it is about is still there."""
    others = {thing: new_id() for thing in things.values() if isinstance(thing, UUID)}
    kept = {things["remix_id"]} if "/sources/" in path else set()
    return {name: others[thing] if isinstance(thing, UUID) and thing not in kept else thing for name, thing in things.items()}


def told(answer: Response) -> str:
    """The status, or "in" for who is asked to sign in."""
    is_asked_in = answer.status_code == 303 and answer.headers["location"] == "/sign-in"
    return "in" if is_asked_in else str(answer.status_code)
