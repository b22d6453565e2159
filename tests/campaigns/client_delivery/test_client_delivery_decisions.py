"""The brand decides once, by a named approver, on exactly one file with exactly one list of parts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery import errors
from campaigns.client_delivery.models import OutsideKind, OutsideMaterial, ReviewDecision, Verdict, Version
from campaigns.client_delivery.packages.queries import work_waiting
from campaigns.client_delivery.queries import approved_version, find_version_details, rounds_of_changes
from campaigns.client_delivery.versions.actions import Outside, approve_internally, decide
from campaigns.core.campaign import find_deliverable
from campaigns.core.errors import Forbidden, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import OnBothSides
from campaigns.core.stages import Stage
from campaigns.open_call.contributions.actions import withdraw
from tests import factories
from tests.campaigns.client_delivery.test_client_delivery_versions import codes, facts, refusal_of
from tests.factories import DELIVERING, Delivery
from workers.transactions import unit_of_work

LICENSED = Outside(OutsideKind.FONT, "Mistral", "Letter House", "Order 12")


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def said(session: Session, version: Version, verdict: Verdict, *, by: Actor, **changes: str) -> ReviewDecision:
    """A decision on the version as it is, but for what is changed."""
    named = {"file_sha256": version.sha256, "parts_sha256": find_version_details(session, version.id, by=SYSTEM).parts_sha256} | changes
    note = named.pop("note", "")
    return decide(session, version.id, verdict, named["file_sha256"], named["parts_sha256"], note, by=by, at=DELIVERING)


def test_an_approval_binds_the_file_the_parts_and_the_approvers_name(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery, outside=[LICENSED])
    parts = find_version_details(session, version.id, by=delivery.approver).parts_sha256
    decision = said(session, version, Verdict.APPROVED, by=delivery.approver)
    assert (decision.verdict, decision.file_sha256, decision.parts_sha256, decision.decided_by, decision.decided_at) == (
        Verdict.APPROVED, version.sha256, parts, delivery.approver.person, DELIVERING,
    )  # fmt: skip
    assert approved_version(session, delivery.deliverable.id) is version
    assert codes(session, delivery) == [("package", "callboard")]
    assert work_waiting(session, [delivery.made.id]) == {delivery.made.id}
    (fact,) = facts(session, EventName.CLIENT_DELIVERY_DECIDED)
    assert fact.facts == {
        "cut": str(version.id), "number": 1, "verdict": "approved", "file_sha256": version.sha256, "parts_sha256": parts,
    }  # fmt: skip


def test_changes_are_asked_for_in_words_and_the_next_version_is_made(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    said(session, version, Verdict.CHANGES, by=delivery.approver, note=" Longer lanterns. ")
    assert codes(session, delivery) == [("changes_asked", "editor")]
    assert (rounds_of_changes(session, delivery.deliverable.id), approved_version(session, delivery.deliverable.id)) == (1, None)
    assert [fact.reason for fact in facts(session, EventName.CLIENT_DELIVERY_DECIDED)] == ["Longer lanterns."]
    second = factories.approved_version(session, delivery)
    assert (second.number, rounds_of_changes(session, delivery.deliverable.id)) == (2, 1)


def test_changes_without_words_are_refused(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    refusal = refusal_of(session, lambda: said(session, version, Verdict.CHANGES, by=delivery.approver, note="  "))
    assert (refusal.code, refusal.field, refusal.status) == ("NoteMissing", "note", 400)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_decision_whose_answer_was_lost_is_given_again_and_changes_nothing(
    session: Session, delivery: Delivery, verdict: Verdict
) -> None:
    version = factories.presented_version(session, delivery)
    first = said(session, version, verdict, by=delivery.approver, note="See the ending.")
    assert said(session, version, verdict, by=delivery.approver, note="See the ending.") is first
    assert len(facts(session, EventName.CLIENT_DELIVERY_DECIDED)) == 1


def test_a_second_decision_on_a_version_is_refused(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    said(session, version, Verdict.CHANGES, by=delivery.approver, note="See the ending.")
    other = factories.someone(session, Role.APPROVER, "Nia", on=Scope(brand_id=delivery.made.brand.id))
    for by, verdict, note in (
        (delivery.approver, Verdict.APPROVED, ""),
        (delivery.approver, Verdict.CHANGES, "And the beginning."),
        (other, Verdict.CHANGES, "See the ending."),
    ):
        refusal = refusal_of(session, lambda by=by, verdict=verdict, note=note: said(session, version, verdict, by=by, note=note))  # type: ignore[misc]  # bound at once
        assert (refusal.code, refusal.message) == ("OldVersion", "Version 1 has already been decided on.")


def test_an_old_version_is_not_approved(session: Session, delivery: Delivery) -> None:
    old = factories.presented_version(session, delivery)
    factories.version(session, delivery)
    refusal = refusal_of(session, lambda: said(session, old, Verdict.APPROVED, by=delivery.approver))
    assert (refusal.code, refusal.message) == ("OldVersion", "Version 1 is no longer the latest.")


def test_a_version_of_an_earlier_visit_is_not_approved(session: Session, delivery: Delivery) -> None:
    old = factories.presented_version(session, delivery)
    factories.back_in_delivery(session, delivery)
    assert refusal_of(session, lambda: said(session, old, Verdict.APPROVED, by=delivery.approver)).code == "OldVersion"


def test_an_approval_of_an_earlier_visit_opens_no_gate_and_makes_no_package(session: Session, delivery: Delivery) -> None:
    factories.approved_version(session, delivery)
    factories.back_in_delivery(session, delivery)
    assert codes(session, delivery) == [("no_version", "editor")]
    assert work_waiting(session, [delivery.made.id]) == set()


def test_nothing_is_decided_while_the_deliverable_is_in_another_stage(session: Session, delivery: Delivery) -> None:
    version, deliverable = factories.presented_version(session, delivery), delivery.deliverable
    lifecycle.send_back(
        session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "More songs.", by=delivery.made.manager, at=DELIVERING
    )
    assert refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=delivery.approver)).code == "NotInDelivery"


@pytest.mark.parametrize("field", ["file_sha256", "parts_sha256"])
def test_a_decision_that_names_another_file_or_other_parts_is_refused(session: Session, delivery: Delivery, field: str) -> None:
    version = factories.presented_version(session, delivery)
    refusal = refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=delivery.approver, **{field: "0" * 64}))
    assert (refusal.code, refusal.field) == ("AnotherFile", field)


@pytest.mark.parametrize(
    "change",
    [
        "update outside_material set licence = 'Order 13'",
        "update outside_material set title = 'Brush'",
        "update version_maker set shares = 2",
        "delete from component where contribution_id = (select min(contribution_id::text)::uuid from component)",
    ],
)
def test_whatever_changes_in_the_parts_voids_what_a_decision_names(session: Session, delivery: Delivery, change: str) -> None:
    version = factories.presented_version(session, delivery, outside=[LICENSED])
    seen = find_version_details(session, version.id, by=delivery.approver).parts_sha256
    session.execute(text(change))
    session.expire_all()
    refusal = refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=delivery.approver, parts_sha256=seen))
    assert (refusal.code, refusal.field) == ("AnotherFile", "parts_sha256")


def test_a_version_with_an_unlicensed_outside_part_is_not_approved(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery, outside=[LICENSED])
    session.execute(update(OutsideMaterial).values(licence=None))
    refusal = refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=delivery.approver))
    assert (refusal.code, refusal.status) == ("UnlicensedMaterial", 409)


def test_a_version_with_a_contribution_taken_down_since_is_not_approved_but_may_be_sent_for_changes(
    session: Session, delivery: Delivery
) -> None:
    version, contribution = factories.presented_version(session, delivery), delivery.contributions[0]
    withdraw(session, contribution.id, by=actor_for(session, contribution.uploaded_by), at=DELIVERING)
    assert codes(session, delivery) == [("nothing_chosen", "manager")]
    refusal = refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=delivery.approver))
    assert (refusal.code, refusal.message) == (
        "ComponentTakenDown", "Withdrawn since: Lantern street. Make a version without it and without any contribution that contains it.",
    )  # fmt: skip
    decision = said(session, version, Verdict.CHANGES, by=delivery.approver, note="Without the lanterns, then.")
    assert decision.verdict is Verdict.CHANGES


def test_whoever_makes_versions_approves_none_for_the_brand(session: Session, delivery: Delivery) -> None:
    with pytest.raises(OnBothSides):
        grant_role(session, delivery.editor.person, Role.APPROVER, on=Scope(brand_id=delivery.made.brand.id), by=SYSTEM)


def test_a_version_that_was_not_presented_is_not_decided_on_even_by_whoever_sees_it(session: Session, delivery: Delivery) -> None:
    version = factories.version(session, delivery)
    both = replace(delivery.approver, grants=delivery.approver.grants | delivery.editor.grants)
    assert refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=both)).code == "NotPresented"


def test_only_an_approver_of_that_brand_decides(session: Session, delivery: Delivery) -> None:
    version = factories.presented_version(session, delivery)
    rivals = factories.brand(session, "Rivals")
    other = factories.someone(session, Role.APPROVER, on=Scope(brand_id=rivals.id))
    assert type(refusal_of(session, lambda: said(session, version, Verdict.APPROVED, by=other))) is errors.NoSuchVersion
    for one in (delivery.made.manager, delivery.editor):
        refused = refusal_of(session, lambda by=one: said(session, version, Verdict.APPROVED, by=by))  # type: ignore[misc]  # bound at once
        assert type(refused) is Forbidden


@pytest.mark.parametrize(("verdict", "again"), [(Verdict.APPROVED, True), (Verdict.CHANGES, False)])
def test_the_database_keeps_one_decision_for_a_version_and_words_for_changes(
    session: Session, delivery: Delivery, verdict: Verdict, again: bool
) -> None:
    version = factories.approved_version(session, delivery) if again else factories.presented_version(session, delivery)
    given = {"version_id": version.id, "verdict": verdict, "file_sha256": version.sha256, "parts_sha256": "0" * 64, "note": ""}
    with pytest.raises(IntegrityError):
        session.execute(insert(ReviewDecision).values(**given, decided_by=delivery.approver.person, decided_at=DELIVERING))


def test_of_two_approvers_who_decide_at_once_one_is_told_that_it_is_decided(fresh_database: str) -> None:
    with unit_of_work() as session:
        delivery = factories.in_delivery(session)
        version = factories.presented_version(session, delivery)
        second = factories.someone(session, Role.APPROVER, "Nia", on=Scope(brand_id=delivery.made.brand.id))
        named = (version.sha256, find_version_details(session, version.id, by=second).parts_sha256)
    answers = at_once(
        lambda session: decide(session, version.id, Verdict.APPROVED, *named, by=delivery.approver, at=DELIVERING).verdict,
        lambda session: decide(session, version.id, Verdict.CHANGES, *named, "Shorter.", by=second, at=DELIVERING).verdict,
    )
    assert sorted(answers, key=str) in (["OldVersion", Verdict.APPROVED], ["OldVersion", Verdict.CHANGES])
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(ReviewDecision)) == 1
        assert recorded(session, EventName.CLIENT_DELIVERY_DECIDED) == 1


def test_a_version_presented_twice_at_once_is_announced_once(fresh_database: str) -> None:
    with unit_of_work() as session:
        delivery = factories.in_delivery(session)
        version = factories.version(session, delivery)
    present = lambda session: approve_internally(session, version.id, by=delivery.made.manager, at=DELIVERING).id  # noqa: E731 - done twice
    assert at_once(present, present) == [version.id, version.id]
    with unit_of_work() as session:
        assert recorded(session, EventName.CLIENT_DELIVERY_VERSION_READY) == 1


def test_a_decision_and_the_flow_that_moves_on_never_deadlock(fresh_database: str) -> None:
    with unit_of_work() as session:
        delivery = factories.in_delivery(session)
        version = factories.presented_version(session, delivery)
        parts = find_version_details(session, version.id, by=delivery.approver).parts_sha256
    answers = at_once(
        lambda session: decide(session, version.id, Verdict.APPROVED, version.sha256, parts, by=delivery.approver, at=DELIVERING).verdict,
        *[lambda session: len(lifecycle.move_on(session, delivery.made.id, at=DELIVERING))] * 3,
    )
    assert answers == [Verdict.APPROVED, 0, 0, 0]
    with unit_of_work() as session:
        assert find_deliverable(session, delivery.deliverable.id, by=SYSTEM).stage is Stage.CLIENT_DELIVERY


def at_once(*deeds: Any) -> list[Any]:
    """What each deed answers, or the code of its refusal, all of them begun at one moment in transactions of their own."""
    start = Barrier(len(deeds))

    def done(deed: Any) -> Any:
        try:
            with unit_of_work() as session:
                start.wait(10)
                return deed(session)
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(done, deeds))


def recorded(session: Session, name: str) -> int:
    return session.scalars(select(func.count()).select_from(Event).where(Event.name == name)).one()
