"""What opens a stranger's file runs in a process of its own, with little memory, little time and none of our settings."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from campaigns.core.files import no_room
from campaigns.core.words import _
from campaigns.open_call.media import limits
from campaigns.open_call.media.faults import TooHard

ROOT = Path(limits.__file__).parents[3]
MEGABYTES = 3072
SECONDS = 300
CORES = os.cpu_count() or 2
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
# In the words of the C library, as everything that is run here says it.
DISK_IS_FULL = tuple(os.strerror(code).encode() for code in (errno.ENOSPC, errno.EDQUOT))
_hands = BoundedSemaphore(CORES)


class Failed(Exception):
    """The program ended with an error; the message is what it said."""


def run(program: Sequence[str], name: str, *, seconds: int = SECONDS) -> bytes:
    """What the program printed; no more of them run at once than the machine has cores.

    Raises Failed when it ends with an error, NoRoom when that was because our disk is full, and TooHard, naming the file `name`, when it
    goes past its limits.
    """
    command = [sys.executable, "-S", limits.__file__, str(MEGABYTES), str(seconds), *program]
    with (
        _hands,
        subprocess.Popen(
            command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        ) as process,
    ):
        try:
            said, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise too_hard(name) from None
        finally:
            _end(process)
    if process.returncode < 0 or b"MemoryError" in complaint:
        raise too_hard(name)
    if process.returncode and any(said_so in complaint for said_so in DISK_IS_FULL):
        raise no_room()
    if process.returncode:
        raise Failed(complaint.decode(errors="replace").strip()[-2000:])
    return said


def python(module: str, *arguments: str, name: str) -> Mapping[str, Any]:
    """The JSON object that a module of ours prints, run within limits."""
    answer: dict[str, Any] = json.loads(run([sys.executable, "-m", module, *arguments], name))
    return answer


def too_hard(name: str) -> TooHard:
    """The refusal of a file that goes past the limits."""
    sentence = _("“{file}” takes more time or memory to open than we allow. Send a smaller or simpler version.", file=name)
    return TooHard(sentence, field="file")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
