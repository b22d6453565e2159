"""Versions are made, cleared and presented; what breaks a rule is refused and changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery import errors
from campaigns.client_delivery.models import Component, OutsideKind, OutsideMaterial, Package, ReviewDecision, Version, VersionMaker
from campaigns.client_delivery.queries import components_of, find_version_details, latest_version, list_version_details, makers_of
from campaigns.client_delivery.versions.actions import Outside, approve_internally, license_outside, make_version
from campaigns.collaboration.models import SourceKind
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, NotFound, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.errors import NoSuchUpload
from campaigns.open_call.models import Upload
from tests import factories
from tests.campaigns.brief.counting import statements
from tests.factories import DELIVERING, Delivery

BELLS = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music")
ROWS = (Version, Component, VersionMaker, OutsideMaterial, ReviewDecision, Package)


def refusal_of(session: Session, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when anything has changed all the same."""
    session.flush()
    before = state_of(session)
    with pytest.raises(Refusal) as met:
        deed()
    assert (list(session.new), list(session.dirty), state_of(session)) == ([], [], before)
    return met.value


def state_of(session: Session) -> tuple[Any, ...]:
    counts = [session.scalar(select(func.count()).select_from(rows)) for rows in ROWS]
    presented = session.execute(select(Version.id, Version.presented_at).order_by(Version.id)).all()
    licences = session.execute(select(OutsideMaterial.id, OutsideMaterial.licence).order_by(OutsideMaterial.id)).all()
    return counts, presented, licences, len(recorded(session))


def facts(session: Session, name: EventName) -> list[Event]:
    return recorded(session, name)


def codes(session: Session, delivery: Delivery) -> list[tuple[str, str]]:
    waits = lifecycle.blockers(session, [delivery.deliverable], at=DELIVERING)[delivery.deliverable.id]
    return [(wait.code, wait.waits_for) for wait in waits]


def upload(session: Session, delivery: Delivery, words: str = "Once.") -> Upload:
    return uploads.take_text(session, words, "text/markdown", by=delivery.editor)


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def make(session: Session, delivery: Delivery, **changes: Any) -> Version:
    """A version of the editor's, but for what is changed."""
    given: dict[str, Any] = {
        "upload_id": changes.pop("upload_id", None) or upload(session, delivery).id,
        "components": [contribution.id for contribution in delivery.contributions], "makers": {delivery.editor.person: 1},
        "by": delivery.editor,
    }  # fmt: skip
    return make_version(session, delivery.deliverable.id, **(given | changes), at=DELIVERING)


def test_a_version_holds_its_file_its_makers_its_contributions_and_what_came_from_outside(session: Session, delivery: Delivery) -> None:
    assert codes(session, delivery) == [("no_version", "editor")]
    made = factories.version(session, delivery, outside=[BELLS], note=" Shorter ending. ")
    details = find_version_details(session, made.id, by=delivery.editor)
    assert (made.number, made.visit, made.mime, made.bytes, made.note) == (
        1,
        delivery.deliverable.visit,
        "text/markdown",
        18,
        "Shorter ending.",
    )
    assert makers_of(session, made.id) == {delivery.editor.person: 1}
    assert components_of(session, made.id) == sorted(contribution.id for contribution in delivery.contributions)
    assert [(m.kind, m.title, m.origin, m.licence) for m in details.outside] == [
        ("stock_music", "Sleigh bells", "Northern Stock Music", None)
    ]
    (fact,) = facts(session, EventName.CLIENT_DELIVERY_VERSION_MADE)
    assert (fact.deliverable_id, fact.facts) == (delivery.deliverable.id, {"cut": str(made.id), "number": 1, "sha256": made.sha256})


def test_versions_are_numbered_and_the_newest_is_the_one_that_counts(session: Session, delivery: Delivery) -> None:
    first, second = factories.version(session, delivery), factories.version(session, delivery)
    assert [first.number, second.number] == [1, 2]
    assert latest_version(session, delivery.deliverable.id) is second
    assert refusal_of(session, lambda: approve_internally(session, first.id, by=delivery.made.manager, at=DELIVERING)).code == "OldVersion"


def test_a_version_is_shown_to_the_brand_once_it_is_presented_and_presenting_it_twice_changes_nothing(
    session: Session, delivery: Delivery
) -> None:
    made = factories.version(session, delivery)
    assert codes(session, delivery) == [("internal_approval", "manager")]
    assert refusal_of(session, lambda: find_version_details(session, made.id, by=delivery.approver)).code == "NoSuchVersion"
    for _again in range(2):
        approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING)
    assert (made.presented_by, made.presented_at) == (delivery.made.manager.person, DELIVERING)
    assert [fact.facts for fact in facts(session, EventName.CLIENT_DELIVERY_VERSION_READY)] == [{"cut": str(made.id), "number": 1}]
    assert find_version_details(session, made.id, by=delivery.approver).version is made
    assert codes(session, delivery) == [("decision", "approver")]


def test_a_version_with_unlicensed_material_is_not_presented_until_its_licence_is_declared(session: Session, delivery: Delivery) -> None:
    made = factories.version(session, delivery, outside=[BELLS])
    before = find_version_details(session, made.id, by=delivery.editor).parts_sha256
    (material,) = find_version_details(session, made.id, by=delivery.editor).outside
    refusal = refusal_of(session, lambda: approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING))
    assert (refusal.code, refusal.message) == (
        "UnlicensedMaterial", "Third-party assets have no license yet: Sleigh bells. Add the license, or remove the asset.",
    )  # fmt: skip
    assert codes(session, delivery) == [("licence_missing", "editor"), ("internal_approval", "manager")]
    license_outside(session, made.id, material.id, " Order 4471 ", by=delivery.editor, at=DELIVERING)
    assert material.licence == "Order 4471"
    assert find_version_details(session, made.id, by=delivery.editor).parts_sha256 != before
    assert codes(session, delivery) == [("internal_approval", "manager")]
    approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING)
    refusal = refusal_of(session, lambda: license_outside(session, made.id, material.id, "", by=delivery.editor, at=DELIVERING))
    assert refusal.code == "AlreadyPresented"


def test_a_licence_of_blanks_is_none(session: Session, delivery: Delivery) -> None:
    made = factories.version(session, delivery, outside=[Outside(OutsideKind.FONT, "Mistral", "Letter House", "  ")])
    assert [m.title for m in find_version_details(session, made.id, by=delivery.editor).unlicensed] == ["Mistral"]


def test_a_licence_is_declared_for_what_is_in_the_version(session: Session, delivery: Delivery) -> None:
    made = factories.version(session, delivery, outside=[BELLS])
    refusal = refusal_of(session, lambda: license_outside(session, made.id, new_id(), "Order 1", by=delivery.editor, at=DELIVERING))
    assert (refusal.code, refusal.message) == ("NotFound", "There is no such asset in this version.")


def test_a_version_with_a_contribution_that_was_taken_down_is_not_presented(session: Session, delivery: Delivery) -> None:
    made, taken = factories.version(session, delivery), delivery.contributions[0]
    maker = actor_for(session, taken.uploaded_by)
    withdraw(session, taken.id, by=maker, at=DELIVERING)
    refusal = refusal_of(session, lambda: approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING))
    assert (refusal.code, "Lantern street" in refusal.message) == ("ComponentTakenDown", True)
    assert codes(session, delivery) == [("nothing_chosen", "manager")]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"components": []}, "NoComponents", "components"),
        ({"components": [new_id()]}, "ComponentNotAccepted", "components"),
        ({"makers": {new_id(): 1}}, "UnknownVersionMaker", "makers"),
        ({"upload_id": new_id()}, "NoSuchUpload", "upload_id"),
        ({"outside": [replace(BELLS, title=" ")]}, "MaterialUnnamed", "outside"),
        ({"outside": [replace(BELLS, origin=" ")]}, "MaterialUnnamed", "outside"),
    ],
)
def test_a_version_that_breaks_a_rule_is_refused(
    session: Session, delivery: Delivery, changes: dict[str, Any], code: str, field: str
) -> None:
    changes = {"upload_id": upload(session, delivery).id} | changes
    refusal = refusal_of(session, lambda: make(session, delivery, **changes))
    assert (refusal.code, refusal.field, refusal.status) == (code, field, 404 if code == "NoSuchUpload" else 400)


def test_a_contribution_named_twice_is_refused(session: Session, delivery: Delivery) -> None:
    ready, contribution = upload(session, delivery).id, delivery.contributions[0].id
    assert (
        refusal_of(session, lambda: make(session, delivery, upload_id=ready, components=[contribution, contribution])).code
        == "ComponentNotAccepted"
    )


def test_a_version_is_made_of_what_was_chosen_and_of_what_is_in_that_and_of_nothing_else(session: Session) -> None:
    made = factories.opened_call(session, (factories.READER,))
    street, muse, door = (factories.taking_part(session, made, factories.person(session, t), t) for t in ("Street", "Muse", "Door"))
    sources = ((street, SourceKind.CONTAINS), (muse, SourceKind.INFLUENCED_BY))
    second = factories.remixed(session, made, factories.person(session, "Ben"), *sources)
    third = factories.remixed(session, made, factories.person(session, "Cleo"), (second, SourceKind.CONTAINS))
    delivery = factories.delivered_from(session, made, [third])
    ready, whole = upload(session, delivery).id, [third.id, second.id, street.id]
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=ready, components=[*whole, muse.id, door.id]))
    assert (refusal.code, refusal.status, refusal.field) == ("NotChosen", 400, "components")
    assert refusal.message == "Not chosen for this deliverable: Muse, Door. Leave it out, or send the deliverable back to curation."
    assert components_of(session, make(session, delivery, upload_id=ready, components=whole).id) == sorted(whole)


def test_what_an_earlier_visit_chose_is_no_part_of_a_later_ones_version(session: Session, delivery: Delivery) -> None:
    first, second = (contribution.id for contribution in delivery.contributions)
    del delivery.contributions[1]
    factories.back_in_delivery(session, delivery)
    ready = upload(session, delivery).id
    assert refusal_of(session, lambda: make(session, delivery, upload_id=ready, components=[first, second])).code == "NotChosen"
    assert components_of(session, make(session, delivery, upload_id=ready, components=[first]).id) == [first]


def test_the_database_knows_the_kinds_of_outside_material(session: Session, delivery: Delivery) -> None:
    made = factories.version(session, delivery, outside=[BELLS])
    with pytest.raises(IntegrityError, match="ck_outside_material_kind"):
        session.execute(text("update outside_material set kind = 'people' where version_id = :version"), {"version": made.id})


@pytest.mark.parametrize("shares", [0, -1, 1_000_001])
def test_a_makers_share_is_from_one_to_a_million(session: Session, delivery: Delivery, shares: int) -> None:
    ready, makers = upload(session, delivery).id, {delivery.editor.person: shares}
    assert refusal_of(session, lambda: make(session, delivery, upload_id=ready, makers=makers)).code == "UnknownVersionMaker"


def test_only_editors_and_whoever_made_the_version_before_are_named_as_makers(session: Session, delivery: Delivery) -> None:
    outsider, editor = factories.person(session, "Odile"), delivery.editor.person
    ready = upload(session, delivery).id
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=ready, makers={editor: 1, outsider.person: 3}))
    assert (refusal.code, refusal.field) == ("UnknownVersionMaker", "makers")
    grant_role(session, outsider.person, Role.EDITOR, on=delivery.deliverable.scope, by=SYSTEM)
    made = make(session, delivery, upload_id=ready, makers={editor: 1, outsider.person: 3})
    assert makers_of(session, made.id) == {editor: 1, outsider.person: 3}
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == outsider.person))
    again = make(session, delivery, upload_id=upload(session, delivery).id, makers={outsider.person: 1})
    assert makers_of(session, again.id) == {outsider.person: 1}


def test_one_upload_is_the_file_of_one_version(session: Session, delivery: Delivery) -> None:
    used = make(session, delivery).upload_id
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=used))
    assert (refusal.code, refusal.field) == ("FileInUse", "upload_id")


def test_a_file_that_has_not_arrived_whole_is_refused(session: Session, delivery: Delivery) -> None:
    coming = uploads.begin(session, "version.md", "text/markdown", 10, by=delivery.editor).id
    assert refusal_of(session, lambda: make(session, delivery, upload_id=coming)).code == "FileNotReady"


def test_somebody_elses_upload_is_refused(session: Session, delivery: Delivery) -> None:
    theirs = upload(session, delivery).id
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=theirs, by=delivery.made.manager))
    assert type(refusal) is NoSuchUpload


def test_a_file_of_another_kind_than_the_brief_asks_for_is_refused(session: Session, delivery: Delivery) -> None:
    given = upload(session, delivery)
    given.mime = "image/png"
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=given.id))
    assert (refusal.code, refusal.message) == ("NotTheKindAsked", "The brief asks for type “text”; this file is “picture”.")


def test_no_version_is_made_presented_or_licensed_in_another_stage(session: Session, delivery: Delivery) -> None:
    ready, made = upload(session, delivery).id, factories.version(session, delivery, outside=[BELLS])
    (material,) = find_version_details(session, made.id, by=delivery.editor).outside
    lifecycle.send_back(
        session,
        delivery.deliverable.id,
        Stage.CURATION,
        delivery.deliverable.visit,
        "Choose again.",
        by=delivery.made.manager,
        at=DELIVERING,
    )
    for deed in (
        lambda: make(session, delivery, upload_id=ready),
        lambda: approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING),
        lambda: license_outside(session, made.id, material.id, "Order 1", by=delivery.editor, at=DELIVERING),
    ):
        refusal = refusal_of(session, deed)
        assert (refusal.code, refusal.message) == ("NotInDelivery", "This deliverable is in curation, not in client delivery.")


def test_no_version_is_made_or_presented_after_the_brand_has_approved_one(session: Session, delivery: Delivery) -> None:
    approved = factories.approved_version(session, delivery)
    ready = upload(session, delivery).id
    refusal = refusal_of(session, lambda: make(session, delivery, upload_id=ready))
    assert (refusal.code, refusal.message) == ("AlreadyApproved", "The brand has already approved version 1.")
    assert approve_internally(session, approved.id, by=delivery.made.manager, at=DELIVERING) is approved


def test_the_brand_and_curators_do_not_make_versions_and_editors_do_not_present_them(session: Session, delivery: Delivery) -> None:
    ready = upload(session, delivery).id
    curator = factories.curator(session, delivery.made)
    for stranger in (delivery.approver, curator):
        assert type(refusal_of(session, lambda by=stranger: make(session, delivery, upload_id=ready, by=by))) is Forbidden  # type: ignore[misc]  # bound at once
    made = factories.version(session, delivery)
    assert type(refusal_of(session, lambda: approve_internally(session, made.id, by=delivery.editor, at=DELIVERING))) is Forbidden
    assert type(refusal_of(session, lambda: find_version_details(session, made.id, by=curator))) is errors.NoSuchVersion


def test_the_brand_lists_what_was_presented_and_staff_lists_all(session: Session, delivery: Delivery) -> None:
    first, second = factories.presented_version(session, delivery), factories.version(session, delivery)
    leader = factories.someone(session, Role.LEADER, on=delivery.deliverable.scope)
    deliverable_id = delivery.deliverable.id
    assert [v.version for v in list_version_details(session, deliverable_id, by=delivery.editor)] == [second, first]
    assert [v.version for v in list_version_details(session, deliverable_id, by=delivery.editor, after=second.id)] == [first]
    assert [v.version for v in list_version_details(session, deliverable_id, by=delivery.approver)] == [first]
    assert [v.version for v in list_version_details(session, deliverable_id, by=leader)] == [first]


def test_another_brands_approver_and_artists_see_no_version(session: Session, delivery: Delivery) -> None:
    made = factories.presented_version(session, delivery)
    other = factories.someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    for stranger in (other, factories.person(session, "Ana")):
        assert type(refusal_of(session, lambda by=stranger: find_version_details(session, made.id, by=by))) is errors.NoSuchVersion  # type: ignore[misc]  # bound at once
        assert type(refusal_of(session, lambda by=stranger: list_version_details(session, delivery.deliverable.id, by=by))) is NotFound  # type: ignore[misc]  # bound at once


def test_a_gate_asks_as_often_for_thirty_deliverables_as_for_one(session: Session) -> None:
    made = factories.opened_call(session, (factories.READER,) * 30)
    first = factories.delivered_from(session, made, [factories.taking_part(session, made)])
    deliverables = deliverables_of(session, made.id)
    for deliverable in deliverables:
        factories.presented_version(session, replace(first, deliverable=deliverable))
    session.expire_all()
    deliverables = deliverables_of(session, made.id)
    with statements(session) as for_one:
        lifecycle.GATES[Stage.CLIENT_DELIVERY](session, deliverables[:1], at=DELIVERING)
    with statements(session) as for_all:
        waits = lifecycle.GATES[Stage.CLIENT_DELIVERY](session, deliverables, at=DELIVERING)
    assert {blocker.code for each in waits.values() for blocker in each} == {"decision"}
    assert (len(waits), len(for_all)) == (30, len(for_one))


def test_a_list_and_a_gate_ask_as_often_for_thirty_versions_as_for_one(session: Session, delivery: Delivery) -> None:
    def asked() -> list[int]:
        session.expire_all()
        with statements(session) as listed:
            assert list_version_details(session, delivery.deliverable.id, by=delivery.editor, limit=31)
        with statements(session) as gates:
            lifecycle.GATES[Stage.CLIENT_DELIVERY](session, [delivery.deliverable], at=DELIVERING)
        return [len(listed), len(gates)]

    factories.version(session, delivery, outside=[BELLS])
    once = asked()
    for _more in range(29):
        factories.version(session, delivery, outside=[BELLS])
    assert asked() == once
    assert once[0] <= 10


def test_a_deliverable_sent_back_begins_anew_and_keeps_its_numbers(session: Session, delivery: Delivery) -> None:
    factories.presented_version(session, delivery)
    factories.back_in_delivery(session, delivery)
    assert codes(session, delivery) == [("no_version", "editor")]
    assert factories.version(session, delivery).number == 2
    assert codes(session, delivery) == [("internal_approval", "manager")]
