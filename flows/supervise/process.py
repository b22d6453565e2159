"""A child process that never outlives its parent, and what is left of children whose parent is gone."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# The variable in which a flow run's process is told by its worker what it has to know before it imports anything.
TOLD = "CALLBOARD_FLOW_PROCESS"

# Elsewhere than on Linux there are neither: there a child's session is killed with it, the best that can be done.
ADOPTS = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if ADOPTS else None


def _readable_by_the_group(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    user: str | None = None,
    cwd: Path | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start `command` in a session of its own; `last_signal` reaches it when the calling thread ends, however that ends.

    Output is appended to `log`; without one the child shares our terminal.
    """
    output = open(log, "ab", opener=_readable_by_the_group) if log else None  # noqa: SIM115 - closed below
    try:
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            user=user,
            group=group_of(user) if user else None,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), last_signal),
        )
    finally:
        if output:
            output.close()


def group_of(user: str) -> int:
    """The numeric primary group of a system user."""
    return pwd.getpwnam(user).pw_gid


def die_with(parent: int, last_signal: signal.Signals) -> Callable[[], None]:
    """What a child of `parent` runs before exec, so that the kernel signals it when its parent dies."""

    def bind() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)

    return bind


def adopt_orphans() -> None:
    """From here on a grandchild whose parent dies becomes a child of this process."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """The process ids of this process's children, adopted ones included; empty where there is no /proc."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for each in lists for pid in each.read_text().split()}


def reap(pid: int) -> None:
    """Take note of an adopted child's end if it has ended."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def kill_session(leader: int) -> None:
    """End at once whatever is left in the session that a child of ours leads."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def kill(pid: int) -> None:
    """End a child at once and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def machine() -> str:
    """What tells this machine, and where processes have a numbering of their own this numbering, from any other."""
    numbering = ""
    with suppress(OSError):
        numbering = f"/{Path('/proc/sys/kernel/random/boot_id').read_text()[:8]}/{os.stat('/proc/self/ns/pid').st_ino}"
    return f"{socket.gethostname()[:80]}{numbering}"


def identity(pid: int) -> str | None:
    """The process by its number and its start, for numbers come again; None when it is gone."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None if ADOPTS else _identity_by_ps(pid)
    return None if state == "Z" else f"{pid}@{fields[18]}"


def _identity_by_ps(pid: int) -> str | None:
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return f"{pid}@{'-'.join(found.split())}" if found.strip() else None


def is_alive(known_as: str) -> bool:
    """Whether the process of this identity is there."""
    return identity(int(known_as.partition("@")[0])) == known_as


def kill_known(known_as: str) -> None:
    """End the process of this identity at once, if it is there."""
    if is_alive(known_as):
        with suppress(ProcessLookupError):
            os.kill(int(known_as.partition("@")[0]), signal.SIGKILL)
