"""What opens a stranger's file runs in a process of its own: walled in, with little memory, little time and none of our settings."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from campaigns.core.files import is_full, no_room
from campaigns.core.words import _
from campaigns.open_call.media.faults import TooHard
from campaigns.open_call.media.turns import Turns, turn
from campaigns.open_call.media.walls import ROOT, Within, command, handed_over, in_force

MEGABYTES = 3072
SECONDS = 300
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8",
    # There is no folder for what does not fit into memory, and it counts as memory.
    "VIPS_DISC_THRESHOLD": "4g", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
# How a shell, and bubblewrap, say that a signal ended what they ran.
ENDED = frozenset(128 + each for each in (signal.SIGKILL, signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGXFSZ))
# In the words of the C library, as everything that is run here says it.
DISK_IS_FULL = tuple(os.strerror(code).encode() for code in (errno.ENOSPC, errno.EDQUOT))


class Failed(Exception):
    """The program ended with an error; the message is what it said."""


def run(program: Sequence[str], name: str, *, reads: Path | None = None, writes: Path | None = None, seconds: int = SECONDS) -> bytes:
    """What the program printed, which reads no file of the installation but `reads` and writes into the folder `writes` alone.

    On a machine no more of those that read, and of those that write, run at once than it has cores. Raises Failed when it ends with an
    error, NoRoom when that was because our disk is full, and TooHard, naming the file `name`, when it goes past its limits.
    """
    within, walls = Within(reads, writes), in_force().walls
    try:
        with turn(Turns.MAKING if writes else Turns.LOOKING), handed_over(walls, within):
            code, said, complaint = _ended(command(walls, program, within, MEGABYTES, seconds), name, seconds)
    except OSError as error:
        if is_full(error):
            raise no_room() from error
        raise Failed(str(error)) from error
    if code and any(said_so in complaint for said_so in DISK_IS_FULL):
        raise no_room()
    if code < 0 or code in ENDED or b"MemoryError" in complaint:
        raise too_hard(name)
    if code:
        raise Failed(complaint.decode(errors="replace").strip()[-2000:])
    return said


def _ended(asked: Sequence[str], name: str, seconds: int) -> tuple[int, bytes, bytes]:
    """How the program ended and what it said; raises TooHard when it takes too long."""
    out = subprocess.PIPE
    with subprocess.Popen(asked, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True) as process:
        try:
            said, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise too_hard(name) from None
        finally:
            _end(process)
    return process.returncode, said, complaint


def python(module: str, *arguments: str, name: str, reads: Path | None = None, writes: Path | None = None) -> Mapping[str, Any]:
    """The JSON object that a module of ours prints, run within limits."""
    answer: dict[str, Any] = json.loads(run([sys.executable, "-m", module, *arguments], name, reads=reads, writes=writes))
    return answer


def too_hard(name: str) -> TooHard:
    """The refusal of a file that goes past the limits."""
    sentence = _("“{file}” takes more time or memory to open than allowed. Upload a smaller or simpler version.", file=name)
    return TooHard(sentence, field="file")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
