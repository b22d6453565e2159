"""The stand-in and SendGrid's own SDK."""

from collections.abc import Iterator
from typing import Any

import pytest
from sendgrid import SendGridAPIClient

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.ports import free_port
from tests.postroom import standin


@pytest.fixture
def beyond(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The stand-in's address, on a database of the test's own."""
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    settings.cache_clear()
    with standin() as address:
        monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", address.rpartition(":")[2])
        settings.cache_clear()
        sender.cache_clear()
        yield address
    sender.cache_clear()


@pytest.fixture
def sdk(beyond: str) -> Any:
    """SendGrid's own client, pointed at the stand-in."""
    client = SendGridAPIClient(settings().sendgrid_key, host=beyond).client
    client.timeout = 10
    return client
