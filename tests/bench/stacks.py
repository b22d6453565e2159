"""A whole installation for a figure, in a folder of its own; this process's settings and its Prefect client point to it."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.context import refresh_global_settings_context

from flows import engine
from flows.supervise.programs import prefect_settings
from tests.browser.town import within
from tests.installation import Installation


@contextmanager
def stood_up() -> Iterator[Installation]:
    """It is up within the block, and gone without a trace after it."""
    home = Path(tempfile.mkdtemp(prefix="callboard-bench-"))
    installation = Installation.start(home, CALLBOARD_ENV_FILE="/dev/null")
    try:
        installation.wait_until_ready()
        with within(installation.environment | prefect_settings(installation.settings)):
            _ask_this_one()
            yield installation
    finally:
        installation.remove()
        shutil.rmtree(home)


def _ask_this_one() -> None:
    refresh_global_settings_context()
    engine.client.cache_clear()


def proportional_megabytes(pids: Iterable[int]) -> float:
    """What these processes hold in memory, each page that several share counted once."""
    return sum(map(_kilobytes, pids)) / 1024


def _kilobytes(pid: int) -> int:
    """Nothing of one that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
