"""A campaign, its people, and the way from a fact to a mailbox."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.ports import free_port
from tests.postroom import Line, standin


@dataclass(frozen=True)
class Postroom:
    """The stand-in, and the line between us and it."""

    beyond: str
    line: Line


@pytest.fixture
def postroom(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postroom]:
    """The real SDK's way to the stand-in, on a database of the test's own."""
    port = free_port()
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", str(port))
    settings.cache_clear()
    sender.cache_clear()
    with standin() as beyond, Line(beyond, port) as line:
        yield Postroom(beyond, line)
    sender.cache_clear()
