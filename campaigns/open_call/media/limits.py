"""Run a program within limits: `python -S limits.py '<how, as JSON>' program arguments…`.

A program of its own, because limits set between fork and exec are not safe in a process with threads. It imports nothing of ours.
"""

import json
import os
import resource
import sys
from collections.abc import Sequence
from typing import Any

LARGEST_FILE = 4 * 1024**3
# No network of any kind, also not past the filter by way of io_uring, nobody else's memory, files or signals, and no way out of what is
# ended together.
FORBIDDEN = (
    "socket", "io_uring_setup", "ptrace", "process_vm_readv", "process_vm_writev", "setsid", "setpgid",
    "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
)  # fmt: skip
# F_SETOWN, F_SETSIG and F_SETOWN_EX: whose file it is gets any signal once there is something to read.
SIGNALS_BY_FILE = (8, 10, 15)
DENIED, INT = 13, 0xFFFFFFFF
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom")


def main(how: str, *program: str) -> None:
    """Limit memory, time, files, user, paths and network as `how` says, and become the program."""
    given: dict[str, Any] = json.loads(how)
    restrict = _walls(given) if given["landlock"] else None
    _limit(resource.RLIMIT_AS, given["megabytes"] * 1024**2)
    _limit(resource.RLIMIT_CPU, given["seconds"])
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    os.umask(0o027)
    if given["user"]:
        uid, gid = given["user"]
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if restrict:
        restrict()
    os.execv(program[0], program)  # nosec B606  # noqa: S606 - the caller names a program of ours


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _walls(given: dict[str, Any]) -> Any:
    """What shuts the process in by Landlock and seccomp; everything that it needs is read beforehand."""
    sys.path.insert(0, given["packages"])
    from landlockpy import AccessFS, Ruleset, Scope

    shut = calls()
    of_files = AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.EXECUTE
    reading = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    writing = reading | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_REG | AccessFS.REMOVE_FILE
    ruleset = Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)

    def allow(paths: Sequence[str], access: AccessFS) -> None:
        for path in paths:
            # A right that only a folder can have is refused for a file.
            ruleset.allow_path(path, access if os.path.isdir(path) else access & of_files)

    allow(given["landlock"]["read"], reading)
    allow(given["landlock"]["write"], writing)
    allow(DEVICES, AccessFS.READ_FILE | AccessFS.WRITE_FILE)

    def restrict() -> None:
        ruleset.restrict()
        shut.load()

    return restrict


def calls() -> Any:
    """The filter of system calls: what aborts ends itself by a signal to itself, which alone is left, and limits its own process alone."""
    from seccompy import CmpOp, Filter

    own, shut = os.getpid(), Filter()
    for call in FORBIDDEN:
        shut.errno(call, DENIED)
    shut.errno("tgkill", DENIED, args=[(0, CmpOp.NE, own)])
    shut.errno("prlimit64", DENIED, args=[(0, CmpOp.NE, 0), (0, CmpOp.NE, own)])
    for way in SIGNALS_BY_FILE:
        shut.errno("fcntl", DENIED, args=[(1, CmpOp.MASKED_EQ, way, INT)])
    return shut


if __name__ == "__main__":
    main(*sys.argv[1:])
