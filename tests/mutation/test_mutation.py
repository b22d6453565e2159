"""What the mutation run rests on is there; the run itself is `make mutants`."""

from pathlib import Path

from tests.mutation.report import Fate, reasons
from tests.mutation.targets import TARGETS

ROOT = Path(__file__).parents[2]


def test_every_module_that_is_mutated_and_every_test_that_should_notice_is_there() -> None:
    named = {*TARGETS, *(test for tests in TARGETS.values() for test in tests)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_each_survivor_with_a_reason_is_in_a_function_that_there_is() -> None:
    lost = [
        (module, within)
        for module, within, _change in reasons()
        if module not in TARGETS or f"{within.split('.')[-1]}" not in (ROOT / module).read_text()
    ]
    assert lost == []


def test_a_change_is_told_with_a_word_of_what_is_around_it() -> None:
    told = Fate("m.py", "o", "f", 1, "if a <= b and c:", "if a < b and c:", "survived", 0.1)
    gone = Fate("m.py", "o", "f", 1, "throttle.take(session)", "", "survived", 0.1)
    assert (told.change, gone.change) == ("a <= b → a < b", "throttle.take(session) → nothing")
