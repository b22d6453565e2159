"""People at the pages, each in a browser session of their own."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import event

from api.app import make_app
from api.deps import COOKIE
from campaigns.core import access, clock
from campaigns.core.people import Actor
from tests.factories import Partnership
from workers.transactions import engine, unit_of_work

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def browser() -> Iterator[TestClient]:
    """A browser that follows no redirect, so that a test sees where it is sent."""
    with TestClient(make_app(), base_url="https://testserver", headers=PAGE, follow_redirects=False) as client:
        yield client


def be(client: TestClient, who: Actor) -> TestClient:
    """The browser, with this person signed in."""
    with unit_of_work() as session:
        client.cookies.set(COOKIE, access.open_session(session, who.person))
    return client


def make(how: Callable[..., Partnership], *given: Any, **more: Any) -> Partnership:
    """A partnership as `how` makes it, committed."""
    with unit_of_work() as session:
        return how(session, *given, at=clock.business_now(session), **more)


def seen(answer: Any) -> str:
    """The page in one line; fails where it is not one."""
    assert answer.status_code == 200, answer.text
    return in_one_line(answer)


def in_one_line(answer: Any) -> str:
    return re.sub(r"\s+", " ", str(answer.text))


def cells(answer: Any) -> list[list[str]]:
    """A list as CSV, row by row; fails where a cell is not quoted."""
    text = str(answer.text)
    rows = list(csv.reader(io.StringIO(text)))
    again = io.StringIO()
    csv.writer(again, quoting=csv.QUOTE_ALL).writerows(rows)
    assert again.getvalue() == text
    return rows


def value_of(page: str, name: str) -> str:
    """The value of the page's first field of this name."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


def fault(page: str, field: str) -> str | None:
    """The sentence beside a field."""
    found = re.search(rf'id="{field}-fault">([^<]*)<', page)
    return found[1] if found else None


def statements(ask: Callable[[], Any]) -> int:
    """How many statements an answer takes."""
    sent: list[str] = []
    note = lambda *told: sent.append(told[2])  # noqa: E731
    event.listen(engine(), "before_cursor_execute", note)
    try:
        assert ask().status_code == 200
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(sent)
