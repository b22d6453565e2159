"""`python flows/supervise/locked.py FILE COMMAND…`: run a command while nobody else runs one under the same file's lock.

Run by the Makefile's set-up before there is an environment: with nothing but Python's own library, of any version, and as a script.
"""

import fcntl
import os
import sys


def main(lock_file: str, *command: str) -> None:
    """Become the command once the lock is ours; it ends with the command and all that the command started, however they end."""
    if folder := os.path.dirname(lock_file):
        os.makedirs(folder, exist_ok=True)
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another setup is running in this folder: waiting until it is done.", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock, True)
    os.execvp(command[0], command)  # nosec B606  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
