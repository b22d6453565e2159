"""Notes on a version: who writes and reads them, what they ask for, and what an approval does about those that are open."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.annotations.actions import LONGEST_MS, annotate, finish, let_go, reopen
from campaigns.client_delivery.annotations.queries import find_note, notes, open_notes_of
from campaigns.client_delivery.models import Annotation, NoteState, ReviewDecision, Verdict, Version, Weight
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import approve_internally, decide
from campaigns.core.errors import Refusal
from campaigns.core.events import recorded
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Scope
from campaigns.core.permissions import Role
from tests import factories
from tests.factories import DELIVERING, Delivery


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def noted(session: Session, version: Version, by: Actor, words: str = "Warmer.", weight: Weight = Weight.WISH, **more: Any) -> Annotation:
    return annotate(session, version.id, words, weight, by=by, at=DELIVERING, **more)


def required(session: Session, version: Version, by: Actor) -> Annotation:
    return noted(session, version, by, "Hold the title.", Weight.REQUIRED)


def word(session: Session, version: Version, verdict: Verdict, by: Actor, **more: Any) -> ReviewDecision:
    parts = find_version_details(session, version.id, by=by).parts_sha256
    return decide(session, version.id, verdict, version.sha256, parts, by=by, at=DELIVERING, **more)


def refused(session: Session, deed: Any) -> tuple[str, str | None]:
    """The refusal that the deed meets; fails when a note has changed all the same."""
    before = state_of(session)
    with pytest.raises(Refusal) as met:
        deed()
    assert state_of(session) == before
    return met.value.code, met.value.field


def state_of(session: Session) -> list[Any]:
    session.flush()
    return [tuple(row) for row in session.execute(select(*Annotation.__table__.columns).order_by(Annotation.id))]


def read_by(session: Session, delivery: Delivery, by: Actor) -> list[str]:
    return [each.note.words for each in notes(session, delivery.deliverable, by=by)]


def test_a_note_on_a_version_that_the_brand_has_not_seen_never_reaches_it(session: Session, delivery: Delivery) -> None:
    version = factories.version(session, delivery)
    inside = noted(session, version, delivery.editor, "The grade is not final.")
    approve_internally(session, version.id, by=delivery.made.manager, at=DELIVERING)
    noted(session, version, delivery.made.manager, "Mind the budget.", internal=True)
    noted(session, version, delivery.made.manager, "The music is licensed through March.")
    assert read_by(session, delivery, delivery.approver) == ["The music is licensed through March."]
    assert read_by(session, delivery, delivery.editor) == [
        "The music is licensed through March.", "Mind the budget.", "The grade is not final.",
    ]  # fmt: skip
    leader = factories.someone(session, Role.LEADER, on=delivery.deliverable.scope)
    assert read_by(session, delivery, leader) == ["The music is licensed through March."]
    assert refused(session, lambda: find_note(session, inside.id, by=delivery.approver)) == ("NoSuchNote", None)


def test_the_same_words_at_the_same_place_are_one_note_until_it_is_settled(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    first = noted(session, version, delivery.approver)
    assert noted(session, version, delivery.approver, " Warmer. ").id == first.id
    others = [
        noted(session, version, delivery.approver, "Colder."),
        noted(session, version, delivery.approver, weight=Weight.REQUIRED),
        noted(session, version, delivery.made.manager),
        noted(session, factories.presented_version(session, delivery), delivery.approver),
    ]
    let_go(session, first.id, by=delivery.approver, at=DELIVERING)
    assert len({first.id, *(each.id for each in others), noted(session, version, delivery.approver).id}) == 6


def test_what_the_brand_writes_is_never_for_staff_only(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    assert noted(session, version, delivery.approver, internal=True).internal is False


def test_whoever_does_not_see_the_version_can_neither_note_on_it_nor_find_its_notes(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    note = noted(session, version, delivery.approver)
    rival = factories.someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    for stranger in (rival, factories.person(session)):
        assert refused(session, lambda by=stranger: noted(session, version, by)) == ("NoSuchVersion", "version_id")
        assert refused(session, lambda by=stranger: let_go(session, note.id, by=by, at=DELIVERING)) == ("NoSuchNote", None)


def test_a_note_says_something_and_names_a_moment_only_where_there_is_one(session: Session, delivery: Delivery) -> None:
    version, by = factories.presented_version(session, delivery), delivery.approver
    assert refused(session, lambda: noted(session, version, by, "  \n")) == ("NothingNoted", "words")
    assert refused(session, lambda: noted(session, version, by, at_ms=4200)) == ("NoMomentInIt", "moment")
    version.mime = "video/mp4"
    assert noted(session, version, by, at_ms=4200).at_ms == 4200
    for outside in (-1, LONGEST_MS + 1):
        assert refused(session, lambda at_ms=outside: noted(session, version, by, at_ms=at_ms)) == ("NoMomentInIt", "moment")


def test_only_the_brand_and_the_manager_call_a_change_required(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    assert [required(session, version, by).weight for by in (delivery.approver, delivery.made.manager)] == [Weight.REQUIRED] * 2
    leader = factories.someone(session, Role.LEADER, on=delivery.deliverable.scope)
    for by in (delivery.editor, leader):
        assert refused(session, lambda by=by: required(session, version, by)) == ("OnlyAWish", "weight")
        assert noted(session, version, by).weight is Weight.WISH


def test_a_note_is_done_in_a_later_version_of_the_same_deliverable(session: Session, delivery: Delivery) -> None:
    first = factories.presented_version(session, delivery)
    note = required(session, first, delivery.approver)
    word(session, first, Verdict.CHANGES, delivery.approver, note="Hold the title.")
    second = factories.version(session, delivery)
    assert refused(session, lambda: finish(session, note.id, first.id, by=delivery.editor, at=DELIVERING)) == (
        "NotALaterVersion",
        "version_id",
    )
    assert refused(session, lambda: finish(session, note.id, new_id(), by=delivery.editor, at=DELIVERING)) == (
        "NoSuchVersion",
        "version_id",
    )
    assert refused(session, lambda: finish(session, note.id, second.id, by=delivery.approver, at=DELIVERING)) == ("Forbidden", None)
    for _again in range(2):
        finish(session, note.id, second.id, by=delivery.editor, at=DELIVERING)
    seen = find_note(session, note.id, by=delivery.approver)
    assert (seen.note.state, seen.done_in, seen.settled_by, seen.is_required) == (NoteState.DONE, 2, "Edda", False)
    assert refused(session, lambda: let_go(session, note.id, by=delivery.approver, at=DELIVERING)) == ("NoteSettled", None)
    reopen(session, note.id, by=delivery.approver, at=DELIVERING)
    seen = find_note(session, note.id, by=delivery.approver)
    assert (seen.note.state, seen.done_in, seen.settled_by, seen.is_required) == (NoteState.OPEN, None, None, True)
    assert told(session) == ["noted", "note_done", "note_reopened"]


def test_a_note_is_let_go_by_whoever_wrote_it_or_decides(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    of_manager, of_brand = required(session, version, delivery.made.manager), required(session, version, delivery.approver)
    assert refused(session, lambda: let_go(session, of_brand.id, by=delivery.made.manager, at=DELIVERING)) == ("NotYourNote", None)
    for _again in range(2):
        let_go(session, of_brand.id, by=delivery.approver, at=DELIVERING)
    let_go(session, of_manager.id, by=delivery.approver, at=DELIVERING)
    assert [find_note(session, note.id, by=delivery.editor).settled_by for note in (of_brand, of_manager)] == ["Noor", "Noor"]
    assert told(session) == ["noted", "noted", "note_let_go", "note_let_go"]


def test_an_approval_is_refused_while_a_required_change_is_open_and_not_let_go(session: Session, delivery: Delivery) -> None:
    version, by = factories.presented_version(session, delivery), delivery.approver
    first, second = required(session, version, by), required(session, version, delivery.made.manager)
    noted(session, version, by)
    assert refused(session, lambda: word(session, version, Verdict.APPROVED, by)) == ("RequiredStillOpen", "let_go")
    assert refused(session, lambda: word(session, version, Verdict.APPROVED, by, let_go=[first.id])) == ("RequiredStillOpen", "let_go")
    assert session.get(ReviewDecision, version.id) is None
    decision = word(session, version, Verdict.APPROVED, by, let_go=[first.id, second.id])
    assert (decision.verdict, [note.state for note in (first, second)]) == (Verdict.APPROVED, [NoteState.LET_GO] * 2)


def test_what_is_done_or_a_wish_or_stays_with_staff_keeps_nothing_from_being_approved(session: Session, delivery: Delivery) -> None:
    first = factories.presented_version(session, delivery)
    done = required(session, first, delivery.approver)
    word(session, first, Verdict.CHANGES, delivery.approver, note="Hold the title.")
    second = factories.version(session, delivery)
    finish(session, done.id, second.id, by=delivery.editor, at=DELIVERING)
    required(session, second, delivery.made.manager)
    approve_internally(session, second.id, by=delivery.made.manager, at=DELIVERING)
    noted(session, second, delivery.approver)
    assert word(session, second, Verdict.APPROVED, delivery.approver).verdict is Verdict.APPROVED


def test_a_note_of_an_earlier_visit_asks_nothing_of_this_one(session: Session, delivery: Delivery) -> None:
    required(session, factories.presented_version(session, delivery), delivery.approver)
    factories.back_in_delivery(session, delivery)
    version = factories.presented_version(session, delivery)
    assert word(session, version, Verdict.APPROVED, delivery.approver).verdict is Verdict.APPROVED


def test_nothing_is_noted_once_the_deliverable_has_left_delivery(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    note = noted(session, version, delivery.approver)
    delivery.deliverable.stage = type(delivery.deliverable.stage).PAYOUT
    assert refused(session, lambda: noted(session, version, delivery.approver)) == ("NotInDelivery", None)
    assert refused(session, lambda: reopen(session, note.id, by=delivery.approver, at=DELIVERING)) == ("NotInDelivery", None)


def test_nothing_is_noted_on_what_the_brand_has_approved(session: Session, delivery: Delivery) -> None:
    version = factories.approved_version(session, delivery)
    assert refused(session, lambda: noted(session, version, delivery.approver)) == ("AlreadyApproved", None)


def test_those_who_make_the_next_version_have_all_open_notes_before_them(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    gone = noted(session, version, delivery.approver, "Gone.")
    noted(session, version, delivery.approver, "Stays.")
    noted(session, version, delivery.editor, "Ours.", internal=True)
    let_go(session, gone.id, by=delivery.approver, at=DELIVERING)
    assert [each.note.words for each in open_notes_of(session, delivery.deliverable)] == ["Stays.", "Ours."]


def told(session: Session) -> list[str]:
    return [fact.name.partition(".")[2] for fact in recorded(session) if fact.name.startswith("client_delivery.note")]
