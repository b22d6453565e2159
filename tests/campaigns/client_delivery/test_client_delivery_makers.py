"""Whoever is named as a maker of a version is credited by their own word; until then it is not presented, approved or packed."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.client_delivery.makers.actions import confirm_version, decline_version, end_version_namings
from campaigns.client_delivery.makers.queries import unanswered_versions, versions_asked_of
from campaigns.client_delivery.models import Package, ReviewDecision, Verdict, Version, VersionMaker
from campaigns.client_delivery.packages.actions import contents_of
from campaigns.client_delivery.queries import find_version_details, makers_of
from campaigns.client_delivery.versions.actions import approve_internally, decide
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.oversight.needs import needs
from tests import factories
from tests.campaigns.client_delivery.test_client_delivery_versions import codes, facts, make, refusal_of
from tests.factories import DELIVERING, NOW, Delivery
from tests.notifications.test_middle_emails import emails


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


@pytest.fixture
def xaver(session: Session, delivery: Delivery) -> Actor:
    """Made an editor by the manager, which takes no word of his."""
    named = factories.person(session, "Xaver")
    grant_role(session, named.person, Role.EDITOR, on=delivery.deliverable.scope, by=SYSTEM)
    return actor_for(session, named.person)


def naming(session: Session, delivery: Delivery, who: Actor) -> Version:
    return make(session, delivery, makers={delivery.editor.person: 1, who.person: 3})


def test_whoever_makes_a_version_confirms_by_that_and_whom_they_name_has_not(session: Session, delivery: Delivery, xaver: Actor) -> None:
    made = naming(session, delivery, xaver)
    found = {maker.name: maker.is_confirmed for maker in find_version_details(session, made.id, by=delivery.editor).makers}
    assert found == {"Edda": True, "Xaver": False}


def test_a_version_is_not_presented_until_everyone_whom_it_names_has_confirmed_it(
    session: Session, delivery: Delivery, xaver: Actor
) -> None:
    made, manager = naming(session, delivery, xaver), delivery.made.manager
    assert refusal_of(session, lambda: approve_internally(session, made.id, by=manager, at=DELIVERING)).code == "VersionMakerUnconfirmed"
    assert codes(session, delivery) == [("version_maker_unconfirmed", "manager")]
    assert [need.code for need in needs(session, by=xaver, at=DELIVERING) if need.code == "version_namings"] == ["version_namings"]
    assert [one.version.id for one in versions_asked_of(session, by=xaver)] == [made.id]
    for _again in range(2):
        confirm_version(session, made.id, by=xaver, at=DELIVERING)
    assert len(facts(session, EventName.CLIENT_DELIVERY_MAKER_CONFIRMED)) == 1
    assert (codes(session, delivery), versions_asked_of(session, by=xaver)) == ([("internal_approval", "manager")], [])
    assert approve_internally(session, made.id, by=manager, at=DELIVERING).presented_at == DELIVERING


def test_the_database_itself_refuses_to_present_approve_and_pack_a_version_with_an_unconfirmed_maker(
    session: Session, delivery: Delivery, xaver: Actor
) -> None:
    made, editor = naming(session, delivery, xaver), delivery.editor.person
    approval = {"verdict": "approved", "file_sha256": made.sha256, "parts_sha256": "0" * 64, "decided_by": editor, "decided_at": NOW}
    writes = (
        update(Version).values(presented_by=editor, presented_at=NOW),
        insert(ReviewDecision).values(version_id=made.id, **approval),
        insert(Package).values(version_id=made.id, sha256="0" * 64, bytes=1, made_at=NOW),
    )
    for write in writes:
        with pytest.raises(IntegrityError, match="unconfirmed"), session.begin_nested():
            session.execute(write)
    another = factories.person(session, "Yves").person
    with pytest.raises(IntegrityError, match="confirms by that"), session.begin_nested():
        session.execute(insert(VersionMaker).values(version_id=made.id, person_id=another, shares=1, confirmed_at=NOW))


def test_who_has_confirmed_a_version_is_named_in_its_credits(session: Session, delivery: Delivery, xaver: Actor) -> None:
    made = naming(session, delivery, xaver)
    confirm_version(session, made.id, by=xaver, at=DELIVERING)
    approve_internally(session, made.id, by=delivery.made.manager, at=DELIVERING)
    seen = find_version_details(session, made.id, by=delivery.approver)
    decide(session, made.id, Verdict.APPROVED, made.sha256, seen.parts_sha256, by=delivery.approver, at=DELIVERING)
    assert b"Assembled by\n  Edda\n  Xaver\n" in contents_of(session, made.id).texts["CREDITS.txt"]


@pytest.mark.parametrize("end", ["they decline", "whoever made it", "the manager"])
def test_a_naming_that_nobody_confirms_ends_and_the_version_goes_on(session: Session, delivery: Delivery, xaver: Actor, end: str) -> None:
    made, editor = naming(session, delivery, xaver), delivery.editor
    assert [version.id for version, _deliverable in unanswered_versions(session, delivery.made.id)] == [made.id]
    if end == "they decline":
        decline_version(session, made.id, by=xaver, at=DELIVERING)
    else:
        end_version_namings(session, made.id, by=editor if end == "whoever made it" else delivery.made.manager, at=DELIVERING)
    assert (makers_of(session, made.id), unanswered_versions(session, delivery.made.id)) == ({editor.person: 1}, [])
    assert codes(session, delivery) == [("internal_approval", "manager")]


def test_nobody_answers_for_somebody_else(session: Session, delivery: Delivery, xaver: Actor) -> None:
    made = naming(session, delivery, xaver)
    stranger = factories.person(session, "Yves")
    assert refusal_of(session, lambda: confirm_version(session, made.id, by=stranger, at=DELIVERING)).code == "NoSuchVersion"
    assert refusal_of(session, lambda: decline_version(session, made.id, by=stranger, at=DELIVERING)).code == "NoSuchVersion"
    assert refusal_of(session, lambda: end_version_namings(session, made.id, by=xaver, at=DELIVERING)).code == "Forbidden"
    confirm_version(session, made.id, by=xaver, at=DELIVERING)
    assert refusal_of(session, lambda: decline_version(session, made.id, by=xaver, at=DELIVERING)).code == "EveryMakerConfirmed"
    assert session.scalars(select(VersionMaker.person_id).where(VersionMaker.version_id == made.id)).all() != []


def test_whoever_is_named_gets_an_email_that_asks_them(session: Session, delivery: Delivery, xaver: Actor) -> None:
    naming(session, delivery, xaver)
    found = emails(session, "version_names_you", "client_delivery.cut_made")
    assert found == [(xaver.person, "/me/versions", {"deliverable": "Holiday reader", "number": 1, "by": "Edda"})]
