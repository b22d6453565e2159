"""Whether a person has something to prove themselves with, and who may change it."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid, ProofNeeded, Refusal
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _


class WrongProof(Invalid):
    """The code or the passkey's answer is not right, or not any more."""


class AlreadyThere(Refusal):
    """The person has one already."""


def has_factor(session: Session, person_id: UUID) -> bool:
    """Whether this person has a passkey or an app that shows codes."""
    passkey = exists().where(Passkey.person_id == person_id)
    app = exists().where(CodeApp.person_id == person_id, CodeApp.confirmed_at.is_not(None))
    return bool(session.scalar(select(or_(passkey, app))))


def require_guarded(session: Session, by: Actor) -> None:
    """Raise ProofNeeded for whoever changes how the person proves themselves without having done so; the first one needs none."""
    by.require(Permission.CHANGE_PROFILE)
    if not by.is_proven and has_factor(session, by.person):
        raise ProofNeeded(_("Confirm first that it is you, with a passkey or a code that you have already."))
