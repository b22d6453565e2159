"""Each journey has a world of its own."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.journeys.world import World
from tests.ports import free_port
from tests.postroom import simulator


@pytest.fixture
def world(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world of its own, with the real SDK's way to the mailbox."""
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    with simulator() as mailbox:
        monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", mailbox.rpartition(":")[2])
        settings.cache_clear()
        sender.cache_clear()
        with TestClient(make_app(), base_url="https://testserver") as client:
            yield World(client, mailbox)
    sender.cache_clear()
