"""Tokens, the keys of programs: shown once, kept as hashes, limited to their scopes, and ended with what made them."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, exists, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock, events, security_log
from campaigns.core.db import Base, Id
from campaigns.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from campaigns.core.event_names import EventName
from campaigns.core.names import Name, one_line
from campaigns.core.people import EVERY_SCOPE, Actor, actor_for
from campaigns.core.permissions import SCOPES
from campaigns.core.security_log import SecurityEventKind
from campaigns.core.words import _

LIFE = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=1)
# Its table is `access.WebSession`, which knows tokens.
BROWSER = text("select id from web_session where id = :id for share")


class ApiToken(Base):
    """A program's key; `made_by` is the token or the browser session that made it, None where a sign-in link did."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(Name(80))
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    made_by: Mapped[UUID | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (one_line("name"),)


def digest(secret: str) -> str:
    """What is kept of a secret: its sha256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(session: Session, name: str, scopes: frozenset[str] = EVERY_SCOPE, *, by: Actor, at: datetime) -> tuple[ApiToken, str]:
    """A token of the actor's own and its secret, which is never shown again; an email tells its owner.

    It reaches no further than the actor does and lives no longer than the token in hand. Where money is real it asks for a proof.
    """
    by.require_proof()
    if not by.reaches_all(scopes):
        raise Forbidden(_("A token can only pass on scopes that it has itself."), field="scopes")
    token, secret = issue_token(session, by.person, name, scopes, made_by=by.came_by, no_later=_end_of_maker(session, by))
    told: dict[str, Any] = {"token": name, "prefix": token.prefix, "scopes": token.scopes, "ends": token.expires_at.isoformat()}
    events.record(session, EventName.ACCESS_TOKEN_CREATED, by=by, at=at, person=str(by.person), **told)
    return token, secret


def _end_of_maker(session: Session, by: Actor) -> datetime | None:
    """When the token in hand ends, if there is one; neither it nor the browser in hand can be ended meanwhile."""
    if by.came_by is None:
        return None
    in_hand = session.get(ApiToken, by.came_by, with_for_update={"read": True}, populate_existing=True)
    if in_hand is None and session.scalar(BROWSER, {"id": by.came_by}) is None:
        raise NotSignedIn(_("Your session has ended; sign in again."))
    if in_hand is not None and in_hand.revoked_at is not None:
        raise NotSignedIn(_("This token is no longer valid; sign in again."))
    return in_hand.expires_at if in_hand else None


def issue_token(
    session: Session,
    person_id: UUID,
    name: str,
    scopes: frozenset[str] = EVERY_SCOPE,
    *,
    made_by: UUID | None = None,
    no_later: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is never shown again; it ends after LIFE, but `no_later`. Raises Invalid for unknown scopes."""
    if not scopes:
        raise Invalid(_("A token needs at least one scope."), field="scopes")
    if unknown := sorted(scopes - SCOPES):
        raise Invalid(_("There is no scope {scope}; there are {known}.", scope=unknown[0], known=", ".join(sorted(SCOPES))), field="scopes")
    prefix, now = secrets.token_hex(4), clock.process_now()
    secret = f"cb_live_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(person_id=person_id, name=name, prefix=prefix, digest=digest(secret), scopes=sorted(scopes), made_by=made_by)
    token.created_at, token.expires_at = now, min(now + LIFE, no_later or now + LIFE)
    session.add(token)
    session.flush()
    security_log.record(session, SecurityEventKind.TOKEN_MADE, person_id, detail=f"{name} ({prefix}): {', '.join(sorted(scopes))}")
    return token, secret


def revoke_token(session: Session, token_id: UUID, *, by: Actor) -> None:
    """End one of the actor's own tokens, and those made with it; raises NotFound for anyone else's."""
    if not _end(session, ApiToken.id == token_id, ApiToken.person_id == by.person):
        raise NotFound(_("There is no such token."))


def end_made_by(session: Session, session_id: UUID) -> None:
    """End the tokens that were made in this browser session, and those made with them."""
    _end(session, ApiToken.made_by == session_id)


def end_tokens(session: Session, person_id: UUID) -> None:
    """End all of this person's tokens."""
    _end(session, ApiToken.person_id == person_id)


def _end(session: Session, *which: ColumnElement[bool]) -> bool:
    """End these tokens, then those made with them, and so on: whoever makes one holds the token in hand until theirs can be seen."""
    revoking = update(ApiToken).where(ApiToken.revoked_at.is_(None)).values(revoked_at=clock.process_now())
    revoking = revoking.returning(ApiToken.id, ApiToken.person_id, ApiToken.name, ApiToken.prefix)
    revoked = found = session.execute(revoking.where(*which)).all()
    while found:
        found = session.execute(revoking.where(ApiToken.made_by.in_([each.id for each in found]))).all()
        revoked = [*revoked, *found]
    for each in revoked:
        security_log.record(session, SecurityEventKind.TOKEN_REVOKED, each.person_id, detail=f"{each.name} ({each.prefix})")
    return bool(revoked)


def tokens(session: Session, *, after: UUID | None, limit: int, by: Actor) -> Sequence[ApiToken]:
    """The actor's own tokens that still work, newest first, older than `after`."""
    own = select(ApiToken).where(ApiToken.person_id == by.person, *_working(clock.process_now()))
    query = own.order_by(ApiToken.id.desc()).limit(limit)
    return session.scalars(query.where(ApiToken.id < after) if after else query).all()


def actor_of_token(session: Session, secret: str) -> Actor:
    """Who holds this token; raises NotSignedIn when it is unknown, ended or revoked."""
    now = clock.process_now()
    token = session.scalar(select(ApiToken).where(ApiToken.digest == digest(secret), *_working(now)))
    if token is None:
        raise NotSignedIn(_("This token is no longer valid; sign in again."))
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        session.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now))
    return actor_for(session, token.person_id, frozenset(token.scopes), came_by=token.id)


def is_token_known(session: Session, secret: str) -> bool:
    """Whether a token works, whoever holds it."""
    return session.scalar(select(exists().where(ApiToken.digest == digest(secret), *_working(clock.process_now())))) or False


def _working(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
