"""What tests of several modules here share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.core.settings import settings


@pytest.fixture
def anchors_file(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the anchors of a database of its own are written; there is nothing in it yet."""
    monkeypatch.setenv("CALLBOARD_ANCHOR_FILE", str(tmp_path / "anchors.jsonl"))
    settings.cache_clear()
    yield tmp_path / "anchors.jsonl"
    monkeypatch.undo()
    settings.cache_clear()
