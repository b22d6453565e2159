"""Run a program within limits: `python limits.py <megabytes> <seconds> program arguments…`.

A program of its own, because limits set between fork and exec are not safe in a process with threads.
"""

import os
import resource
import sys

LARGEST_FILE = 4 * 1024**3


def main(megabytes: str, seconds: str, *program: str) -> None:
    """Limit the memory, the processor's time and the size of files, and become the program."""
    memory, time = int(megabytes) * 1024**2, int(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (time, time))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(program[0], program)  # nosec B606  # noqa: S606 - the caller names a program of ours


if __name__ == "__main__":
    main(*sys.argv[1:])
