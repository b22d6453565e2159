"""Passkeys (WebAuthn): added by someone signed in, and then a way to sign in and to prove that it is them."""

import json
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from campaigns.core import clock, events
from campaigns.core.errors import NotFound
from campaigns.core.event_names import EventName
from campaigns.core.factors.models import Passkey, PasskeyChallenge
from campaigns.core.factors.rules import WrongProof, counts_from, note_added, require_guarded
from campaigns.core.people import Actor, Person
from campaigns.core.settings import settings
from campaigns.core.words import _

CHALLENGE_LIFE = timedelta(minutes=5)
ALWAYS = UserVerificationRequirement.REQUIRED


def passkeys(session: Session, *, by: Actor) -> Sequence[Passkey]:
    """The actor's own passkeys, newest first."""
    return session.scalars(select(Passkey).where(Passkey.person_id == by.person).order_by(Passkey.id.desc())).all()


def creation_options(session: Session, *, by: Actor, at: datetime) -> str:
    """What the actor's browser is asked, to make a passkey; JSON."""
    require_guarded(session, by, at)
    person = session.get_one(Person, by.person)
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="Callboard",
        user_id=person.id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=ALWAYS),
        exclude_credentials=[_named(key) for key in passkeys(session, by=by)],
    )
    _keep(session, options.challenge, by.person)
    return webauthn.options_to_json(options)


def add_passkey(session: Session, answer: str, name: str, *, by: Actor, at: datetime) -> Passkey:
    """Keep the passkey that the actor's browser has made; raises WrongProof when the answer is not to a question of ours."""
    require_guarded(session, by, at)
    challenge = _take(session, answer, by.person)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except WebAuthnException as fault:
        raise _wrong() from fault
    key = Passkey(
        person_id=by.person, name=name.strip() or _("Passkey"), credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key, sign_count=made.sign_count, made_at=clock.process_now(),
        counts_from=counts_from(by, at),
    )  # fmt: skip
    session.add(key)
    session.flush()
    note_added(session, "passkey", counts_from(by, at), by=by, at=at)
    return key


def request_options(session: Session, person_id: UUID | None = None) -> str:
    """What a browser is asked, to use a passkey of this person's, or of anyone's who signs in; JSON."""
    own = session.scalars(select(Passkey).where(Passkey.person_id == person_id)).all() if person_id else []
    options = webauthn.generate_authentication_options(
        rp_id=_host(), user_verification=ALWAYS, allow_credentials=[_named(key) for key in own]
    )
    _keep(session, options.challenge, person_id)
    return webauthn.options_to_json(options)


def use_passkey(session: Session, answer: str, person_id: UUID | None = None) -> Passkey:
    """The passkey that has answered; raises WrongProof for an unknown one, a wrong answer, or one of somebody other than `person_id`."""
    challenge = _take(session, answer, person_id)
    key = session.scalar(select(Passkey).where(Passkey.credential_id == str(_read(answer).get("id"))).with_for_update())
    if key is None or person_id not in (None, key.person_id):
        raise _wrong()
    try:
        used = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=_host(), expected_origin=_origin(),
            credential_public_key=key.public_key, credential_current_sign_count=key.sign_count, require_user_verification=True,
        )  # fmt: skip
    except WebAuthnException as fault:
        raise _wrong() from fault
    key.sign_count, key.last_used_at = used.new_sign_count, clock.process_now()
    return key


def remove_passkey(session: Session, passkey_id: UUID, *, by: Actor, at: datetime) -> None:
    """Forget one of the actor's own passkeys; raises NotFound for anyone else's."""
    require_guarded(session, by, at)
    own = (Passkey.id == passkey_id, Passkey.person_id == by.person)
    if session.execute(delete(Passkey).where(*own).returning(Passkey.id)).scalar() is None:
        raise NotFound(_("There is no such passkey."))
    events.record(session, EventName.ACCESS_FACTOR_REMOVED, by=by, at=at, person=str(by.person), kind="passkey")


def _keep(session: Session, challenge: bytes, person_id: UUID | None) -> None:
    ends = clock.process_now() + CHALLENGE_LIFE
    session.add(PasskeyChallenge(challenge=bytes_to_base64url(challenge), person_id=person_id, expires_at=ends))


def _take(session: Session, answer: str, person_id: UUID | None) -> bytes:
    """The question of ours that is answered, which nobody can answer again."""
    try:
        told = json.loads(base64url_to_bytes(_read(answer)["response"]["clientDataJSON"]))
        asked = str(told["challenge"])
    except (ValueError, KeyError, TypeError, NotBase64) as fault:
        raise _wrong() from fault
    fresh = (PasskeyChallenge.challenge == asked, PasskeyChallenge.expires_at > clock.process_now())
    same = PasskeyChallenge.person_id.is_not_distinct_from(person_id)
    if session.execute(delete(PasskeyChallenge).where(*fresh, same).returning(PasskeyChallenge.challenge)).scalar() is None:
        raise WrongProof(_("That took too long or has already been done; try again."))
    return base64url_to_bytes(asked)


def _read(answer: str) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except ValueError as fault:
        raise _wrong() from fault
    if not isinstance(told, dict):
        raise _wrong()
    return told


def _wrong() -> WrongProof:
    return WrongProof(_("This passkey could not be verified; try again, or use another way to sign in."))


def _named(key: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id))


def _host() -> str:
    return str(urlsplit(settings().public_url).hostname)


def _origin() -> str:
    own = urlsplit(settings().public_url)
    return f"{own.scheme}://{own.netloc}"
