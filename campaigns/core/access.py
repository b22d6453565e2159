"""Who is there: sign-in links, sessions and tokens, all kept as hashes."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, delete, exists, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, events, security_log, throttle
from campaigns.core.db import Base, Id
from campaigns.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from campaigns.core.names import Name, one_line
from campaigns.core.people import EVERY_SCOPE, HOUSE, ROLE, Actor, Person, RoleGrant, actor_for, actor_from, become_known, person_at
from campaigns.core.permissions import Permission
from campaigns.core.security_log import Kind
from campaigns.core.throttle import Rate
from campaigns.core.words import _

LINK_LIFE = timedelta(minutes=15)
SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=14)
PROOF_LIFE = timedelta(minutes=30)
TOKEN_LIFE = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=1)
LINKS_TO_ONE_ADDRESS = Rate(burst=5, every=timedelta(minutes=3))
LINKS_FROM_ONE_PLACE = Rate(burst=100, every=timedelta(seconds=6))
SCOPES = frozenset({"*", *(permission.value.partition(".")[0] for permission in Permission)})


class SignInLink(Base):
    """A link that signs one person in, once, within fifteen minutes of its letter's way out; the event `request_id` asked for it."""

    __tablename__ = "sign_in_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser: what it calls itself, where in the network it signed in, and when its person last proved who they are."""

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
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


class ApiToken(Base):
    """A program's key: shown once, kept as a hash, limited to its scopes."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(Name(80))
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (one_line("name"),)


def digest(secret: str) -> str:
    """What is kept of a secret: its sha256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ask_for_link(session: Session, email: str, *, place: str | None = None, at: datetime) -> None:
    """Promise a sign-in letter to `email`, who becomes a person if new; the answer never tells whether they were known.

    Raises TooMany when the address, or the `place` in the network that asks, has asked too often.
    """
    if place is not None:
        throttle.take(session, f"link from {throttle.network_of(place)}", LINKS_FROM_ONE_PLACE)
    throttle.take(session, f"link to {email.strip().lower()}", LINKS_TO_ONE_ADDRESS)
    person = person_at(session, email)
    security_log.count(session, Kind.LINK_ASKED, person_id=person.id, place=place)
    events.record_at_the_door(session, "access.link_asked", by=HOUSE, at=at, person=str(person.id))


def make_link(session: Session, person_id: UUID, *, request_id: UUID | None = None) -> str:
    """A fresh secret for a sign-in link, made when its letter is written; only its hash stays."""
    secret, ends = secrets.token_urlsafe(32), clock.process_now() + LINK_LIFE
    session.add(SignInLink(digest=digest(secret), person_id=person_id, request_id=request_id, expires_at=ends))
    return secret


def begin_links(session: Session, request_id: UUID) -> None:
    """The life of what was asked for begins: its letter is handed to the provider, however long it lay before."""
    of_request = (SignInLink.request_id == request_id, SignInLink.used_at.is_(None))
    session.execute(update(SignInLink).where(*of_request).values(expires_at=clock.process_now() + LINK_LIFE))


def use_link(session: Session, secret: str) -> UUID:
    """Spend the link and return whose it was; raises NotSignedIn when it is unknown, used or too old."""
    now = clock.process_now()
    fresh = (SignInLink.digest == digest(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    person_id = session.execute(update(SignInLink).where(*fresh).values(used_at=now).returning(SignInLink.person_id)).scalar()
    if person_id is None:
        raise NotSignedIn(_("This sign-in link has been used or is older than fifteen minutes; ask for a new one."))
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
    security_log.record(session, Kind.SIGNED_IN, person_id, place=place, detail=f"{way}, {agent or ''}".rstrip(", "))
    return secret


def prove_session(session: Session, secret: str, *, way: str = "", by: Actor) -> str:
    """Note that this browser of the actor's has proven by some `way` who they are; returns the secret in place of the old one."""
    fresh = secrets.token_urlsafe(32)
    own = (WebSession.digest == digest(secret), WebSession.person_id == by.person)
    proven = update(WebSession).where(*own).values(digest=digest(fresh), proven_at=clock.process_now())
    if session.execute(proven.returning(WebSession.digest)).scalar() is None:
        raise NotSignedIn(_("Your session has ended; sign in again."))
    security_log.record(session, Kind.PROVEN, by.person, detail=way)
    return fresh


def close_session(session: Session, secret: str) -> None:
    """Sign the browser out."""
    closed = delete(WebSession).where(WebSession.digest == digest(secret)).returning(WebSession.person_id, WebSession.place)
    for person_id, place in session.execute(closed):
        security_log.record(session, Kind.SIGNED_OUT, person_id, place=place)


def sessions(session: Session, *, by: Actor, after: tuple[datetime, str] | None = None, limit: int = 100) -> Sequence[WebSession]:
    """The actor's own browsers that are signed in, the newest first, up to `limit` behind the one of this time and hash."""
    own = select(WebSession).where(WebSession.person_id == by.person, *_open_at(clock.process_now()))
    query = own.order_by(WebSession.created_at.desc(), WebSession.digest.desc()).limit(limit)
    return session.scalars(query.where(tuple_(WebSession.created_at, WebSession.digest) < after) if after else query).all()


def end_session(session: Session, key: str, *, by: Actor) -> None:
    """Sign one of the actor's own browsers out, named by its secret's hash; raises NotFound for anyone else's."""
    own = (WebSession.digest == key, WebSession.person_id == by.person)
    if session.execute(delete(WebSession).where(*own).returning(WebSession.digest)).scalar() is None:
        raise NotFound(_("This browser is signed out already."))
    security_log.record(session, Kind.SIGNED_OUT, by.person)


def end_other_sessions(session: Session, but: str | None, *, by: Actor) -> int:
    """Sign every browser of the actor's out but the one with this secret, and end all tokens; returns how many browsers it were."""
    _end_tokens(session, by.person)
    others = (WebSession.person_id == by.person, WebSession.digest != (digest(but) if but else ""))
    ended = session.execute(delete(WebSession).where(*others).returning(WebSession.place)).scalars().all()
    for place in ended:
        security_log.record(session, Kind.SIGNED_OUT, by.person, place=place)
    return len(ended)


def end_access(session: Session, person_id: UUID) -> None:
    """End all by which somebody is let in as this person: browsers, tokens and links that were not used yet."""
    session.execute(delete(WebSession).where(WebSession.person_id == person_id))
    session.execute(delete(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)))
    _end_tokens(session, person_id)


def _end_tokens(session: Session, person_id: UUID) -> None:
    working = (ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*working).values(revoked_at=clock.process_now()))


def _open_at(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (WebSession.expires_at > now, WebSession.last_seen_at > now - SESSION_IDLE)


def issue_token(
    session: Session, person_id: UUID, name: str, scopes: frozenset[str] = EVERY_SCOPE, life: timedelta = TOKEN_LIFE
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is never shown again."""
    if not scopes:
        raise Invalid(_("A token needs at least one scope."), field="scopes")
    if unknown := sorted(scopes - SCOPES):
        raise Invalid(_("There is no scope {scope}; there are {known}.", scope=unknown[0], known=", ".join(sorted(SCOPES))), field="scopes")
    prefix, now = secrets.token_hex(4), clock.process_now()
    secret = f"cb_live_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        person_id=person_id, name=name, prefix=prefix, digest=digest(secret), scopes=sorted(scopes), created_at=now, expires_at=now + life
    )
    session.add(token)
    session.flush()
    security_log.record(session, Kind.TOKEN_MADE, person_id, detail=f"{name} ({prefix}): {', '.join(sorted(scopes))}")
    return token, secret


def narrow_token(session: Session, name: str, scopes: frozenset[str], *, by: Actor) -> tuple[ApiToken, str]:
    """A further token of the actor's own, never with a wider scope than the one in hand; asks for a proof where money is real."""
    by.require_proof()
    if "*" not in by.scopes and not scopes <= by.scopes:
        raise Forbidden(_("A token can only pass on scopes that it has itself."), field="scopes")
    return issue_token(session, by.person, name, scopes)


def revoke_token(session: Session, token_id: UUID, *, by: Actor) -> None:
    """End one of the actor's own tokens; raises NotFound for anyone else's."""
    own = (ApiToken.id == token_id, ApiToken.person_id == by.person, ApiToken.revoked_at.is_(None))
    revoked = update(ApiToken).where(*own).values(revoked_at=clock.process_now()).returning(ApiToken.name, ApiToken.prefix)
    found = session.execute(revoked).one_or_none()
    if found is None:
        raise NotFound(_("There is no such token."))
    security_log.record(session, Kind.TOKEN_REVOKED, by.person, detail=f"{found.name} ({found.prefix})")


def tokens(session: Session, *, after: UUID | None, limit: int, by: Actor) -> Sequence[ApiToken]:
    """The actor's own tokens that still work, newest first, older than `after`."""
    working = (ApiToken.person_id == by.person, ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.process_now())
    query = select(ApiToken).where(*working).order_by(ApiToken.id.desc()).limit(limit)
    return session.scalars(query.where(ApiToken.id < after) if after else query).all()


def actor_of_token(session: Session, secret: str) -> Actor:
    """Who holds this token; raises NotSignedIn when it is unknown, ended or revoked."""
    now = clock.process_now()
    token = session.scalar(select(ApiToken).where(*_works(secret, now)))
    if token is None:
        raise NotSignedIn(_("This token is not valid any more; sign in again."))
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        session.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now))
    return actor_for(session, token.person_id, frozenset(token.scopes))


def is_token_known(session: Session, secret: str) -> bool:
    """Whether a token works, whoever holds it."""
    return session.scalar(select(exists().where(*_works(secret, clock.process_now())))) or False


def _works(secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ApiToken.digest == digest(secret), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)


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
    return replace(actor_from(session, person, [row[2:] for row in rows]), is_proven=is_proven)
