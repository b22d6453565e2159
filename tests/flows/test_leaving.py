"""A program that is asked to leave leaves, whatever keeps it."""

import signal
import subprocess
import sys

LEAVES = """
import sys, threading, time
from flows import leaving
stop = threading.Event()
leaving.when_asked(stop, longest=0.5)
threading.Thread(target=lambda: time.sleep(float(sys.argv[1]))).start()
print("ready", flush=True)
stop.wait()
"""


def told_to_leave(while_it_takes: float) -> int:
    """The exit code of a program that is asked to leave while something keeps it for so many seconds."""
    with subprocess.Popen([sys.executable, "-c", LEAVES, str(while_it_takes)], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGTERM)
        return program.wait(30)


def test_a_program_that_is_asked_to_leave_finishes_what_it_is_at() -> None:
    assert told_to_leave(0.01) == 0


def test_a_program_that_is_asked_to_leave_does_not_wait_for_what_never_ends() -> None:
    assert told_to_leave(60) == 1
