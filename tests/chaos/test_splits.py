"""The verdict computes every final split again, and names the cent that is elsewhere."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import claim, confirm
from tests.campaigns.payout.sharing import AT, CONTAINS, INFLUENCED_BY, Shared, assessed, computed, in_payout, made_final, proposed
from tests.chaos.assignment import Assignment
from tests.chaos.splits import none_over_both_kinds, splits

PLANTED = (
    ("update proposal_line set amount = amount + 1, credit = credit + 1000000 where person_id = :person", "cents of"),
    ("update source set weight = 1, state = 'declined'", "cents of"),
    ("update brief set contains = 0.4", "millionths of"),
    ("update deliverable set price = price + 1", "the pool of proposal"),
)


def final(session: Session) -> Any:
    """A deliverable whose proposal is final: one work of it contains another."""
    shared, proposal = proposed(session)
    made_final(session, proposal)
    return shared


def final_two_deep(session: Session, *, inner: Any = INFLUENCED_BY) -> Shared:
    """The same, where a second work that it contains was led to by the first."""
    shared = in_payout(session)
    claim(session, shared.newer.id, shared.unused.id, CONTAINS, by=shared.ben, at=AT)
    confirm(session, shared.newer.id, shared.unused.id, by=shared.left_out, at=AT)
    claim(session, shared.unused.id, shared.older.id, inner, by=shared.left_out, at=AT)
    confirm(session, shared.unused.id, shared.older.id, by=shared.ana, at=AT)
    assessed(session, shared)
    made_final(session, computed(session, shared.deliverable))
    return shared


def assignment_of(shared: Any) -> Assignment:
    return cast("Assignment", SimpleNamespace(id=shared.made.id))


def judged(session: Session, shared: Any) -> list[str]:
    return list(splits(session, assignment_of(shared)))


def test_a_final_split_is_what_the_lineage_says(session: Session) -> None:
    assert judged(session, final(session)) == []


@pytest.mark.parametrize(("statement", "harm"), PLANTED)
def test_a_split_that_is_not_what_the_lineage_says_is_named(session: Session, statement: str, harm: str) -> None:
    shared = final(session)
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text(statement), {"person": shared.ben.person} if ":person" in statement else {})
    assert [each for each in judged(session, shared) if each.startswith(harm)] != []


def test_a_split_over_both_kinds_two_deep_is_what_the_lineage_says_and_shows_what_is_wrong(session: Session) -> None:
    shared = final_two_deep(session)
    assert (judged(session, shared), list(none_over_both_kinds(session, [assignment_of(shared)]))) == ([], [])


def test_that_no_split_went_over_both_kinds_two_deep_is_named(session: Session) -> None:
    harm = ["no final split was paid over both a contains and an influenced_by edge two deep"]
    flat, of_one_kind = final(session), final_two_deep(session, inner=CONTAINS)
    assert list(none_over_both_kinds(session, [assignment_of(flat), assignment_of(of_one_kind)])) == harm
    unfinal = proposed(session)[0]
    assert list(none_over_both_kinds(session, [assignment_of(unfinal)])) == harm
