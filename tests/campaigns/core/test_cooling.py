"""Something new that is dangerous counts once the installation's cooling time is over."""

from datetime import timedelta

import pytest

from campaigns.core.cooling import cooling_ends, has_cooled
from campaigns.core.settings import settings
from tests.factories import NOW


def test_cooling_takes_72_hours_unless_the_installation_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last moment of the cooling time does not count, its end does."""
    ends = NOW + timedelta(hours=72)
    assert (cooling_ends(NOW), has_cooled(NOW, ends - timedelta(seconds=1)), has_cooled(NOW, ends)) == (ends, False, True)
    monkeypatch.setattr(settings(), "cooling_hours", 24)
    assert cooling_ends(NOW) == NOW + timedelta(hours=24)
