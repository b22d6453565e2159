"""Whoever signs is told when a brief can be signed, and when a changed word voids their signature."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.actions import edit_brief
from campaigns.brief.deliverables.actions import add_deliverable, edit_deliverable, remove_deliverable
from campaigns.brief.queries import written_brief
from campaigns.brief.signatures.actions import sign
from campaigns.core import clock
from campaigns.core.event_names import EventName
from campaigns.core.events import Event, recorded, seal
from campaigns.core.membership import end_role, invite
from campaigns.core.permissions import Role
from notifications.notification import EmailDraft
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.factories import CARD, FILM, NOW, Partnership

LATER = NOW + timedelta(hours=1)


def told(session: Session, notification: str) -> list[EmailDraft]:
    """The emails that the last fact of the notification makes."""
    return list(NOTIFICATIONS[notification].build(session, last(session, notification)))


def last(session: Session, notification: str) -> Event:
    seal(session)
    (on,) = NOTIFICATIONS[notification].on
    return session.scalars(select(Event).where(Event.name == on).order_by(Event.number.desc()).limit(1)).one()


def still_true(session: Session, notification: str) -> bool:
    asked = NOTIFICATIONS[notification].still_true
    assert asked is not None
    return asked(session, last(session, notification))


def signed(session: Session, made: Partnership, sign_off_role: str) -> None:
    sign(session, made.id, sign_off_role, written_brief(session, made.id).hash, by=made.signers[sign_off_role], at=LATER)


def person(made: Partnership, sign_off_role: str) -> UUID:
    return made.signers[sign_off_role].person


def test_the_signers_are_told_once_when_the_last_thing_that_binds_is_written(session: Session) -> None:
    now = clock.business_now(session)
    made = factories.new_campaign(session, at=now)
    edit_brief(session, made.id, factories.brief_text(now), by=made.manager, at=now)
    assert recorded(session, EventName.BRIEF_READY) == []
    film = add_deliverable(session, made.id, FILM, by=made.manager, at=now)
    assert len(recorded(session, EventName.BRIEF_READY)) == 1
    edit_brief(session, made.id, {"story": "Another story."}, by=made.manager, at=now)
    assert len(recorded(session, EventName.BRIEF_READY)) == 1
    path = f"/campaigns/{made.id}/brief/sign"
    emails = told(session, "brief_ready")
    assert sorted((email.path, tuple(email.params["sign_off_roles"])) for email in emails) == [
        (path, ("legal",)),
        (path, ("marketing",)),
    ]
    assert {email.to for email in emails} == {person(made, "legal"), person(made, "marketing")}
    assert still_true(session, "brief_ready")
    remove_deliverable(session, made.id, film.id, by=made.manager, at=now)
    assert not still_true(session, "brief_ready")


def test_whoever_is_named_later_learns_of_it_and_a_signer_of_the_brief_that_waits(session: Session) -> None:
    made = factories.filled_brief(session, at=clock.business_now(session))
    on, path = made.campaign.scope, f"/campaigns/{made.id}"
    ada = factories.administrator(session, made.brand.id)
    invite(session, "late@example.org", Role.SIGNER, on=on, sign_off_role="legal", name="Lena", by=ada, at=LATER)
    (email,) = told(session, "invited")
    assert (email.path, email.params["role"], email.params["sign_off_roles"], email.params["by"]) == (
        f"{path}/brief/sign", "signer", ["legal"], ada.name,
    )  # fmt: skip
    held = invite(session, "edit@example.org", Role.EDITOR, on=on, name="Edda", by=made.manager, at=LATER)
    (email,) = told(session, "invited")
    assert (email.path, email.params["role"], email.params["sign_off_roles"], still_true(session, "invited")) == (
        path,
        "editor",
        [],
        True,
    )
    end_role(session, made.id, held.id, by=made.manager, at=LATER)
    assert not still_true(session, "invited")


def test_a_changed_word_tells_those_whose_signature_fell_and_nobody_twice(session: Session) -> None:
    made = factories.filled_brief(session)
    signed(session, made, "legal")
    before = written_brief(session, made.id).brief.story
    edit_brief(session, made.id, {"story": "Another story."}, by=made.manager, at=LATER)
    edit_brief(session, made.id, {"story": "A third."}, by=made.manager, at=LATER)
    (fact,) = recorded(session, EventName.BRIEF_SIGNATURES_FELL)
    assert fact.facts == {"signatures": [{"hat": "legal", "person": str(person(made, "legal"))}]}
    (email,) = told(session, "signature_fell")
    assert (email.to, email.params["sign_off_roles"], email.params["by"]) == (person(made, "legal"), ["legal"], made.manager.name)
    assert still_true(session, "signature_fell")
    edit_brief(session, made.id, {"story": before}, by=made.manager, at=LATER)
    assert not still_true(session, "signature_fell")


def test_a_changed_deliverable_voids_signatures_too(session: Session) -> None:
    made = factories.signed_brief(session)
    piece = written_brief(session, made.id).deliverables[0]
    edit_deliverable(session, made.id, piece.id, CARD, by=made.manager, at=LATER)
    (fact,) = recorded(session, EventName.BRIEF_SIGNATURES_FELL)
    assert [each["hat"] for each in fact.facts["signatures"]] == ["legal", "marketing"]
