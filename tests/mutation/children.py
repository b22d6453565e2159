"""Children in which a mutant lives: how long they may, and what became of it."""

import os
import signal
import time

KILLED, SURVIVED, TOO_LONG = "killed", "survived", "too long"


def fate_of(child: int, seconds: float) -> str:
    """The fate of the mutant in this child, which exits with 0 when no test has noticed."""
    if (status := _waited(child, seconds)) is None:
        return TOO_LONG
    return SURVIVED if status == 0 else KILLED


def _waited(child: int, seconds: float) -> int | None:
    """The child's exit code; None when it took longer, and was ended with all that it began."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            _end_group(child)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    _end_group(child)
    os.waitpid(child, 0)
    return None


def _end_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return
