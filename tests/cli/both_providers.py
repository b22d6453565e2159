"""The simulators of both providers at once, for whoever sets an installation up."""

from collections.abc import Iterator
from typing import Any

import pytest
from sendgrid import SendGridAPIClient

from campaigns.core.settings import settings
from tests.postroom import at_hand
from tests.treasury import Treasury, treasury

__all__ = ["sdk", "treasury"]


@pytest.fixture
def sdk(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """SendGrid's own client, pointed at its simulator, beside that of Stripe."""
    with at_hand(monkeypatch) as address:
        yield SendGridAPIClient(settings().sendgrid_key, host=address).client
