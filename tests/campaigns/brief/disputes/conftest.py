"""Whoever answers a bank."""

import pytest

from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from tests.treasury import Treasury


@pytest.fixture
def finance(treasury: Treasury) -> Actor:
    return treasury.person(role=Role.FINANCE)
