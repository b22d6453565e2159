"""Two installations for the tests of backups: one that is backed up, and one that is restored."""

from pathlib import Path

import pytest

from campaigns.core.settings import settings
from flows.backup import __main__ as command
from workers.transactions import engine


class Place:
    """An installation: a database and a home of its own, to which the settings point."""

    def __init__(self, url: str, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.url, self.home, self.patch = url, home, patch

    def enter(self) -> None:
        engine().dispose()
        self.patch.setenv("DATABASE_URL", self.url)
        self.patch.setenv("CALLBOARD_HOME", str(self.home))
        self.patch.setenv("CALLBOARD_SECRET", "the same secret everywhere")
        settings.cache_clear()
        engine.cache_clear()


def take(backups: Path) -> Path:
    """The new backup."""
    before = set(backups.glob("callboard-*"))
    assert command.main(["take", str(backups)]) == 0
    [taken] = set(backups.glob("callboard-*")) - before
    return taken


def restore(backup: Path) -> int:
    return command.main(["restore", str(backup)])
