"""Who must not be written to: learnt from the carrier's events as they come, and once a day from its own lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.emails import Suppression
from notifications.sender import LEFT, OPTIONAL, RESPECTED, EmailKind

# What a drop says of the address; its other reasons are about the email or about our account.
DROPPED = {"Bounced Address": "bounce", "Invalid": "invalid", "Spam Reporting Address": "spamreport"}
# We end these emails by a click of our own that the carrier's lists know nothing of, so they cannot take it back.
OURS_ALONE = frozenset(LEFT[kind] for kind in OPTIONAL)


def suppress(session: Session, address: str, reason: str, *, at: datetime) -> None:
    """Write no more to the address what this reason forbids."""
    session.execute(insert(Suppression).values(address=address.lower(), reason=reason, since=at).on_conflict_do_nothing())


def lift(session: Session, address: str, reason: str) -> None:
    """This reason against writing to the address has gone."""
    session.execute(delete(Suppression).where(Suppression.address == address.lower(), Suppression.reason == reason))


def left_by(session: Session, address: str) -> set[str]:
    """Every reason for which the address is not written to."""
    return set(session.scalars(select(Suppression.reason).where(Suppression.address == address.lower())))


def suppression_of(session: Session, address: str, kind: EmailKind) -> str | None:
    """Why an email of this kind must not be written to the address; None when it may."""
    respected = (Suppression.address == address.lower(), Suppression.reason.in_(RESPECTED[kind]))
    return session.scalar(select(func.min(Suppression.reason)).where(*respected))


def is_left_alone(address: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether an address gets no announcements."""
    return exists().where(Suppression.address == func.lower(address), Suppression.reason.in_(RESPECTED[EmailKind.ANNOUNCEMENT]))


def learn_of_address(session: Session, event: Mapping[str, Any], *, at: datetime) -> None:
    """Take from one of the carrier's events whether its address may be written to."""
    if event["event"] == "group_resubscribe":
        lift(session, event["email"], _left(event))
    elif (reason := _forbids(event)) is not None:
        suppress(session, event["email"], reason, at=at)


def _forbids(event: Mapping[str, Any]) -> str | None:
    """Why the event's address must not be written to any more; None when it does not say so."""
    match event["event"], event.get("reason"):
        case "dropped", "Unsubscribed Address":
            return _left(event)
        case "dropped", why:
            return DROPPED.get(str(why))
        case "bounce", _ if event.get("type") != "blocked":
            return "bounce"
        case "group_unsubscribe", _:
            return _left(event)
        case ("spamreport" | "unsubscribe") as name, _:
            return str(name)
    return None


def _left(event: Mapping[str, Any]) -> str:
    """The reason that stands for leaving what the email belonged to; the carrier repeats its category."""
    categories = event.get("category", ())
    return LEFT[next((kind for kind in (EmailKind.WORK, EmailKind.DIGEST) if kind.value in categories), EmailKind.ANNOUNCEMENT)]
