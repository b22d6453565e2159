"""A machine that something else keeps busy while more is due than it can do: the short form of `make chaos`'s overload."""

from pathlib import Path

import pytest

from tests.chaos.fire import under_fire
from tests.chaos.overload import Overload

pytestmark = pytest.mark.xdist_group("chaos")
PLACES, CAMPAIGNS, SECONDS, TIMES = "2", 6, 40.0, 3.0


def test_an_overload_ends_no_more_processes_live_than_there_are_places_and_no_run_is_replaced_that_lives(tmp_path: Path) -> None:
    with under_fire(tmp_path, CALLBOARD_WORKER_LIMIT=PLACES) as (up, _fire):
        overload = Overload(up, CAMPAIGNS, SECONDS, times=TIMES)
        assert overload.run() == []
    assert up.processes() == set()
