"""Two set-ups in one checkout, one after the other."""

import subprocess
import sys
from pathlib import Path

from tests.installation import wait_for

ROOT = Path(__file__).parents[3]
LOCKED = ROOT / "flows/supervise/locked.py"


def locked(folder: Path, *command: str) -> "subprocess.Popen[str]":
    lock = str(folder / "new/setup.lock")
    return subprocess.Popen([sys.executable, str(LOCKED), lock, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_of_two_set_ups_at_once_the_second_waits_until_the_first_is_done(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = f"echo begun >> {log}; sleep 1; echo done >> {log}"
    both = [locked(tmp_path, "sh", "-c", work) for _each in range(2)]
    said = "".join(each.communicate(timeout=60)[1] for each in both)
    assert ([each.returncode for each in both], log.read_text().split()) == ([0, 0], ["begun", "done"] * 2)
    assert said == "Another setup is running in this folder: waiting until it is done.\n"


def test_a_set_up_that_is_killed_lets_the_next_one_begin_once_all_that_it_started_is_gone(tmp_path: Path) -> None:
    began, over = tmp_path / "began", tmp_path / "over"
    first = locked(tmp_path, "sh", "-c", f"(touch {began}; sleep 2; touch {over}) & wait")
    wait_for(began.exists)
    first.kill()
    first.wait()
    second = locked(tmp_path, "test", "-e", str(over))
    assert second.wait(60) == 0


def test_the_exit_code_is_the_command_s(tmp_path: Path) -> None:
    assert locked(tmp_path, "sh", "-c", "exit 7").wait(60) == 7


def test_make_sets_up_under_the_lock() -> None:
    asked = subprocess.run(["make", "-n", "setup"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert "flows/supervise/locked.py .callboard/setup.lock" in asked.stdout
