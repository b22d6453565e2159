"""Stripe's simulator beside a database of the test's own, with no money yet."""

from collections.abc import Iterator

import pytest

from tests.treasury import Treasury, at_hand


@pytest.fixture
def treasury(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Treasury]:
    with at_hand(monkeypatch) as treasury:
        yield treasury
