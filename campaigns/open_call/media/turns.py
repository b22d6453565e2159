"""How many programs may open contributors' files at once on this machine, whichever process of the installation starts them."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import FileIO
from pathlib import Path

from campaigns.core.settings import settings

CORES = os.cpu_count() or 2
GLANCE = 0.05


class Turns(StrEnum):
    """Whoever sends a file waits while a program looks into it: not behind those that make something of files, for minutes each."""

    LOOKING = "looking"
    MAKING = "making"


@contextmanager
def turn(turns: Turns) -> Iterator[None]:
    """Hold one of these turns, of which there are as many as cores; it is free again when the block or the process ends."""
    folder = settings().home / "turns" / socket.gethostname()
    folder.mkdir(parents=True, exist_ok=True)
    while (taken := _free(folder, turns)) is None:
        time.sleep(GLANCE)
    with taken:
        yield


def _free(folder: Path, turns: Turns) -> FileIO | None:
    """A turn that nobody has, now ours until the file is closed."""
    for number in range(CORES):
        file = FileIO(folder / f"{turns}-{number + 1}", "a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None
