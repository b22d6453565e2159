"""What proves that a person is who their mail says, and what it is needed for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import access, clock, tokens
from campaigns.core.errors import Forbidden, NotFound, NotSignedIn, ProofNeeded, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.factors import codes, passkeys
from campaigns.core.factors.losing import forget_factors
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.factors.rules import AlreadyThere, StillCooling, WrongProof, has_factor
from campaigns.core.people import SYSTEM, Actor, Person, actor_for
from campaigns.core.permissions import ASKS_FOR_PROOF, Permission, Role
from campaigns.core.role_grants import grant_role
from campaigns.core.settings import settings
from tests.authenticator import Device
from tests.factories import NOW, person, someone

COOLED = NOW + timedelta(hours=72)
MOMENT = datetime(2026, 11, 2, 9, 0, 5, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets process time to so many seconds after MOMENT."""

    def later(seconds: float) -> None:
        monkeypatch.setattr(clock, "process_now", lambda: MOMENT + timedelta(seconds=seconds))

    later(0)
    return later


@pytest.fixture
def real_money(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation with a live key."""
    with monkeypatch.context() as patch:
        patch.setenv("STRIPE_API_KEY", "sk_live_1234")
        settings.cache_clear()
        yield
    settings.cache_clear()


def app_of(session: Session, by: Actor) -> pyotp.TOTP:
    """The app that the person has just begun to add."""
    return pyotp.parse_uri(codes.begin(session, by=by, at=NOW))  # type: ignore[return-value]  # it is a TOTP by its address


def shown(app: pyotp.TOTP, seconds: int = 0) -> str:
    """What the app shows so many seconds after MOMENT."""
    return app.at(for_time=MOMENT + timedelta(seconds=seconds))


def refused(kind: type[Refusal], deed: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        deed()
    return caught.value.message


def test_an_app_counts_only_once_it_has_shown_a_right_code(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    app = app_of(session, ana)
    wrong = f"{(int(shown(app)) + 1) % 1_000_000:06}"
    refused(WrongProof, lambda: codes.confirm(session, wrong, by=ana, at=NOW))
    assert not has_factor(session, ana.person, COOLED)
    codes.confirm(session, shown(app), by=ana, at=NOW)
    assert has_factor(session, ana.person, COOLED)
    assert [fact.facts for fact in recorded(session, EventName.ACCESS_FACTOR_ADDED)] == [
        {"person": str(ana.person), "kind": "code_app", "counts_from": COOLED.isoformat()}
    ]


def test_a_code_is_good_once_and_for_half_a_minute_early_or_late(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    app = app_of(session, ana)
    codes.confirm(session, shown(app), by=ana, at=NOW)
    refused(WrongProof, lambda: codes.use_code(session, shown(app), by=ana, at=COOLED))
    at(30)
    refused(WrongProof, lambda: codes.use_code(session, shown(app), by=ana, at=COOLED))
    spaced = f"{shown(app, 30)[:3]} {shown(app, 30)[3:]}"
    codes.use_code(session, spaced, by=ana, at=COOLED)
    at(120)
    refused(WrongProof, lambda: codes.use_code(session, shown(app, 60), by=ana, at=COOLED))
    codes.use_code(session, shown(app, 90), by=ana, at=COOLED)
    refused(WrongProof, lambda: codes.use_code(session, shown(app, 60), by=ana, at=COOLED))
    codes.use_code(session, shown(app, 150), by=ana, at=COOLED)


def test_the_database_alone_shows_no_code(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    app = app_of(session, ana)
    kept = session.get_one(CodeApp, ana.person)
    assert app.secret not in kept.sealed_secret


def test_a_second_app_is_added_only_once_the_first_is_gone(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    app = app_of(session, ana)
    codes.confirm(session, shown(app), by=ana, at=NOW)
    proven = replace(ana, is_proven=True)
    refused(AlreadyThere, lambda: codes.begin(session, by=proven, at=NOW))
    codes.remove_app(session, by=proven, at=NOW)
    codes.begin(session, by=ana, at=NOW)


def test_who_has_something_to_prove_themselves_with_changes_it_only_after_proving(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    codes.confirm(session, shown(app_of(session, ana)), by=ana, at=NOW)
    key = Passkey(person_id=ana.person, name="phone", credential_id="x", public_key=b"x", sign_count=0, made_at=NOW)
    session.add(key)
    session.flush()
    for deed in (
        lambda: codes.remove_app(session, by=ana, at=COOLED),
        lambda: codes.begin(session, by=ana, at=COOLED),
        lambda: passkeys.creation_options(session, by=ana, at=COOLED),
        lambda: passkeys.remove_passkey(session, key.id, by=ana, at=COOLED),
    ):
        refused(ProofNeeded, deed)
    assert (session.scalar(select(func.count()).select_from(Passkey)), codes.has_code_app(session, ana.person)) == (1, True)


def test_a_first_factor_proves_nothing_and_guards_nothing_before_it_has_cooled(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    app = app_of(session, ana)
    codes.confirm(session, shown(app), by=ana, at=NOW)
    at(60)
    early = COOLED - timedelta(seconds=1)
    assert "05 November 2026, 09:00 UTC" in refused(StillCooling, lambda: codes.use_code(session, shown(app, 60), by=ana, at=early))
    assert not has_factor(session, ana.person, early)
    codes.use_code(session, shown(app, 60), by=ana, at=COOLED)
    codes.remove_app(session, by=ana, at=early)


def test_a_factor_beside_one_with_which_one_has_just_proven_oneself_counts_at_once(session: Session) -> None:
    ana, device = replace(person(session), is_proven=True), Device()
    key = passkeys.add_passkey(session, device.create(passkeys.creation_options(session, by=ana, at=NOW)), "", by=ana, at=NOW)
    assert (key.counts_from, has_factor(session, ana.person, NOW)) == (NOW, True)


def test_a_passkey_lets_its_owner_in_and_nobody_else(session: Session) -> None:
    ana, ben, device = person(session, "Ana"), person(session, "Ben"), Device()
    passkeys.add_passkey(session, device.create(passkeys.creation_options(session, by=ana, at=NOW)), "", by=ana, at=NOW)
    (kept,) = passkeys.passkeys(session, by=ana)
    assert (kept.name, kept.sign_count, passkeys.passkeys(session, by=ben)) == ("Passkey", 0, [])
    assert passkeys.use_passkey(session, device.get(passkeys.request_options(session))).person_id == ana.person
    assert kept.sign_count == 1
    question = passkeys.request_options(session, ben.person)
    refused(WrongProof, lambda: passkeys.use_passkey(session, device.get(question), ben.person))


def test_an_answer_counts_once_in_time_and_from_whom_it_was_asked(session: Session, at: Callable[[float], None]) -> None:
    ana, ben, device = person(session, "Ana"), person(session, "Ben"), Device()
    passkeys.add_passkey(session, device.create(passkeys.creation_options(session, by=ana, at=NOW)), "phone", by=ana, at=NOW)
    answer = device.get(passkeys.request_options(session, ana.person))
    passkeys.use_passkey(session, answer, ana.person)
    refused(WrongProof, lambda: passkeys.use_passkey(session, answer, ana.person))
    late = device.get(passkeys.request_options(session))
    at(301)
    refused(WrongProof, lambda: passkeys.use_passkey(session, late))
    refused(WrongProof, lambda: passkeys.add_passkey(session, Device().create(passkeys.request_options(session)), "", by=ben, at=NOW))
    assert passkeys.passkeys(session, by=ben) == []


def test_a_device_that_asks_for_neither_finger_nor_pin_is_refused(session: Session) -> None:
    ana = person(session)
    question = passkeys.creation_options(session, by=ana, at=NOW)
    refused(WrongProof, lambda: passkeys.add_passkey(session, Device(verifies=False).create(question), "", by=ana, at=NOW))


@pytest.mark.parametrize(
    "answer", ["", "[]", "{}", '{"id": 1, "response": {"clientDataJSON": "!"}}', '{"response": {"clientDataJSON": "e30"}}']
)
def test_what_is_no_answer_at_all_is_refused(session: Session, answer: str) -> None:
    refused(WrongProof, lambda: passkeys.use_passkey(session, answer))


def test_while_payments_are_played_money_is_approved_without_a_proof(session: Session) -> None:
    someone(session, Role.FINANCE).require(Permission.RELEASE_RUN)


def test_real_money_is_approved_and_roles_are_given_only_by_whoever_has_proven_themselves(session: Session, real_money: None) -> None:
    finance, artist = someone(session, Role.FINANCE), person(session)
    for role in (Role.MANAGER, Role.OPERATOR):
        grant_role(session, finance.person, role, by=SYSTEM)
    finance = actor_for(session, finance.person)
    assert Permission.APPOINT_FOR_BRAND in ASKS_FOR_PROOF  # nobody of the staff has it, anywhere
    for permission in ASKS_FOR_PROOF - {Permission.APPOINT_FOR_BRAND}:
        refused(ProofNeeded, partial(finance.require, permission))
        replace(finance, is_proven=True).require(permission)
        SYSTEM.require(permission)
        assert "role" in refused(Forbidden, partial(replace(artist, is_proven=True).require, permission))
    finance.require(Permission.VIEW_MONEY)


def test_a_proof_holds_for_half_an_hour_under_a_new_secret(session: Session, at: Callable[[float], None]) -> None:
    ana = person(session)
    old = access.open_session(session, ana.person)
    assert not access.actor_of_session(session, old).is_proven
    new = access.prove_session(session, old, by=ana)
    refused(NotSignedIn, lambda: access.actor_of_session(session, old))
    assert access.actor_of_session(session, new).is_proven
    at(31 * 60)
    assert not access.actor_of_session(session, new).is_proven


def test_nobody_proves_the_session_of_somebody_else(session: Session) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    secret = access.open_session(session, ana.person)
    refused(NotSignedIn, lambda: access.prove_session(session, secret, by=ben))
    assert not access.actor_of_session(session, secret).is_proven


def test_one_ends_ones_own_sessions_one_by_one_or_all_but_this(session: Session, at: Callable[[float], None]) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    opened = []
    for seconds in (0, 1, 2):
        at(seconds)
        opened.append(access.open_session(session, ana.person, agent="Firefox", place="192.0.2.1"))
    others = access.open_session(session, ben.person)
    newest_first = [tokens.digest(secret) for secret in reversed(opened)]
    assert [each.digest for each in access.sessions(session, by=ana)] == newest_first
    refused(NotFound, lambda: access.end_session(session, tokens.digest(others), by=ana))
    access.end_session(session, tokens.digest(opened[0]), by=ana)
    assert access.end_other_sessions(session, opened[1], by=ana) == 1
    assert [each.digest for each in access.sessions(session, by=ana)] == [tokens.digest(opened[1])]
    assert access.actor_of_session(session, others).person == ben.person


def test_for_someone_locked_out_every_factor_browser_token_and_link_ends(session: Session, at: Callable[[float], None]) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    codes.confirm(session, shown(app_of(session, ana)), by=ana, at=NOW)
    proven = replace(ana, is_proven=True)
    passkeys.add_passkey(session, Device().create(passkeys.creation_options(session, by=proven, at=NOW)), "", by=proven, at=NOW)
    hers, his = access.open_session(session, ana.person), access.open_session(session, ben.person)
    token, link = tokens.issue_token(session, ana.person, "laptop")[1], access.make_link(session, ana.person)
    email = session.get_one(Person, ana.person).email
    refused(Forbidden, lambda: forget_factors(session, email, by=ben, at=NOW))
    forget_factors(session, email.upper(), by=SYSTEM, at=NOW)
    assert not has_factor(session, ana.person, COOLED)
    refused(NotSignedIn, lambda: access.actor_of_session(session, hers))
    refused(NotSignedIn, lambda: tokens.actor_of_token(session, token))
    refused(NotSignedIn, lambda: access.use_link(session, link))
    assert access.actor_of_session(session, his).person == ben.person
    assert [fact.facts["kind"] for fact in recorded(session, EventName.ACCESS_FACTOR_REMOVED)] == ["passkey", "code_app"]
    refused(NotFound, lambda: forget_factors(session, "nobody@example.org", by=SYSTEM, at=NOW))
