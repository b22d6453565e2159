"""What stands around a program that opens a stranger's file: one file in, one folder out, no network, and a user who owns nothing.

Bubblewrap where the machine has it, Landlock and seccomp where it has those; it is tried what holds, and said on Status.
"""

import json
import os
import pwd
import shutil
import site
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from typing import Any

from campaigns.core.files import is_full, no_room, storage
from campaigns.open_call.media import limits, probe

ROOT = Path(limits.__file__).parents[3]
PROBE_SECONDS = 20
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Walls:
    """A way to shut a program in: by `bubblewrap`, by `landlock` (with seccomp), or by `limits` alone; `as_nobody` where we are root."""

    way: str
    as_nobody: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """What was found to hold when it was tried: no network, none but the given files, and whose rights, as seen from outside.

    Where Callboard is not root nobody else's can be had: behind walls its own user's are none.
    """

    walls: Walls
    is_another_user: bool
    is_offline: bool
    is_enclosed: bool
    is_root: bool = False

    @property
    def is_whole(self) -> bool:
        return not self.is_root and self.is_offline and self.is_enclosed


@dataclass(frozen=True, slots=True)
class Within:
    """What a program may reach: the file that it reads, and the folder that it writes its own into."""

    reads: Path | None = None
    writes: Path | None = None


def command(walls: Walls, program: Sequence[str], within: Within, megabytes: int, seconds: int) -> list[str]:
    """The command that runs the program shut in."""
    how = {
        "megabytes": megabytes, "seconds": seconds, "user": _nobody() if walls.as_nobody else None, "packages": _packages(),
        "landlock": _paths(within) if walls.way == "landlock" else None,
    }  # fmt: skip
    limited = [sys.executable, "-S", limits.__file__, json.dumps(how), *program]
    return [*_bubblewrap(within, walls), *limited] if walls.way == "bubblewrap" else limited


def _paths(within: Within) -> dict[str, list[str]]:
    inner = [str(path) for path in (within.reads,) if path]
    return {"read": [*_readable(), *inner], "write": [str(within.writes)] if within.writes else []}


def _bubblewrap(within: Within, walls: Walls) -> list[str]:
    """As root no namespace of users is needed, and the program becomes nobody itself; otherwise it stays who we are, without a right."""
    bound = [("--ro-bind", path) for path in _readable()]
    bound += [("--ro-bind", str(within.reads))] if within.reads else []
    bound += [("--bind", str(within.writes))] if within.writes else []
    above = dict.fromkeys(str(parent) for _how, path in bound for parent in reversed(Path(path).parents) if parent != Path("/"))
    drops = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if walls.as_nobody else ["--unshare-user"]
    return [
        "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", *drops, "--dev", "/dev",
        *(word for path in above for word in ("--perms", "0755", "--dir", path)),
        *(word for how, path in bound for word in (how, path, path)), "--remount-ro", "/",
    ]  # fmt: skip


@lru_cache
def _readable() -> list[str]:
    """The system's programs, the interpreter, the installed packages and our own code: nothing of the installation's home."""
    ours = [ROOT / "campaigns", Path(sys.base_prefix), Path(sys.prefix), *map(Path, site.getsitepackages())]
    found = [path for path in (*map(Path, SYSTEM), *ours) if path.exists() and path != Path("/")]
    within = [path for path in found if not any(other in path.parents for other in found)]
    return [str(path) for path in dict.fromkeys(within)]


def _packages() -> str:
    return sysconfig.get_paths()["purelib"]


def _nobody() -> tuple[int, int]:
    found = pwd.getpwnam(NOBODY)
    return found.pw_uid, found.pw_gid


@contextmanager
def handed_over(walls: Walls, within: Within) -> Iterator[None]:
    """While the block runs, nobody may read the one file and write into the one folder; what was made there is ours afterwards.

    Raises OSError where the program left anything but plain files of its own: nothing else is opened by us.
    """
    if walls.as_nobody:
        uid, gid = _nobody()
        if within.reads:
            os.chown(within.reads, -1, gid)
            within.reads.chmod(stat.S_IMODE(within.reads.stat().st_mode) | stat.S_IRGRP)
        if within.writes:
            _give(within.writes, uid, gid)
    try:
        yield
    finally:
        if within.writes:
            _take(within.writes)


def _give(folder: Path, uid: int, gid: int) -> None:
    for path in (*folder.iterdir(), folder):
        os.chown(path, uid, gid, follow_symlinks=False)


def _take(folder: Path) -> None:
    os.chown(folder, os.geteuid(), os.getegid())
    for path in folder.iterdir():
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            shutil.rmtree(path) if stat.S_ISDIR(found.st_mode) else path.unlink()
            raise OSError(f"{path.name} is not a plain file")
        os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)


@lru_cache
def in_force() -> InForce:
    """The strongest that holds on this machine, found by a program that tries to get out; asked once in a process."""
    found: list[InForce] = []
    for walls in _ways():
        if (tried := _tried(walls)) is None:
            continue
        if tried.is_whole:
            return tried
        found.append(tried)
    nothing = InForce(Walls("limits", as_nobody=False), False, is_offline=False, is_enclosed=False, is_root=os.geteuid() == 0)
    return max(found, key=lambda each: (each.is_enclosed + each.is_offline, each.is_another_user), default=nothing)


def _ways() -> Iterator[Walls]:
    is_root = os.geteuid() == 0
    for way in ("bubblewrap", "landlock", "limits"):
        for as_nobody in (True, False) if is_root else (False,):
            yield Walls(way, as_nobody)


def _tried(walls: Walls) -> InForce | None:
    """What holds in this way; None where a program cannot do its work in it. Raises NoRoom where the disk is too full to try."""
    try:
        with storage().scratch() as folder:
            found = _got_at(walls, folder)
    except OSError as error:
        if is_full(error):
            raise no_room() from error
        return None
    except (subprocess.SubprocessError, ValueError):
        return None
    if not found["works"]:
        return None
    user = found["user"]
    return InForce(walls, user not in (0, os.geteuid()), not found["network"], not found["files"], is_root=user == 0)


def _got_at(walls: Walls, folder: Path) -> dict[str, Any]:
    """What a program tells that was shut in with a file, beside a secret and a port."""
    within, secret = Within(folder / "in", folder / "out"), folder / "secret"
    for path in (folder / "in", secret):
        path.write_bytes(b"1")
    secret.chmod(0o600)
    (folder / "out").mkdir()
    with socket(AF_INET, SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        arguments = (str(within.reads), str(within.writes), str(secret), str(listening.getsockname()[1]))
        asked = command(walls, [sys.executable, "-S", probe.__file__, *arguments], within, 1024, PROBE_SECONDS)
        with handed_over(walls, within):
            said = subprocess.run(asked, env={"PATH": "/usr/bin:/bin"}, capture_output=True, timeout=PROBE_SECONDS, check=True).stdout
            found: dict[str, Any] = json.loads(said)
            return found | ({"user": (folder / "out" / "mine").stat().st_uid} if found["works"] else {})
