"""Signing in, sessions and tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaigns.core import access, audit, clock, events, tokens
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.errors import NotSignedIn
from campaigns.core.people import GUEST, Person, person_at
from campaigns.core.tokens import ApiToken

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def ana(session: Session) -> Person:
    return person_at(session, "ana@example.org")


def test_asking_for_a_link_makes_a_person_once_whatever_the_spelling_and_enqueues_an_email(session: Session) -> None:
    access.ask_for_link(session, "Ana@Example.org", at=AT)
    access.ask_for_link(session, " ana@example.org ", at=AT)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Person)) == 1
    assert [f.name for f in audit.timeline(session, events.DOOR_CHAIN)] == ["access.link_asked"] * 2


def test_a_link_signs_its_person_in_once(session: Session, ana: Person) -> None:
    secret = access.make_link(session, ana.id)
    assert access.use_link(session, secret) == ana.id
    with pytest.raises(NotSignedIn):
        access.use_link(session, secret)


def test_a_link_older_than_fifteen_minutes_signs_nobody_in(session: Session, ana: Person) -> None:
    secret = access.make_link(session, ana.id)
    session.flush()
    session.execute(update(SignInLink).values(expires_at=clock.process_now()))
    with pytest.raises(NotSignedIn):
        access.use_link(session, secret)


def test_no_secret_is_kept(session: Session, ana: Person) -> None:
    link, browser = access.make_link(session, ana.id), access.open_session(session, ana.id)
    _token, secret = tokens.issue_token(session, ana.id, "script")
    session.flush()
    kept = [
        *session.scalars(select(SignInLink.digest)),
        *session.scalars(select(WebSession.digest)),
        *session.scalars(select(ApiToken.digest)),
    ]
    assert kept == [tokens.digest(s) for s in (link, browser, secret)]


@pytest.mark.parametrize("ends", [{"expires_at": timedelta()}, {"last_seen_at": -access.SESSION_IDLE}])
def test_a_session_ends_after_its_life_or_when_it_lies_idle(session: Session, ana: Person, ends: dict[str, timedelta]) -> None:
    secret = access.open_session(session, ana.id)
    session.flush()
    assert access.actor_of_session(session, secret).person_id == ana.id
    session.execute(update(WebSession).values({name: clock.process_now() + shift for name, shift in ends.items()}))
    session.expire_all()
    with pytest.raises(NotSignedIn):
        access.actor_of_session(session, secret)


def test_a_guest_holds_no_permission_and_is_nobody(session: Session) -> None:
    with pytest.raises(NotSignedIn):
        _ = GUEST.person
    assert not GUEST.is_system
