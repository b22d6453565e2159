"""What a program that opens a stranger's file could do here: `python -S probe.py <file in> <folder out> <a secret> <a port>`.

It tries, and prints what it could: {"contributions": …, "network": …, "files": …}. It leaves `mine` in the folder, so that whoever is
outside sees whose it is: here it may have another number. It imports nothing of ours.
"""

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path


def main(source: str, target: str, secret: str, port: str) -> dict[str, object]:
    """Whether it can do its work, whether it reaches the port, and whether it reads or writes where it must not."""
    return {
        "works": _reads(source) and _writes(Path(target), "mine"),
        "network": _reaches(int(port)),
        "files": any(map(_reads, (secret, "/etc/shadow"))) or any(map(_could_write, (Path(secret).parent, Path("/tmp"), Path("/var/tmp")))),  # nosec B108  # noqa: S108 - it is tried whether they can be written
    }


def _reads(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _writes(folder: Path, name: str) -> bool:
    try:
        (folder / name).write_bytes(b"1")
    except OSError:
        return False
    return True


def _could_write(folder: Path) -> bool:
    name = f"probe-{os.getpid()}"
    could = _writes(folder, name)
    with suppress(OSError):
        (folder / name).unlink()
    return could


def _reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
