"""Who is told of a version and of the brand's decision, and in which words."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Verdict, Version
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import decide
from campaigns.core.events import Event, seal
from campaigns.core.people import SYSTEM, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from notifications.notification import EmailDraft
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.factories import DELIVERING, Delivery


@pytest.fixture
def delivery(session: Session) -> Delivery:
    return factories.in_delivery(session)


def told(session: Session, name: str) -> dict[UUID, EmailDraft]:
    """The emails of the notification, by reader, that the last fact of its kind makes."""
    notification = NOTIFICATIONS[name]
    emails = list(notification.build(session, last(session, name)))
    assert len({email.to for email in emails}) == len(emails)
    return {email.to: email for email in emails}


def last(session: Session, name: str) -> Event:
    seal(session)
    (on,) = NOTIFICATIONS[name].on
    return session.scalars(select(Event).where(Event.name == on).order_by(Event.number.desc()).limit(1)).one()


def still_true(session: Session) -> bool:
    asked = NOTIFICATIONS["version_ready"].still_true
    assert asked is not None
    return asked(session, last(session, "version_ready"))


def decided(session: Session, delivery: Delivery, version: Version, verdict: Verdict, note: str = "") -> None:
    parts = find_version_details(session, version.id, by=SYSTEM).parts_sha256
    decide(session, version.id, verdict, version.sha256, parts, note, by=delivery.approver, at=DELIVERING)


def test_the_approvers_of_that_brand_and_nobody_else_are_told_of_a_version(session: Session, delivery: Delivery) -> None:
    brand = Scope(brand_id=delivery.made.brand.id)
    here = factories.someone(session, Role.APPROVER, on=Scope(brand_id=delivery.made.brand.id, campaign_id=delivery.made.id))
    factories.someone(session, Role.SIGNER, on=brand, sign_off_role="legal")
    factories.someone(session, Role.APPROVER, on=Scope(brand_id=factories.brand(session, "Rivals").id))
    version = factories.presented_version(session, delivery)
    emails = told(session, "version_ready")
    assert set(emails) == {delivery.approver.person, here.person}
    email = emails[here.person]
    assert (email.path, email.params) == (f"/versions/{version.id}", {"deliverable": "Holiday reader", "number": 1})


def test_an_email_about_a_version_is_dropped_once_it_awaits_no_decision(session: Session, delivery: Delivery) -> None:
    factories.presented_version(session, delivery)
    assert still_true(session)
    factories.version(session, delivery)
    assert not still_true(session)
    second = factories.presented_version(session, delivery)
    assert still_true(session)
    decided(session, delivery, second, Verdict.CHANGES, "Longer.")
    assert not still_true(session)
    factories.presented_version(session, delivery)
    assert still_true(session)
    factories.back_in_delivery(session, delivery)
    assert not still_true(session)


@pytest.mark.parametrize(("verdict", "note"), [(Verdict.CHANGES, "Longer lanterns."), (Verdict.APPROVED, "")])
def test_those_who_made_lead_and_manage_it_read_the_brands_decision_in_its_words(
    session: Session, delivery: Delivery, verdict: Verdict, note: str
) -> None:
    leader = factories.someone(session, Role.LEADER, on=delivery.deliverable.scope)
    factories.someone(session, Role.LEADER, on=factories.in_delivery(session).deliverable.scope)
    version = factories.presented_version(session, delivery)
    decided(session, delivery, version, verdict, note)
    emails = told(session, "decision")
    assert set(emails) == {delivery.editor.person, delivery.made.manager.person, leader.person}
    assert emails[leader.person].params == {
        "deliverable": "Holiday reader", "number": 1, "by": "Noor", "approved": verdict is Verdict.APPROVED, "note": note or None,
        "required": [], "wishes": [],
    }  # fmt: skip


def test_who_decides_is_not_told_what_they_decided(session: Session, delivery: Delivery) -> None:
    decided(session, delivery, factories.presented_version(session, delivery), Verdict.APPROVED)
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == delivery.approver.person))
    grant_role(session, delivery.approver.person, Role.LEADER, on=delivery.deliverable.scope, by=SYSTEM)
    assert set(told(session, "decision")) == {delivery.editor.person, delivery.made.manager.person}
