"""What is judged: emails through SendGrid's simulator, what Stripe's simulator has, and the API that people speak to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from campaigns.core.people import Actor
from tests.chaos.judged import Judged, written_to
from tests.chaos.word import Voice
from tests.treasury import treasury

__all__ = ["treasury"]


@pytest.fixture
def judged(fresh_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Judged]:
    with written_to(monkeypatch, tmp_path) as judged:
        yield judged


@pytest.fixture
def at_hand(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The API is asked in this process."""
    with TestClient(make_app()) as client:

        def request(voice: Voice, by: Actor, method: str, path: str, *, headers: dict[str, str], **sent: Any) -> Any:
            return client.request(method, path, headers={"Authorization": f"Bearer {voice.token(by)}", **headers}, **sent)

        monkeypatch.setattr(Voice, "request", request)
        yield client
