"""Tokens: what they reach, who is told of them, and that none outlives what made it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from campaigns.core import access, clock, tokens
from campaigns.core.errors import Forbidden, Invalid, NotFound, NotSignedIn, ProofNeeded, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import Actor, actor_for
from campaigns.core.security_log import SecurityEntry, SecurityEventKind
from campaigns.core.settings import settings
from campaigns.core.tokens import ApiToken
from tests.factories import NOW, person
from workers.transactions import unit_of_work


@pytest.fixture
def real_money(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation with a live key."""
    with monkeypatch.context() as patch:
        patch.setenv("STRIPE_API_KEY", "sk_live_1234")
        settings.cache_clear()
        yield
    settings.cache_clear()


def contributions(session: Session, secret: str) -> bool:
    session.expire_all()
    try:
        tokens.actor_of_token(session, secret)
    except NotSignedIn:
        return False
    return True


def refused(kind: type[Refusal], deed: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        deed()
    return caught.value.message


def made_with(session: Session, secret: str, *scopes: str) -> str:
    """The secret of a token that was made with this one."""
    by = tokens.actor_of_token(session, secret)
    return tokens.create_token(session, "further", frozenset(scopes or "*"), by=by, at=NOW)[1]


def test_a_token_acts_for_its_person_within_its_scopes_until_it_is_revoked(session: Session) -> None:
    ana = person(session)
    token, secret = tokens.issue_token(session, ana.person, "script", frozenset({"open_call"}))
    actor = tokens.actor_of_token(session, secret)
    assert (actor.person_id, actor.scopes, actor.came_by) == (ana.person, frozenset({"open_call"}), token.id)
    tokens.revoke_token(session, token.id, by=actor)
    assert not contributions(session, secret)


def test_a_token_works_until_the_moment_at_which_it_ends_and_not_after(session: Session) -> None:
    ana = person(session)
    _token, secret = tokens.issue_token(session, ana.person, "script")
    assert (contributions(session, secret), tokens.is_token_known(session, secret)) == (True, True)
    session.execute(update(ApiToken).values(expires_at=clock.process_now()))
    assert (contributions(session, secret), tokens.is_token_known(session, secret)) == (False, False)
    assert tokens.tokens(session, after=None, limit=9, by=ana) == []


def test_a_token_cannot_make_one_with_wider_scopes(session: Session) -> None:
    narrow = actor_for(session, person(session).person, frozenset({"open_call"}))
    refused(Forbidden, lambda: tokens.create_token(session, "wider", frozenset({"payout"}), by=narrow, at=NOW))
    refused(Forbidden, lambda: tokens.create_token(session, "all", by=narrow, at=NOW))
    refused(Invalid, lambda: tokens.create_token(session, "none", frozenset(), by=narrow, at=NOW))
    assert session.scalar(select(func.count()).select_from(ApiToken)) == 0


def test_nobody_revokes_somebody_elses_token(session: Session) -> None:
    ana, ben = person(session, "Ana"), person(session, "Ben")
    token, secret = tokens.issue_token(session, ana.person, "script")
    refused(NotFound, lambda: tokens.revoke_token(session, token.id, by=ben))
    assert contributions(session, secret)


def test_a_token_ends_with_the_token_that_made_it_through_all_that_were_made_in_between(session: Session) -> None:
    ana = person(session)
    first, secret = tokens.issue_token(session, ana.person, "stolen")
    _other, beside = tokens.issue_token(session, ana.person, "beside")
    second = made_with(session, secret)
    third = made_with(session, second, "payout", "account")
    assert [contributions(session, each) for each in (secret, second, third, beside)] == [True] * 4
    tokens.revoke_token(session, first.id, by=ana)
    assert [contributions(session, each) for each in (secret, second, third, beside)] == [False, False, False, True]
    noted = session.scalars(select(SecurityEntry.detail).where(SecurityEntry.kind == SecurityEventKind.TOKEN_REVOKED.value))
    assert sorted(detail.partition(" ")[0] for detail in noted) == ["further", "further", "stolen"]


def test_a_token_that_works_makes_no_other_secret_known(session: Session) -> None:
    secrets = [tokens.issue_token(session, person(session).person, "script")[1] for _person in range(2)]
    made_up = secrets[0][:-1] + ("a" if secrets[0][-1] != "a" else "b")
    assert [tokens.is_token_known(session, secret) for secret in (*secrets, made_up, "")] == [True, True, False, False]


def test_a_token_that_was_revoked_since_it_was_looked_at_makes_none(session: Session) -> None:
    token, secret = tokens.issue_token(session, person(session).person, "stolen")
    by = tokens.actor_of_token(session, secret)
    session.execute(text("update api_token set revoked_at = clock_timestamp() where id = :id"), {"id": token.id})
    assert token.revoked_at is None
    assert refused(NotSignedIn, lambda: tokens.create_token(session, "further", by=by, at=NOW))


def test_a_token_ends_no_later_than_the_token_that_made_it(session: Session) -> None:
    ana = person(session)
    parent, secret = tokens.issue_token(session, ana.person, "stolen", no_later=clock.process_now() + timedelta(days=3))
    child, _secret = tokens.create_token(session, "further", by=tokens.actor_of_token(session, secret), at=NOW)
    assert child.expires_at == parent.expires_at < clock.process_now() + timedelta(days=3)


def test_a_token_ends_with_the_browser_in_which_it_was_made_once_its_owner_signs_that_one_out_from_another(session: Session) -> None:
    ana = person(session)
    theirs, hers = access.open_session(session, ana.person), access.open_session(session, ana.person)
    made = [tokens.create_token(session, "t", by=access.actor_of_session(session, each), at=NOW)[1] for each in (theirs, hers)]
    further = made_with(session, made[0])
    access.end_session(session, tokens.digest(theirs), by=ana)
    assert [contributions(session, each) for each in (*made, further)] == [False, True, False]


def test_a_token_that_is_made_while_its_browser_is_ended_ends_with_it(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = person(session)
        browser = access.open_session(session, ana.person)
    is_making, may_end = Event(), Event()

    def make() -> str:
        with unit_of_work() as session:
            secret = tokens.create_token(session, "script", by=access.actor_of_session(session, browser), at=NOW)[1]
            is_making.set()
            may_end.wait(20)
            return secret

    def end() -> None:
        is_making.wait(20)
        with unit_of_work() as session:
            may_end.set()  # whoever ends now waits for whoever makes
            access.end_other_sessions(session, None, by=ana)

    with ThreadPoolExecutor(2) as both:
        making, ending = both.submit(make), both.submit(end)
        secret, _done = making.result(30), ending.result(30)
    with unit_of_work() as session:
        assert not contributions(session, secret)


def test_a_browser_that_was_ended_meanwhile_makes_no_token(session: Session) -> None:
    ana = person(session)
    browser = access.open_session(session, ana.person)
    by = access.actor_of_session(session, browser)
    access.end_session(session, tokens.digest(browser), by=ana)
    refused(NotSignedIn, lambda: tokens.create_token(session, "script", by=by, at=NOW))


def test_a_token_outlives_a_sign_out_of_the_browser_in_which_it_was_made(session: Session) -> None:
    ana = person(session)
    browser = access.open_session(session, ana.person)
    secret = tokens.create_token(session, "script", by=access.actor_of_session(session, browser), at=NOW)[1]
    access.close_session(session, browser)
    assert contributions(session, secret)


def test_a_token_that_was_made_in_a_browser_ends_with_it_although_its_person_proved_themselves_meanwhile(session: Session) -> None:
    ana = person(session)
    browser = access.open_session(session, ana.person)
    secret = tokens.create_token(session, "script", by=access.actor_of_session(session, browser), at=NOW)[1]
    proven = access.prove_session(session, browser, by=ana)
    access.end_session(session, tokens.digest(proven), by=ana)
    assert not contributions(session, secret)


def test_a_new_token_is_recorded_with_what_it_reaches_and_no_secret(session: Session) -> None:
    ana = person(session)
    token, secret = tokens.create_token(session, "script", frozenset({"payout"}), by=ana, at=NOW)
    (fact,) = recorded(session, EventName.ACCESS_TOKEN_CREATED)
    told = {"token": "script", "prefix": token.prefix, "scopes": ["payout"], "ends": token.expires_at.isoformat()}
    assert (fact.facts, secret in str(fact.facts)) == ({"person": str(ana.person)} | told, False)


def test_where_money_is_real_a_token_takes_a_proof(session: Session, real_money: None) -> None:
    ana = person(session)
    refused(ProofNeeded, lambda: tokens.create_token(session, "script", by=ana, at=NOW))
    assert tokens.create_token(session, "script", by=replace(ana, is_proven=True), at=NOW)[0].name == "script"


def test_a_token_that_is_made_while_its_maker_is_revoked_ends_with_it(fresh_database: str) -> None:
    with unit_of_work() as session:
        ana = person(session)
        parent, secret = tokens.issue_token(session, ana.person, "stolen")
    is_making, may_end = Event(), Event()

    def make() -> str:
        with unit_of_work() as session:
            further = made_with(session, secret)
            is_making.set()
            may_end.wait(20)
            return further

    def revoke(by: Actor) -> None:
        is_making.wait(20)
        with unit_of_work() as session:
            may_end.set()  # whoever revokes now waits for whoever makes
            tokens.revoke_token(session, parent.id, by=by)

    with ThreadPoolExecutor(2) as both:
        making, revoking = both.submit(make), both.submit(revoke, ana)
        further, _done = making.result(30), revoking.result(30)
    with unit_of_work() as session:
        assert (contributions(session, secret), contributions(session, further)) == (False, False)
