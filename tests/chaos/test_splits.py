"""The verdict computes every final split again, and names the cent that is elsewhere."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.collaboration.claims.actions import claim, confirm
from tests.campaigns.payout.sharing import (
    AT,
    CONTAINS,
    INFLUENCED_BY,
    Shared,
    assessed,
    computed,
    in_payout,
    made_final,
    make_staff,
    proposed,
)
from tests.chaos.assignment import Assignment
from tests.chaos.splits import none_over_both_kinds, splits

PLANTED = (
    ("update proposal_line set amount = amount + 1, credit = credit + 1000000 where person_id = :person", "cents of"),
    ("update source set weight = 1, state = 'declined'", "cents of"),
    ("update brief set contains = 0.4", "millionths of"),
    ("update deliverable set price = price + 1", "the pool of proposal"),
)


# What is wrong where somebody on the staff has a share of the lineage.
PLANTED_STAFF = (
    ("update proposal_line set credit = credit + 1 where is_staff", ["millionths of {proposal} for {staff} of the staff"]),
    ("delete from proposal_line where is_staff", ["millionths of {proposal} for {staff} of the staff"]),
    (
        "update proposal_line set is_staff = false where is_staff",
        ["millionths of {proposal} for {staff}", "millionths of {proposal} for {staff} of the staff"],
    ),
)


def final(session: Session) -> Any:
    """A deliverable whose proposal is final: one contribution of it contains another."""
    shared, proposal = proposed(session)
    made_final(session, proposal)
    return shared


def final_with_staff(session: Session) -> tuple[Shared, Any]:
    """The same, where one of the makers works for us."""
    shared = in_payout(session)
    make_staff(session, shared, shared.ana)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    made_final(session, proposal)
    return shared, proposal


def final_two_deep(session: Session, *, inner: Any = INFLUENCED_BY) -> Shared:
    """The same, where a second contribution that it contains was led to by the first."""
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


def test_a_split_whose_lines_do_not_add_up_to_its_pool_is_named(session: Session) -> None:
    shared, proposal = proposed(session)
    made_final(session, proposal)
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text("update proposal_line set amount = amount + 1 where person_id = :person"), {"person": shared.ben.person})
    wrong = f"the lines of proposal {proposal.id} add up to {proposal.pool + 1} where its pool is {proposal.pool}"
    assert [each for each in judged(session, shared) if each.startswith("the lines")] == [wrong]


def test_staff_get_no_cent_and_the_credit_that_they_give_up_is_what_the_lineage_says(session: Session) -> None:
    shared, proposal = final_with_staff(session)
    has_staff = text("select count(*) from proposal_line where proposal_id = :id and is_staff and credit > 0")
    assert (judged(session, shared), session.scalar(has_staff, {"id": proposal.id})) == ([], 1)


@pytest.mark.parametrize(("statement", "harms"), PLANTED_STAFF)
def test_a_line_of_the_staff_that_is_not_what_the_lineage_says_is_named(session: Session, statement: str, harms: list[str]) -> None:
    shared, proposal = final_with_staff(session)
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text(statement))
    wanted = [harm.format(proposal=proposal.id, staff=shared.ana.person) for harm in harms]
    assert [each.partition(":")[0] for each in judged(session, shared)] == wanted


def test_a_split_over_both_kinds_two_deep_is_what_the_lineage_says_and_shows_what_is_wrong(session: Session) -> None:
    shared = final_two_deep(session)
    assert (judged(session, shared), list(none_over_both_kinds(session, [assignment_of(shared)]))) == ([], [])


def test_that_no_split_went_over_both_kinds_two_deep_is_named(session: Session) -> None:
    harm = ["no final split was paid over both a contains and an influenced_by edge two deep"]
    flat, of_one_kind = final(session), final_two_deep(session, inner=CONTAINS)
    assert list(none_over_both_kinds(session, [assignment_of(flat), assignment_of(of_one_kind)])) == harm
    unfinal = proposed(session)[0]
    assert list(none_over_both_kinds(session, [assignment_of(unfinal)])) == harm
