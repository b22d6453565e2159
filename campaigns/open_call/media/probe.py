"""What a program that opens a stranger's file could do here: `python -S probe.py <file in> <folder out> <a secret> <a port>`.

It tries, and prints what it could: {"works": …, "user": …, "network": …, "files": …}. It imports nothing of ours.
"""

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path


def main(source: str, target: str, secret: str, port: str) -> dict[str, object]:
    """Whether it can do its work, whose rights it has, whether it reaches the port, and whether it reads or writes where it must not."""
    return {
        "works": _reads(source) and _writes(Path(target)),
        "user": os.getuid(),
        "network": _reaches(int(port)),
        "files": any(map(_reads, (secret, "/etc/shadow"))) or any(map(_writes, (Path(secret).parent, Path("/tmp"), Path("/var/tmp")))),  # nosec B108  # noqa: S108 - it is tried whether they can be written
    }


def _reads(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _writes(folder: Path) -> bool:
    path = folder / f"probe-{os.getpid()}"
    try:
        path.write_bytes(b"1")
    except OSError:
        return False
    with suppress(OSError):
        path.unlink()
    return True


def _reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
