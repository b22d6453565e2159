"""A campaign, its people, and the way from a fact to a mailbox."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.ports import free_port
from tests.postroom import Line, simulator


@dataclass(frozen=True)
class Postroom:
    """The simulator, and the line between us and it."""

    beyond: str
    line: Line


@pytest.fixture
def postroom(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postroom]:
    """The real SDK's way to the simulator, on a database of the test's own."""
    port = free_port()
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", str(port))
    settings.cache_clear()
    sender.cache_clear()
    with simulator() as beyond, Line(beyond, port) as line:
        yield Postroom(beyond, line)
    sender.cache_clear()
