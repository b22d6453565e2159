"""The simulators of both providers at once, for whoever sets an installation up."""

from collections.abc import Iterator
from typing import Any

import pytest
from sendgrid import SendGridAPIClient

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.ports import free_port
from tests.postroom import standin
from tests.treasury import Treasury, treasury

__all__ = ["sdk", "treasury"]


@pytest.fixture
def sdk(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """SendGrid's own client, pointed at its simulator, beside that of Stripe."""
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    settings.cache_clear()
    with standin() as address:
        monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", address.rpartition(":")[2])
        settings.cache_clear()
        sender.cache_clear()
        yield SendGridAPIClient(settings().sendgrid_key, host=address).client
    sender.cache_clear()
