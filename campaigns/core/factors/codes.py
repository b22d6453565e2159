"""Codes of an app (TOTP, RFC 6238): six figures that change every thirty seconds, each good once."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import clock, events
from campaigns.core.event_names import EventName
from campaigns.core.factors.models import CodeApp
from campaigns.core.factors.rules import AlreadyThere, WrongProof, counts_from, note_added, require_cooled, require_guarded
from campaigns.core.people import Actor, Person
from campaigns.core.sealing import Forged, SealPurpose, seal, unseal_old_app
from campaigns.core.words import _

STEP_SECONDS = 30
EARLY_OR_LATE = (0, -1, 1)


def code_app(session: Session, *, by: Actor) -> CodeApp | None:
    """The actor's app, confirmed or just begun."""
    return session.get(CodeApp, by.person, populate_existing=True)


def begin(session: Session, *, by: Actor, at: datetime) -> str:
    """Make a secret for the actor's app, in place of one that was never confirmed; returns the address that its picture carries."""
    require_guarded(session, by, at)
    begun = code_app(session, by=by)
    if begun is not None and begun.confirmed_at is not None:
        raise AlreadyThere(_("You already have an authenticator app; remove it before you add another."))
    fresh = {"sealed_secret": seal(SealPurpose.CODE_APP, pyotp.random_base32().encode()), "begun_at": clock.process_now()}
    session.execute(insert(CodeApp).values(person_id=by.person, **fresh).on_conflict_do_update(index_elements=["person_id"], set_=fresh))
    return address(session, by=by)


def address(session: Session, *, by: Actor) -> str:
    """The `otpauth:` address of the app that the actor has begun to add; raises WrongProof when there is none."""
    app = code_app(session, by=by)
    if app is None or app.confirmed_at is not None:
        raise WrongProof(_("There is no app to confirm; start again."))
    return _totp(app).provisioning_uri(name=session.get_one(Person, by.person).email, issuer_name="Callboard")


def key_in(address: str) -> str:
    """The secret in an `otpauth:` address, in groups of four, to be typed where no picture can be read."""
    (key,) = parse_qs(urlsplit(address).query)["secret"]
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))


def confirm(session: Session, code: str, *, by: Actor, at: datetime) -> CodeApp:
    """Add the app, once it has shown a right code; a first one proves who the actor is once it has cooled."""
    require_guarded(session, by, at)
    app = session.get(CodeApp, by.person, with_for_update=True, populate_existing=True)
    if app is None or app.confirmed_at is not None:
        raise WrongProof(_("There is no app to confirm; start again."), field="code")
    _spend(app, code)
    app.confirmed_at, app.counts_from = clock.process_now(), counts_from(by, at)
    note_added(session, "code_app", app.counts_from, by=by, at=at)
    return app


def use_code(session: Session, code: str, *, by: Actor, at: datetime) -> None:
    """Prove with a code of the app that it is the actor; raises WrongProof for a wrong or used one, StillCooling for a new app."""
    app = session.get(CodeApp, by.person, with_for_update=True, populate_existing=True)
    if app is None or app.confirmed_at is None:
        raise WrongProof(_("You have no authenticator app."), field="code")
    require_cooled(app.counts_from, at)
    _spend(app, code)


def remove_app(session: Session, *, by: Actor, at: datetime) -> None:
    """Forget the actor's app."""
    require_guarded(session, by, at)
    gone = session.execute(delete(CodeApp).where(CodeApp.person_id == by.person).returning(CodeApp.confirmed_at)).scalar()
    if gone is not None:
        events.record(session, EventName.ACCESS_FACTOR_REMOVED, by=by, at=at, person=str(by.person), kind="code_app")


def has_code_app(session: Session, person_id: UUID) -> bool:
    """Whether this person's app shows codes that count."""
    return session.scalar(select(CodeApp.confirmed_at).where(CodeApp.person_id == person_id)) is not None


def _spend(app: CodeApp, code: str) -> None:
    figures, now = "".join(code.split()), clock.process_now()
    present = int(now.timestamp()) // STEP_SECONDS
    fitting = [
        present + off for off in EARLY_OR_LATE if pyotp.utils.strings_equal(_totp(app).at(for_time=now, counter_offset=off), figures)
    ]
    if not fitting or fitting[0] <= app.last_step:
        raise WrongProof(_("This code is wrong or has already been used: wait for the next one in your app."), field="code")
    app.last_step = fitting[0]
    app.sealed_secret = seal(SealPurpose.CODE_APP, _totp(app).secret.encode())  # under the secret of today


def _totp(app: CodeApp) -> pyotp.TOTP:
    try:
        return pyotp.TOTP(unseal_old_app(app.sealed_secret).decode())
    except Forged:
        sentence = _("This app was added under a secret that this installation no longer has: ask its operator to let you add it again.")
        raise WrongProof(sentence, field="code") from None
