"""The security log: what somebody did is there, what strangers try is counted and bounded, and only operators read it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import access, clock, events, security_log, tokens
from campaigns.core.errors import Forbidden
from campaigns.core.permissions import Role
from campaigns.core.security_log import SecurityEntry, SecurityEventKind
from campaigns.core.throttle import Rate
from tests.factories import person, someone
from workers.housekeeping import outlived


def told(session: Session) -> list[tuple[str, int]]:
    rows = session.scalars(select(SecurityEntry).order_by(SecurityEntry.id))
    return [(entry.kind, entry.times) for entry in rows]


def test_a_sign_in_and_its_end_and_a_token_and_its_end_are_written_down(session: Session) -> None:
    ana = person(session, "Ana")
    secret = access.open_session(session, ana.person, place="203.0.113.7", agent="Firefox")
    access.close_session(session, secret)
    access.close_session(session, secret)
    token, _secret = tokens.issue_token(session, ana.person, "laptop", frozenset({"profile"}))
    tokens.revoke_token(session, token.id, by=ana)
    assert told(session) == [("signed_in", 1), ("signed_out", 1), ("token_made", 1), ("token_revoked", 1)]
    made = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == "token_made")).one()
    assert (made.person_id, made.detail) == (ana.person, f"laptop ({token.prefix}): profile")


def test_what_is_tried_again_within_an_hour_is_one_entry(session: Session) -> None:
    for place in ("203.0.113.7", "203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8::2"):
        security_log.count(session, SecurityEventKind.SIGN_IN_FAILED, place=place, detail="POST /sign-in/{secret}")
    assert told(session) == [("sign_in_failed", 2), ("sign_in_failed", 1), ("sign_in_failed", 2)]


def test_a_flood_leaves_one_entry_that_says_there_was_more(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_log, "FROM_ONE_NETWORK", Rate(burst=3, every=timedelta(minutes=1)))
    monkeypatch.setattr(security_log, "FROM_ALL", Rate(burst=5, every=timedelta(minutes=1)))
    for number in range(20):
        security_log.count(session, SecurityEventKind.LINK_ASKED, subject=f"{number}@example.org", place="203.0.113.7")
    for number in range(20):
        security_log.count(session, SecurityEventKind.LINK_ASKED, subject=f"{number}@example.org", place=f"198.51.100.{number}")
    assert told(session) == [*[("link_asked", 1)] * 3, ("unlisted", 1), *[("link_asked", 1)] * 2]


def test_a_stranger_who_asks_for_links_makes_the_systems_chain_no_longer(session: Session) -> None:
    before = session.scalar(select(func.count()).where(events.Event.chain_id == events.SYSTEM_CHAIN))
    access.ask_for_link(session, "new@example.org", place="203.0.113.7", at=clock.business_now(session))
    session.commit()
    assert session.scalar(select(func.count()).where(events.Event.chain_id == events.SYSTEM_CHAIN)) == before
    assert (events.chain_faults(session), told(session)) == ([], [("link_asked", 1)])


def test_it_is_read_by_operators_only_newest_first_and_by_kind(session: Session) -> None:
    ana, odile = person(session, "Ana"), someone(session, Role.OPERATOR)
    access.open_session(session, ana.person)
    security_log.count(session, SecurityEventKind.TOKEN_REFUSED, place="203.0.113.7")
    session.flush()
    found = security_log.entries(session, limit=10, by=odile)
    assert [(entry.kind, email is not None) for entry, email in found] == [("token_refused", False), ("signed_in", True)]
    older = security_log.entries(session, after=found[0][0].id, limit=10, by=odile)
    assert [entry.kind for entry, _email in older] == ["signed_in"]
    assert [entry.kind for entry, _email in security_log.entries(session, kind=SecurityEventKind.SIGNED_IN, by=odile)] == ["signed_in"]
    for other in (ana, someone(session, Role.FINANCE), someone(session, Role.MANAGER)):
        with pytest.raises(Forbidden):
            security_log.entries(session, by=other)


def test_an_entry_is_forgotten_after_ninety_days(session: Session) -> None:
    security_log.count(session, SecurityEventKind.SIGN_IN_FAILED)
    entry = session.scalars(select(SecurityEntry)).one()
    over = outlived(clock.process_now() - timedelta(days=7))[SecurityEntry]
    ages = {}
    for days in (89, 91):
        entry.at = clock.process_now() - timedelta(days=days)
        session.flush()
        ages[days] = session.scalar(select(func.count()).select_from(SecurityEntry).where(over))
    assert ages == {89: 0, 91: 1}
