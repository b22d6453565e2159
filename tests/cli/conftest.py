"""The commands are tested as on a machine that isolates the programs that open contributors' files, whatever this one does."""

import pytest

from campaigns.open_call.media.enclosure import Enclosure


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.check.enclosure", lambda: Enclosure("They are isolated.", None))
