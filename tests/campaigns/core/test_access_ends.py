"""What lets somebody in ends when it is said to end, to the moment."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.core import access, clock, tokens
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.errors import Forbidden, NotFound, NotSignedIn
from campaigns.core.people import Actor, Person, actor_for, person_at
from campaigns.core.tokens import ApiToken
from tests.factories import NOW

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def ana(session: Session) -> Person:
    return person_at(session, "ana@example.org")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The one moment at which all of a test happens."""
    moment = clock.process_now()
    monkeypatch.setattr(clock, "process_now", lambda: moment)
    return moment


def is_let_in(let_in: Callable[[Session, str], object], session: Session, secret: str) -> bool:
    session.flush()
    session.expire_all()
    try:
        let_in(session, secret)
    except NotSignedIn:
        return False
    return True


def by_token(session: Session, ana: Person) -> tuple[ApiToken, str]:
    token, secret = tokens.issue_token(session, ana.id, "script")
    return token, secret


def myself(session: Session, ana: Person) -> Actor:
    return actor_for(session, ana.id)


def test_a_token_works_until_it_ends_and_from_then_on_not(session: Session, ana: Person, now: datetime) -> None:
    token, secret = by_token(session, ana)
    seen = []
    for ends in (now + MOMENT, now):
        session.execute(update(ApiToken).values(expires_at=ends))
        lets_in = is_let_in(tokens.actor_of_token, session, secret)
        listed = [each.id for each in tokens.tokens(session, after=None, limit=9, by=myself(session, ana))]
        seen.append((lets_in, tokens.is_token_known(session, secret), listed))
    assert seen == [(True, True, [token.id]), (False, False, [])]


def test_a_token_that_nobody_made_to_last_ends_after_ninety_days(session: Session, ana: Person, now: datetime) -> None:
    token, _secret = by_token(session, ana)
    assert (token.created_at, token.expires_at) == (now, now + timedelta(days=90))


def test_a_revoked_token_is_neither_known_nor_listed_nor_revoked_again(session: Session, ana: Person) -> None:
    token, secret = by_token(session, ana)
    tokens.revoke_token(session, token.id, by=myself(session, ana))
    with pytest.raises(NotFound):
        tokens.revoke_token(session, token.id, by=myself(session, ana))
    assert tokens.is_token_known(session, secret) is False
    assert tokens.tokens(session, after=None, limit=9, by=myself(session, ana)) == []


@pytest.mark.parametrize(("ends", "lasts"), [("expires_at", timedelta()), ("last_seen_at", -access.SESSION_IDLE)])
def test_a_session_lets_in_until_it_ends_and_from_then_on_not(
    session: Session, ana: Person, now: datetime, ends: str, lasts: timedelta
) -> None:
    secret = access.open_session(session, ana.id)
    session.flush()
    seen = []
    for moment in (now + MOMENT, now):
        session.execute(update(WebSession).values({ends: moment + lasts}))
        listed = len(access.sessions(session, by=myself(session, ana)))
        seen.append((is_let_in(access.actor_of_session, session, secret), listed))
    assert seen == [(True, 1), (False, 0)]


def test_a_session_lasts_fourteen_days_and_twelve_idle_hours(session: Session, ana: Person, now: datetime) -> None:
    access.open_session(session, ana.id)
    session.flush()
    (browser,) = access.sessions(session, by=myself(session, ana))
    assert (browser.expires_at, access.SESSION_IDLE) == (now + timedelta(days=14), timedelta(hours=12))


def test_a_proof_counts_for_half_an_hour_and_then_no_more(session: Session, ana: Person, now: datetime) -> None:
    secret = access.open_session(session, ana.id, is_proven=True)
    session.flush()
    seen = []
    for ago in (timedelta(minutes=30) - MOMENT, timedelta(minutes=30)):
        session.execute(update(WebSession).values(proven_at=now - ago))
        session.expire_all()
        seen.append(access.actor_of_session(session, secret).is_proven)
    assert seen == [True, False]


def test_a_browser_that_proved_nothing_is_not_proven(session: Session, ana: Person) -> None:
    secret = access.open_session(session, ana.id)
    session.flush()
    assert access.actor_of_session(session, secret).is_proven is False


def test_a_link_is_good_for_fifteen_minutes_and_then_for_nothing(session: Session, ana: Person, now: datetime) -> None:
    secret = access.make_link(session, ana.id)
    session.flush()
    assert session.get_one(SignInLink, tokens.digest(secret)).expires_at == now + timedelta(minutes=15)
    seen = []
    for ends in (now, now + MOMENT):
        session.execute(update(SignInLink).values(expires_at=ends))
        seen.append((access.link_address(session, secret), is_let_in(access.use_link, session, secret)))
    assert seen == [(None, False), ("ana@example.org", True)]


def test_a_used_link_names_nobody_and_signs_nobody_in(session: Session, ana: Person) -> None:
    secret = access.make_link(session, ana.id)
    assert (access.link_address(session, secret), access.use_link(session, secret)) == ("ana@example.org", ana.id)
    assert (access.link_address(session, secret), is_let_in(access.use_link, session, secret)) == (None, False)


def test_a_persons_own_tokens_are_listed_from_the_newest_and_nobody_elses(session: Session, ana: Person) -> None:
    ben = person_at(session, "ben@example.org")
    made = [tokens.issue_token(session, ana.id, f"token {number}")[0].id for number in range(4)]
    of_ben = tokens.issue_token(session, ben.id, "ben's")[0].id
    by = myself(session, ana)
    listed = [each.id for each in tokens.tokens(session, after=None, limit=9, by=by)]
    behind = [each.id for each in tokens.tokens(session, after=listed[0], limit=2, by=by)]
    assert (listed, behind) == ([*reversed(made)], listed[1:3])
    assert [each.id for each in tokens.tokens(session, after=None, limit=9, by=myself(session, ben))] == [of_ben]


def test_the_use_of_a_token_is_noted_on_it_alone_and_once_a_minute(
    session: Session, ana: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (used, secret), (other, _secret) = by_token(session, ana), by_token(session, ana)
    seen = []
    for after in (timedelta(), timedelta(minutes=1), timedelta(minutes=1) + MOMENT):
        monkeypatch.setattr(clock, "process_now", lambda after=after: now + after)
        tokens.actor_of_token(session, secret)
        session.expire_all()
        seen.append((used.last_used_at - now if used.last_used_at else None, other.last_used_at))
    assert seen == [(timedelta(), None), (timedelta(), None), (timedelta(minutes=1) + MOMENT, None)]


def test_a_session_is_seen_on_that_browser_alone_and_once_a_minute(
    session: Session, ana: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [access.open_session(session, ana.id) for _time in range(2)]
    session.flush()
    browser, other = (session.get_one(WebSession, tokens.digest(secret)) for secret in secrets)
    seen = []
    for after in (timedelta(), timedelta(minutes=1), timedelta(minutes=1) + MOMENT):
        monkeypatch.setattr(clock, "process_now", lambda after=after: now + after)
        access.actor_of_session(session, secrets[0])
        session.expire_all()
        seen.append((browser.last_seen_at - now, other.last_seen_at - now))
    assert seen == [(timedelta(), timedelta())] * 2 + [(timedelta(minutes=1) + MOMENT, timedelta())]


def test_a_token_passes_on_all_that_it_has_and_not_a_scope_more(session: Session, ana: Person) -> None:
    by = actor_for(session, ana.id, frozenset({"open_call", "collaboration"}))
    made, _secret = tokens.create_token(session, "script", by.scopes, by=by, at=NOW)
    assert made.scopes == ["collaboration", "open_call"]
    with pytest.raises(Forbidden):
        tokens.create_token(session, "script", by.scopes | {"payout"}, by=by, at=NOW)
