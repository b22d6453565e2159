"""The moves of runs and payouts: what the tables have happens, whatever they lack is refused, and nothing goes past them."""

import ast
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.states import PAYOUT_MOVES, RUN_MOVES, ImpossibleMoveError, PayoutRunState, PayoutState

DOMAIN = Path(__file__).parents[4] / "campaigns" / "payout"


def test_a_run_makes_the_moves_of_the_table_and_no_other() -> None:
    assert _moves_made(PayoutRun, PayoutRunState) == {(before, after) for before, to in RUN_MOVES.items() for after in to}


def test_a_payout_makes_the_moves_of_the_table_and_no_other() -> None:
    assert _moves_made(Payout, PayoutState) == {(before, after) for before, to in PAYOUT_MOVES.items() for after in to}


def test_what_has_ended_never_moves_again() -> None:
    ended = {PayoutState.FAILED, PayoutState.RETURNED, PayoutState.DISCARDED}
    assert {state for state in PayoutState if not PAYOUT_MOVES[state]} == ended
    assert {state for state in PayoutRunState if not RUN_MOVES[state]} == {PayoutRunState.CLOSED, PayoutRunState.DISCARDED}


def test_a_refused_move_leaves_the_state_as_it_was_and_says_which_move_it_was() -> None:
    run = PayoutRun(state=PayoutRunState.CLOSED)
    with pytest.raises(ImpossibleMoveError, match=r"^PayoutRunState: no move leads from closed to released\.$"):
        run.move(PayoutRunState.RELEASED)
    assert run.state == "closed"


def test_the_state_of_a_run_or_payout_is_set_by_its_moves_alone() -> None:
    shelves = [*DOMAIN.glob("runs/*.py"), *DOMAIN.glob("reconciliations/*.py"), *DOMAIN.glob("balances/*.py")]
    setters = {f"{file.parent.name}/{file.name}" for file in shelves for node in ast.walk(ast.parse(file.read_text())) if _sets_state(node)}
    assert setters == {"runs/models.py"}


def _sets_state(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
    return any(isinstance(each, ast.Attribute) and each.attr == "state" for target in targets for each in ast.walk(target))


def _moves_made(row: Any, states: type[StrEnum]) -> set[tuple[str, str]]:
    return {(before, after) for before, after in product(states, states) if _can_move(row(state=before.value), after)}


def _can_move(row: Any, to: StrEnum) -> bool:
    try:
        row.move(to)
    except ImpossibleMoveError:
        return False
    return bool(row.state == to)
