"""Whether a person has something to prove themselves with, and who may change it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from campaigns.core import events, throttle
from campaigns.core.cooling import cooling_ends
from campaigns.core.errors import Invalid, ProofNeeded, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.throttle import Rate
from campaigns.core.words import _

TRIES = Rate(burst=8, every=timedelta(minutes=3))


class WrongProof(Invalid):
    """The code or the passkey's answer is wrong or has expired."""


class StillCooling(Invalid):
    """The passkey or the app is too new to confirm anything yet."""


class AlreadyThere(Refusal):
    """The person already has an authenticator app."""


def count_try(session: Session, person_id: UUID) -> None:
    """Count a try of this person's to prove themselves; it is the only act of its transaction, so that it stays; raises TooMany."""
    throttle.take(session, f"proof of {person_id}", TRIES)


def has_factor(session: Session, person_id: UUID, at: datetime) -> bool:
    """Whether this person has a passkey or an app that shows codes, which counts at `at`."""
    passkey = exists().where(Passkey.person_id == person_id, or_(Passkey.counts_from.is_(None), Passkey.counts_from <= at))
    app = exists().where(
        CodeApp.person_id == person_id, CodeApp.confirmed_at.is_not(None), or_(CodeApp.counts_from.is_(None), CodeApp.counts_from <= at)
    )
    return bool(session.scalar(select(or_(passkey, app))))


def counts_from(by: Actor, at: datetime) -> datetime:
    """From when on a factor counts that the actor adds at `at`: at once beside one with which they have just proven themselves."""
    return at if by.is_proven else cooling_ends(at)


def note_added(session: Session, kind: str, counts_from: datetime, *, by: Actor, at: datetime) -> None:
    """Record that the actor added a factor, and from when on it counts if that is not at once."""
    later = {"counts_from": counts_from.isoformat()} if counts_from > at else {}
    events.record(session, EventName.ACCESS_FACTOR_ADDED, by=by, at=at, person=str(by.person), kind=kind, **later)  # type: ignore[arg-type]  # facts


def require_cooled(counts_from: datetime | None, at: datetime) -> None:
    """Raise StillCooling for a factor that does not count yet."""
    if counts_from is not None and at < counts_from:
        raise StillCooling(_("This is new and confirms nothing before {moment:%d %B %Y, %H:%M %Z}.", moment=counts_from), field="code")


def require_guarded(session: Session, by: Actor, at: datetime) -> None:
    """Raise ProofNeeded for whoever changes how the person proves themselves without having done so; the first one needs none.

    One that does not count yet guards nothing: somebody else's, added in the person's name, can be removed.
    """
    by.require(Permission.CHANGE_PROFILE)
    if not by.is_proven and has_factor(session, by.person, at):
        raise ProofNeeded(_("Confirm your identity first, with a passkey or an app that you already have."))
