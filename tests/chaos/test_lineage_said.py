"""What people said of their contributions stands in the rows: each thing that is lost or altered is planted, and must be named."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version
from campaigns.core.people import Actor
from campaigns.curation.models import Selection
from campaigns.open_call.makers.actions import confirm_part
from tests.campaigns.payout.sharing import AT, Shared, assessed, computed, confirmed, in_payout, made_final, named_too
from tests.chaos.assignment import Assignment
from tests.chaos.lineage_said import harms_of_the_lineage
from tests.chaos.said import AS_FACTS, as_facts
from tests.chaos.word import Word
from tests.everyone import cast

CONFIRMATIONS = [row for row in AS_FACTS if row[0].endswith("confirmation")]
PLANTED = (
    ("delete from source where kind = 'influenced_by'", {"source", "source that counts"}),
    ("update source set state = 'declined' where kind = 'contains'", {"source that counts"}),
    ("update source set state = 'open', decided_as = null, decided_at = null where kind = 'influenced_by'", {"source that counts"}),
    ("update source set kind = 'influenced_by', decided_as = 'source' where kind = 'contains'", {"source"}),
    ("update source set weight = 2", {"source"}),
    ("update maker set shares = 2", {"maker"}),
    ("delete from maker where contribution_id = :unused", {"maker"}),
    ("update named_maker set confirmed_at = null", {"maker who has confirmed it"}),
    ("update contribution set is_wrapper = true where id = :newer", {"wrapper"}),
    ("update version_maker set shares = 2", {"maker of a version"}),
    ("delete from component", {"component"}),
    ("insert into component (version_id, contribution_id) select version_id, :unused from component", {"component"}),
    ("update points set points = points + 1", {"points"}),
    ("update selection_outcome set chosen = not chosen", {"chosen contribution"}),
)


def answered(by: Actor, body: dict[str, Any], contribution: object = None) -> Word:
    return Word(by, "", body, is_answered=True, answer={"id": str(contribution)})


@pytest.fixture
def shared(session: Session) -> Shared:
    """A final proposal: the chosen contribution contains one and was influenced by another, which two people have made."""
    shared = in_payout(session)
    confirmed(session, shared)
    assessed(session, shared)
    made_final(session, computed(session, shared.deliverable))
    named_too(session, shared.unused.id, shared.ben)
    confirm_part(session, shared.unused.id, by=shared.ben, at=AT)
    session.commit()  # what has happened is sealed by it
    return shared


@pytest.fixture
def assignment(session: Session, shared: Shared) -> Assignment:
    """All of that as it was said."""
    older, unused, newer = (str(contribution.id) for contribution in (shared.older, shared.unused, shared.newer))
    told = Assignment(cast(session, shared.made, at=AT), Path())
    sources = [{"source": older, "kind": "contains"}, {"source": unused, "kind": "influenced_by"}]
    makers = {str(each.person): 1 for each in (shared.left_out, shared.ben)}
    told.contributions = [
        answered(shared.ana, {"title": "Lanterns"}, older),
        answered(shared.left_out, {"title": "Old street", "makers": makers}, unused),
        answered(shared.ben, {"title": "Lantern street", "sources": sources}, newer),
    ]
    told.spoken["source's confirmation"][newer, unused] = answered(shared.ben, {})
    told.spoken["maker's confirmation"][unused,] = answered(shared.ben, {})
    [version] = session.scalars(select(Version).where(Version.deliverable_id == shared.deliverable.id))
    body = {"components": [newer], "makers": {str(shared.editor.person): 1}}
    told.spoken["version"][version.deliverable_id, version.visit] = answered(shared.editor, body)
    [selection] = session.scalars(select(Selection).where(Selection.deliverable_id == shared.deliverable.id))
    told.spoken["selection"][selection.deliverable_id, selection.visit] = answered(shared.manager, {"chosen": {newer: "The voice."}})
    given = {"contributions": [{"contribution": newer, "points": 5}]}
    told.spoken["assessment"][shared.deliverable.id, shared.deliverable.visit] = answered(shared.manager, given)
    return told


def test_nothing_is_wrong_where_everything_stands_as_it_was_said(session: Session, assignment: Assignment) -> None:
    assert list(harms_of_the_lineage(session, assignment)) == []


@pytest.mark.parametrize(("statement", "named"), PLANTED)
def test_what_stands_otherwise_than_it_was_said_is_named(
    session: Session, shared: Shared, assignment: Assignment, statement: str, named: set[str]
) -> None:
    session.execute(text("set local session_replication_role = replica"))
    contributions = {"unused": shared.unused.id, "newer": shared.newer.id}
    session.execute(text(statement), {name: contribution for name, contribution in contributions.items() if f":{name}" in statement})
    assert {harm.partition(" (")[0] for harm in harms_of_the_lineage(session, assignment)} == named


def test_what_was_never_answered_may_stand_or_not(session: Session, assignment: Assignment) -> None:
    for kind in ("source's confirmation", "maker's confirmation", "version", "selection", "assessment"):
        for word in assignment.spoken[kind].values():
            word.is_answered = False
    assert list(harms_of_the_lineage(session, assignment)) == []
    session.execute(text("set local session_replication_role = replica"))
    session.execute(text("update named_maker set confirmed_at = null"))
    session.execute(text("delete from points"))
    assert list(harms_of_the_lineage(session, assignment)) == []


def test_a_confirmation_leaves_its_event(session: Session, assignment: Assignment) -> None:
    assert [harm for row in CONFIRMATIONS for harm in as_facts(session, assignment, *row)] == []


@pytest.mark.parametrize("row", CONFIRMATIONS, ids=lambda row: row[0])
def test_a_confirmation_without_its_event_is_named(session: Session, assignment: Assignment, row: Any) -> None:
    lost = tuple("0" * len(row[2]))
    assignment.spoken[row[0]][lost] = answered(assignment.all_.manager, {})
    assert list(as_facts(session, assignment, *row)) == [f"{row[0]} {lost}: 0 where 1 should be"]
