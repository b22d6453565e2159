"""Who is there: sign-in links and browser sessions, kept as hashes."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, delete, exists, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, events, security_log, throttle, tokens
from campaigns.core.db import Base
from campaigns.core.errors import NotFound, NotSignedIn
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.people import ROLE, SYSTEM, Actor, Person, RoleGrant, actor_from, become_known, person_at
from campaigns.core.security_log import SecurityEventKind
from campaigns.core.throttle import Rate
from campaigns.core.tokens import NOTED_EVERY, digest
from campaigns.core.words import _

LINK_LIFE = timedelta(minutes=15)
SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=14)
PROOF_LIFE = timedelta(minutes=30)
LINKS_TO_ONE_ADDRESS = Rate(burst=5, every=timedelta(minutes=3))
LINKS_FROM_ONE_PLACE = Rate(burst=100, every=timedelta(seconds=6))


class SignInLink(Base):
    """A link that signs one person in, once, within fifteen minutes of its email's way out; the event `request_id` asked for it."""

    __tablename__ = "sign_in_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser: what it calls itself, where in the network it signed in, and when its person last proved who they are.

    Its secret, and so `digest`, changes when they do; its `id` stays.
    """

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]
    agent: Mapped[str | None] = mapped_column(String(300))
    place: Mapped[str | None] = mapped_column(String(64))


# Asked on every page: a browser, its person and each of their roles by one statement.
SITTING = (
    select(WebSession, Person, *ROLE)
    .join(Person, Person.id == WebSession.person_id)
    .outerjoin(RoleGrant, RoleGrant.person_id == WebSession.person_id)
)


def ask_for_link(session: Session, email: str, *, place: str | None = None, at: datetime) -> None:
    """Enqueue a sign-in email to `email`, who becomes a person if new; the answer never tells whether they were known.

    Raises TooMany when the address, or the `place` in the network that asks, has asked too often.
    """
    if place is not None:
        throttle.take(session, f"link from {throttle.network_of(place)}", LINKS_FROM_ONE_PLACE)
    throttle.take(session, f"link to {email.strip().lower()}", LINKS_TO_ONE_ADDRESS)
    person = person_at(session, email)
    security_log.count(session, SecurityEventKind.LINK_ASKED, person_id=person.id, place=place)
    events.record_at_the_door(session, EventName.ACCESS_LINK_ASKED, by=SYSTEM, at=at, person=str(person.id))


def make_link(session: Session, person_id: UUID, *, request_id: UUID | None = None) -> str:
    """A fresh secret for a sign-in link, made when its email is written; only its hash stays."""
    secret, ends = secrets.token_urlsafe(32), clock.process_now() + LINK_LIFE
    session.add(SignInLink(digest=digest(secret), person_id=person_id, request_id=request_id, expires_at=ends))
    return secret


def begin_links(session: Session, request_id: UUID) -> None:
    """The life of what was asked for begins: its email is handed to the provider, however long it lay before."""
    of_request = (SignInLink.request_id == request_id, SignInLink.used_at.is_(None))
    session.execute(update(SignInLink).where(*of_request).values(expires_at=clock.process_now() + LINK_LIFE))


def use_link(session: Session, secret: str) -> UUID:
    """Spend the link and return whose it was; raises NotSignedIn when it is unknown, used or too old."""
    now = clock.process_now()
    fresh = (SignInLink.digest == digest(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    person_id = session.execute(update(SignInLink).where(*fresh).values(used_at=now).returning(SignInLink.person_id)).scalar()
    if person_id is None:
        raise NotSignedIn(_("This sign-in link has been used or is older than fifteen minutes; request a new one."))
    become_known(session, person_id)
    return person_id


def link_address(session: Session, secret: str) -> str | None:
    """The address that a sign-in link was sent to, while it can be used; nothing is spent."""
    fresh = (SignInLink.digest == digest(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > clock.process_now())
    return session.scalar(select(Person.email).join(SignInLink, SignInLink.person_id == Person.id).where(*fresh))


def open_session(
    session: Session, person_id: UUID, *, way: str = "link", agent: str | None = None, place: str | None = None, is_proven: bool = False
) -> str:
    """A new browser session, for whoever came by this `way`; returns its secret."""
    secret, now = secrets.token_urlsafe(32), clock.process_now()
    opened = WebSession(digest=digest(secret), person_id=person_id, created_at=now, last_seen_at=now, expires_at=now + SESSION_LIFE)
    opened.agent, opened.place, opened.proven_at = agent and agent[:300], place and place[:64], now if is_proven else None
    session.add(opened)
    security_log.record(session, SecurityEventKind.SIGNED_IN, person_id, place=place, detail=f"{way}, {agent or ''}".rstrip(", "))
    return secret


def prove_session(session: Session, secret: str, *, way: str = "", by: Actor) -> str:
    """Note that this browser of the actor's has proven by some `way` who they are; returns the secret in place of the old one."""
    fresh = secrets.token_urlsafe(32)
    own = (WebSession.digest == digest(secret), WebSession.person_id == by.person)
    proven = update(WebSession).where(*own).values(digest=digest(fresh), proven_at=clock.process_now())
    if session.execute(proven.returning(WebSession.digest)).scalar() is None:
        raise NotSignedIn(_("Your session has ended; sign in again."))
    security_log.record(session, SecurityEventKind.PROVEN, by.person, detail=way)
    return fresh


def close_session(session: Session, secret: str) -> None:
    """Sign the browser out."""
    closed = delete(WebSession).where(WebSession.digest == digest(secret)).returning(WebSession.person_id, WebSession.place)
    for person_id, place in session.execute(closed):
        security_log.record(session, SecurityEventKind.SIGNED_OUT, person_id, place=place)


def sessions(session: Session, *, by: Actor, after: tuple[datetime, str] | None = None, limit: int = 100) -> Sequence[WebSession]:
    """The actor's own browsers that are signed in, the newest first, up to `limit` behind the one of this time and hash."""
    own = select(WebSession).where(WebSession.person_id == by.person, *_open_at(clock.process_now()))
    query = own.order_by(WebSession.created_at.desc(), WebSession.digest.desc()).limit(limit)
    return session.scalars(query.where(tuple_(WebSession.created_at, WebSession.digest) < after) if after else query).all()


def end_session(session: Session, key: str, *, by: Actor) -> None:
    """Sign one of the actor's own browsers out, named by its secret's hash, and end the tokens that were made in it.

    Raises NotFound for anyone else's.
    """
    own = (WebSession.digest == key, WebSession.person_id == by.person)
    ended = session.execute(delete(WebSession).where(*own).returning(WebSession.id)).scalar()
    if ended is None:
        raise NotFound(_("This browser is already signed out."))
    tokens.end_made_by(session, ended)
    security_log.record(session, SecurityEventKind.SIGNED_OUT, by.person)


def end_other_sessions(session: Session, but: str | None, *, by: Actor) -> int:
    """Sign every browser of the actor's out but the one with this secret, and end all tokens; returns how many browsers it were."""
    others = (WebSession.person_id == by.person, WebSession.digest != (digest(but) if but else ""))
    ended = session.execute(delete(WebSession).where(*others).returning(WebSession.place)).scalars().all()
    tokens.end_tokens(session, by.person)  # after them: what one of them creates meanwhile is seen
    for place in ended:
        security_log.record(session, SecurityEventKind.SIGNED_OUT, by.person, place=place)
    return len(ended)


def end_access(session: Session, person_id: UUID) -> None:
    """End all by which somebody is let in as this person: links that were not used yet, browsers and tokens.

    In this order: whoever is let in meanwhile by a link is seen in what comes after.
    """
    session.execute(delete(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)))
    session.execute(delete(WebSession).where(WebSession.person_id == person_id))
    tokens.end_tokens(session, person_id)


def _open_at(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (WebSession.expires_at > now, WebSession.last_seen_at > now - SESSION_IDLE)


def is_session_known(session: Session, secret: str) -> bool:
    """Whether a browser session is one of ours, open or ended of late, whoever sits there."""
    return session.scalar(select(exists().where(WebSession.digest == digest(secret)))) or False


def actor_of_session(session: Session, secret: str) -> Actor:
    """Who sits at this browser; raises NotSignedIn when the session has ended or lain idle."""
    now = clock.process_now()
    rows = session.execute(SITTING.where(WebSession.digest == digest(secret), *_open_at(now))).all()
    if not rows:
        raise NotSignedIn(_("Your session has ended; sign in again."))
    browser, person = rows[0][:2]
    if browser.last_seen_at < now - NOTED_EVERY:
        session.execute(update(WebSession).where(WebSession.digest == browser.digest).values(last_seen_at=now))
    is_proven = browser.proven_at is not None and browser.proven_at > now - PROOF_LIFE
    return replace(actor_from(session, person, [row[2:] for row in rows]), is_proven=is_proven, came_by=browser.id)
