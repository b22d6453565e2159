"""The crowd's database as after the machine has started: nothing of it in PostgreSQL's memory, nor in the system's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.crowd import Crowd, _cluster_home, gathered
from tests.bench.figure import BENCH

HOME = BENCH / "crowd"


@contextmanager
def gathered_cold() -> Iterator[Crowd]:
    """The crowd on a PostgreSQL that has just started, and whose files the system has forgotten."""
    forget(_cluster_home(HOME))
    with gathered(HOME) as crowd:
        yield crowd


def forget(folder: Path) -> None:
    """Take what lies in the folder out of the system's memory; what had not been written yet is written first."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            handle = os.open(file, os.O_RDONLY)
            try:
                os.fdatasync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)
