"""However many processes there are, no more programs look into files at once than the machine has cores."""

import subprocess
import sys
from contextlib import ExitStack
from threading import Thread

import pytest

from campaigns.open_call.media import turns
from campaigns.open_call.media.turns import Turns, turn
from tests.installation import wait_for

HOLDER = """
import sys
from campaigns.open_call.media.turns import Turns, turn
with turn(Turns.LOOKING):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder() -> "subprocess.Popen[bytes]":
    """Another process of the installation that has a turn."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_turn_that_another_process_has_is_waited_for_and_free_when_that_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "CORES", 1)
    with holder() as other:
        taken: list[str] = []
        waiting = Thread(target=lambda: take(taken))
        waiting.start()
        waiting.join(4 * turns.GLANCE)
        assert taken == []
        other.kill()
        wait_for(lambda: taken == ["ours"])
        waiting.join()


def take(taken: list[str]) -> None:
    with turn(Turns.LOOKING):
        taken.append("ours")


def test_there_are_as_many_turns_as_cores_and_those_who_make_have_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "CORES", 2)
    with ExitStack() as held:
        for each in (Turns.LOOKING, Turns.LOOKING, Turns.MAKING, Turns.MAKING):
            held.enter_context(turn(each))
        late: list[str] = []
        Thread(target=lambda: take(late)).start()
        assert late == []
    wait_for(lambda: late == ["ours"])
