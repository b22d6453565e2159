"""A person's browsers, tokens and links: each is its own, and what ends one person's ends nobody else's."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.core import access, clock, tokens
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.errors import NotFound, NotSignedIn, ProofNeeded
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Person, Scope, actor_for, person_at
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.security_log import SecurityEntry, SecurityEventKind
from campaigns.core.settings import settings
from campaigns.core.throttle import Rate, TooMany
from campaigns.core.tokens import ApiToken
from tests.factories import NOW, new_campaign


@pytest.fixture
def ana(session: Session) -> UUID:
    return person_at(session, "ana@example.org").id


@pytest.fixture
def ben(session: Session) -> UUID:
    return person_at(session, "ben@example.org").id


def noted(session: Session, kind: SecurityEventKind) -> list[tuple[UUID | None, str, str]]:
    """Whose, where and what the security log says of this kind, in order."""
    found = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == kind.value).order_by(SecurityEntry.id))
    return [(entry.person_id, entry.place, entry.detail) for entry in found]


def browsers(session: Session, person_id: UUID) -> list[str]:
    """The hashes of the person's open browsers, in the order in which they are listed."""
    return [each.digest for each in access.sessions(session, by=actor_for(session, person_id))]


def is_proven(session: Session, secret: str) -> bool:
    session.expire_all()
    return access.actor_of_session(session, secret).is_proven


def test_a_browser_is_kept_with_what_it_calls_itself_and_where_it_is_as_far_as_there_is_room(session: Session, ana: UUID) -> None:
    access.open_session(session, ana, agent="a" * 301, place="p" * 65)
    access.open_session(session, ana, agent="Firefox", place="192.0.2.1")
    access.open_session(session, ana)
    session.flush()
    kept = session.execute(select(WebSession.agent, WebSession.place).order_by(WebSession.created_at)).all()
    assert [tuple(row) for row in kept] == [("a" * 300, "p" * 64), ("Firefox", "192.0.2.1"), (None, None)]
    by_link = [(ana, "p" * 64, f"link, {'a' * 194}"), (ana, "192.0.2.1", "link, Firefox"), (ana, "", "link")]
    assert noted(session, SecurityEventKind.SIGNED_IN) == by_link


def test_a_proof_in_one_browser_proves_nothing_in_another_and_makes_its_secret_a_new_one(session: Session, ana: UUID) -> None:
    first, second = access.open_session(session, ana), access.open_session(session, ana)
    fresh = access.prove_session(session, first, way="passkey", by=actor_for(session, ana))
    assert (is_proven(session, fresh), is_proven(session, second), fresh not in (first, second)) == (True, False, True)
    assert noted(session, SecurityEventKind.PROVEN) == [(ana, "", "passkey")]
    with pytest.raises(NotSignedIn):
        access.actor_of_session(session, first)


def test_nobody_proves_somebody_elses_browser(session: Session, ana: UUID, ben: UUID) -> None:
    of_ana = access.open_session(session, ana)
    session.flush()
    with pytest.raises(NotSignedIn):
        access.prove_session(session, of_ana, by=actor_for(session, ben))
    assert is_proven(session, of_ana) is False


def test_browsers_are_listed_from_the_newest_and_of_one_moment_by_their_hashes_backwards(session: Session, ana: UUID, ben: UUID) -> None:
    for whose in (ana, ana, ana, ben):
        access.open_session(session, whose)
    session.flush()
    moment = clock.process_now()
    session.execute(update(WebSession).values(created_at=moment))
    by = actor_for(session, ana)
    oldest = tokens.digest(access.open_session(session, ana))
    session.flush()
    session.execute(update(WebSession).where(WebSession.digest == oldest).values(created_at=moment - timedelta(seconds=1)))
    listed = browsers(session, ana)
    assert (listed, len(listed)) == ([*sorted(listed[:3], reverse=True), oldest], 4)
    behind = [[each.digest for each in access.sessions(session, by=by, after=(moment, digest), limit=2)] for digest in listed[:3]]
    assert behind == [listed[1:3], listed[2:4], listed[3:]]


def test_a_person_signs_out_one_browser_of_their_own_and_nobody_elses(session: Session, ana: UUID, ben: UUID) -> None:
    mine, other, of_ben = (tokens.digest(access.open_session(session, whose)) for whose in (ana, ana, ben))
    session.flush()
    with pytest.raises(NotFound):
        access.end_session(session, of_ben, by=actor_for(session, ana))
    assert noted(session, SecurityEventKind.SIGNED_OUT) == []
    access.end_session(session, mine, by=actor_for(session, ana))
    assert (browsers(session, ana), browsers(session, ben)) == ([other], [of_ben])
    assert noted(session, SecurityEventKind.SIGNED_OUT) == [(ana, "", "")]


def test_signing_out_is_noted_with_the_place_and_ends_that_browser_alone(session: Session, ana: UUID) -> None:
    mine, other = access.open_session(session, ana, place="192.0.2.1"), access.open_session(session, ana)
    session.flush()
    access.close_session(session, mine)
    access.close_session(session, "no such secret")
    assert (browsers(session, ana), noted(session, SecurityEventKind.SIGNED_OUT)) == ([tokens.digest(other)], [(ana, "192.0.2.1", "")])


def working(session: Session) -> list[str]:
    """The names of the tokens that are not revoked."""
    return list(session.scalars(select(ApiToken.name).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.name)))


def test_ending_the_other_browsers_ends_all_tokens_too_and_nothing_of_anybody_elses(session: Session, ana: UUID, ben: UUID) -> None:
    mine, _other, of_ben = (access.open_session(session, whose, place="192.0.2.1") for whose in (ana, ana, ben))
    for whose, name in ((ana, "mine"), (ben, "ben's")):
        tokens.issue_token(session, whose, name)
    session.flush()
    assert access.end_other_sessions(session, mine, by=actor_for(session, ana)) == 1
    assert (browsers(session, ana), browsers(session, ben)) == ([tokens.digest(mine)], [tokens.digest(of_ben)])
    assert (working(session), noted(session, SecurityEventKind.SIGNED_OUT)) == (["ben's"], [(ana, "192.0.2.1", "")])
    assert (access.end_other_sessions(session, None, by=actor_for(session, ana)), browsers(session, ana)) == (1, [])


def test_a_token_that_ended_before_keeps_the_moment_at_which_it_ended(session: Session, ana: UUID) -> None:
    token, _secret = tokens.issue_token(session, ana, "old")
    tokens.revoke_token(session, token.id, by=actor_for(session, ana))
    session.refresh(token)
    ended = token.revoked_at
    access.end_access(session, ana)
    session.refresh(token)
    assert (token.revoked_at, ended is not None) == (ended, True)


def test_ending_somebodys_access_ends_their_browsers_tokens_and_unused_links_and_nobody_elses(
    session: Session, ana: UUID, ben: UUID
) -> None:
    used = access.make_link(session, ana)
    access.use_link(session, used)
    links = {tokens.digest(access.make_link(session, whose)): whose for whose in (ana, ben)}
    for whose, name in ((ana, "mine"), (ben, "ben's")):
        access.open_session(session, whose)
        tokens.issue_token(session, whose, name)
    session.flush()
    access.end_access(session, ana)
    assert (browsers(session, ana), len(browsers(session, ben)), working(session)) == ([], 1, ["ben's"])
    left = set(session.scalars(select(SignInLink.digest)))
    assert left == {tokens.digest(used), *(digest for digest, whose in links.items() if whose == ben)}


def test_a_link_names_its_own_person_and_makes_them_known_once_it_is_used(session: Session, ana: UUID, ben: UUID) -> None:
    secrets = [access.make_link(session, whose) for whose in (ana, ben)]
    assert [access.link_address(session, secret) for secret in secrets] == ["ana@example.org", "ben@example.org"]
    assert [session.get_one(Person, whose).known_since for whose in (ana, ben)] == [None, None]
    assert access.use_link(session, secrets[1]) == ben
    session.expire_all()
    assert [session.get_one(Person, whose).known_since is None for whose in (ana, ben)] == [True, False]


def test_a_links_life_begins_when_its_email_is_handed_over_and_no_other_links_does(
    session: Session, ana: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, asked, other = clock.process_now(), new_id(), new_id()
    used, fresh, elsewhere = (access.make_link(session, ana, request_id=request) for request in (asked, asked, other))
    access.use_link(session, used)
    session.execute(update(SignInLink).values(expires_at=now))
    monkeypatch.setattr(clock, "process_now", lambda: now + timedelta(hours=1))
    access.begin_links(session, asked)
    session.expire_all()
    ends = [session.get_one(SignInLink, tokens.digest(secret)).expires_at - now for secret in (used, fresh, elsewhere)]
    assert ends == [timedelta(), timedelta(hours=1, minutes=15), timedelta()]


def test_a_browser_is_one_of_ours_by_its_secret_and_until_it_is_signed_out(session: Session, ana: UUID) -> None:
    secret = access.open_session(session, ana)
    session.flush()
    known = [access.is_session_known(session, each) for each in (secret, "no such secret")]
    session.execute(update(WebSession).values(expires_at=clock.process_now()))
    known.append(access.is_session_known(session, secret))
    access.close_session(session, secret)
    assert [*known, access.is_session_known(session, secret)] == [True, False, True, False]


def test_whoever_asks_for_a_link_is_noted_with_the_network_from_which_they_asked(session: Session, ana: UUID) -> None:
    access.ask_for_link(session, "ana@example.org", place="192.0.2.1", at=clock.process_now())
    access.ask_for_link(session, "ana@example.org", at=clock.process_now())
    assert noted(session, SecurityEventKind.LINK_ASKED) == [(ana, "192.0.2.1", ""), (ana, "", "")]


def test_who_sits_at_a_browser_has_all_their_roles_and_no_more(session: Session, ana: UUID) -> None:
    made, other = new_campaign(session), new_campaign(session)
    for on in (made.campaign.scope, other.campaign.scope):
        grant_role(session, ana, Role.LEADER, on=on, by=SYSTEM)
    grant_role(session, ana, Role.SIGNER, on=Scope(brand_id=new_campaign(session).brand.id), sign_off_role="legal", by=SYSTEM)
    secret = access.open_session(session, ana)
    session.flush()
    browser = session.get_one(WebSession, tokens.digest(secret))
    assert access.actor_of_session(session, secret) == actor_for(session, ana, came_by=browser.id)
    assert len(actor_for(session, ana).given_roles()) == 3


def test_an_address_and_a_place_ask_for_so_many_links_and_no_more(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        Rate(burst=5, every=timedelta(minutes=3)),
        Rate(burst=100, every=timedelta(seconds=6)),
    ) == (access.LINKS_TO_ONE_ADDRESS, access.LINKS_FROM_ONE_PLACE)
    monkeypatch.setattr(access, "LINKS_FROM_ONE_PLACE", Rate(burst=2, every=timedelta(seconds=6)))

    def is_let(email: str, place: str | None = None) -> bool:
        try:
            access.ask_for_link(session, email, place=place, at=clock.process_now())
        except TooMany:
            return False
        return True

    assert [is_let(f" {name}@Example.org ") for name in ("ana", "Ana", "ANA", "ana", "aNa", "ana", "ben")] == [True] * 5 + [False, True]
    assert [is_let(f"{n}@example.org", "192.0.2.1") for n in range(3)] == [True, True, False]
    assert is_let("other@example.org", "198.51.100.1") is True


def test_what_happens_to_a_token_is_noted_and_ends_no_other(session: Session, ana: UUID, ben: UUID) -> None:
    made = [tokens.issue_token(session, ana, name, frozenset({"open_call", "payout"}))[0] for name in ("one", "two")]
    tokens.revoke_token(session, made[0].id, by=actor_for(session, ana))
    assert working(session) == ["two"]
    assert noted(session, SecurityEventKind.TOKEN_MADE) == [(ana, "", f"{each.name} ({each.prefix}): open_call, payout") for each in made]
    assert noted(session, SecurityEventKind.TOKEN_REVOKED) == [(ana, "", f"one ({made[0].prefix})")]


def test_a_token_of_every_scope_passes_on_any_and_one_with_real_money_at_stake_takes_a_proof(
    session: Session, ana: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = actor_for(session, ana)
    assert tokens.create_token(session, "script", frozenset({"payout"}), by=by, at=NOW)[0].scopes == ["payout"]
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1234")
    settings.cache_clear()
    with pytest.raises(ProofNeeded):
        tokens.create_token(session, "script", frozenset({"payout"}), by=by, at=NOW)
    monkeypatch.undo()
    settings.cache_clear()
    assert working(session) == ["script"]
