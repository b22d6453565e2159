"""The guards whose scenario needs no installation: with them nothing is wrong, without them the harm is named."""

from typing import cast

import pytest

from tests.chaos.guards import Ground
from tests.chaos.proofs import PROOFS, also_here

NO_GROUND = cast("Ground", None)


@pytest.mark.parametrize("name", ["the pulse's lock", "the key of a journal"])
def test_a_guard_that_is_taken_out_is_missed(fresh_database: str, name: str) -> None:
    proof = PROOFS[name]
    assert proof.scenario(NO_GROUND) == []
    with also_here(proof.guards):
        harms = proof.scenario(NO_GROUND)
    assert [harm for harm in harms if harm.startswith(proof.harm)] == harms != []
