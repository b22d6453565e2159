"""The verdict computes every final split again, and names the cent that is elsewhere."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.campaigns.payout.sharing import made_final, proposed
from tests.chaos.assignment import Assignment
from tests.chaos.splits import splits

PLANTED = (
    ("update proposal_line set amount = amount + 1, credit = credit + 1000000 where person_id = :person", "cents of"),
    ("update source set weight = 1, state = 'declined'", "cents of"),
    ("update brief set contains = 0.4", "millionths of"),
    ("update deliverable_spec set price = price + 1", "the pool of proposal"),
)


def final(session: Session) -> Any:
    """A deliverable whose proposal is final: one work of it contains another."""
    shared, proposal = proposed(session)
    made_final(session, proposal)
    return shared


def judged(session: Session, shared: Any) -> list[str]:
    return list(splits(session, cast("Assignment", SimpleNamespace(id=shared.made.id))))


def test_a_final_split_is_what_the_lineage_says(session: Session) -> None:
    assert judged(session, final(session)) == []


@pytest.mark.parametrize(("statement", "harm"), PLANTED)
def test_a_split_that_is_not_what_the_lineage_says_is_named(session: Session, statement: str, harm: str) -> None:
    shared = final(session)
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text(statement), {"person": shared.ben.person} if ":person" in statement else {})
    assert [each for each in judged(session, shared) if each.startswith(harm)] != []
