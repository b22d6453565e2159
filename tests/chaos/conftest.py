"""What is judged: letters through SendGrid's simulator, and what Stripe's simulator has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.judged import Judged, written_to
from tests.treasury import treasury

__all__ = ["treasury"]


@pytest.fixture
def judged(fresh_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Judged]:
    with written_to(monkeypatch, tmp_path) as judged:
        yield judged
