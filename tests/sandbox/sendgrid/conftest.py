"""The simulator and SendGrid's own SDK."""

from collections.abc import Iterator
from typing import Any

import pytest
from sendgrid import SendGridAPIClient

from campaigns.core.settings import settings
from tests.postroom import at_hand


@pytest.fixture
def beyond(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The simulator's address, on a database of the test's own."""
    with at_hand(monkeypatch) as address:
        yield address


@pytest.fixture
def sdk(beyond: str) -> Any:
    """SendGrid's own client, pointed at the simulator."""
    client = SendGridAPIClient(settings().sendgrid_key, host=beyond).client
    client.timeout = 10
    return client
