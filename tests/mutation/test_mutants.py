"""What is changed in a source, and which of it can be exchanged in a living process."""

import pytest

pytest.importorskip("cosmic_ray", reason="`make mutants` fetches it")

from tests.mutation.mutants import mutants_of
from tests.mutation.swap import changed_function

SOURCE = '''
LIMIT = 5


def may(by: "Actor | None", roles: set[str]) -> bool:
    """Whether they may."""
    if by is None or not roles:
        return False
    note(by)
    return by.role in {"manager", "finance"} and count(select(X).where(X.id == by.id, X.ended.is_(None))) < LIMIT
'''


def test_each_mutant_has_one_thing_changed_and_hints_about_types_stay() -> None:
    told = {(each.within, _change(each.old, each.new)) for each in mutants_of(SOURCE)}
    assert told >= {
        ("", "LIMIT = 5 → LIMIT = 6"), ("", "LIMIT = 5 → LIMIT = 4"),
        ("may", "if by is None or not roles: → if by is not None or not roles:"),
        ("may", "if by is None or not roles: → if by is None or roles:"),
        ("may", "if by is None or not roles: → if by is None:"),
        ("may", "note(by) → pass"), ("may", "return False → return True"),
    }  # fmt: skip
    last = [each.new for each in mutants_of(SOURCE) if each.old.startswith("return by.role")]
    for part in (
        'not in {"manager"',
        '{ "finance"}',
        '{"manager"}',
        "where( X.ended",
        "where(X.id == by.id)",
        "is_not(None)",
        "<= LIMIT",
        "or count",
    ):
        assert [part for each in last if part in each], part
    assert not [each for each in mutants_of(SOURCE) if "def may" in each.old]


def _change(old: str, new: str) -> str:
    return f"{old} → {' '.join(new.split())}"


def test_a_function_can_be_exchanged_and_a_constant_not() -> None:
    exchanged = {each.within: changed_function(SOURCE, each.source, "m.py") is not None for each in mutants_of(SOURCE)}
    assert exchanged == {"": False, "may": True}


def test_a_function_that_no_longer_reaches_what_it_did_is_not_exchanged_in_a_living_process() -> None:
    source = "class A(B):\n    def __init__(self):\n        super().__init__()\n        self.work = 1\n"
    kept, lost = source.replace("= 1", "= 2"), source.replace("super().__init__()", "pass")
    assert [changed_function(source, mutated, "m.py") is not None for mutated in (kept, lost)] == [True, False]
