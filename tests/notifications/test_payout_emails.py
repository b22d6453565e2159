"""Who gets which email of payout."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core.events import Event
from campaigns.payout.balances.models import BlockedPayout
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import dispose
from notifications.notification import EmailDraft
from notifications.registry import NOTIFICATIONS, notifications_of
from tests.campaigns.payout.sharing import AFTER, AT, assessed, computed, posted, proposed, said_by
from tests.factories import person


def fact_of(session: Session, name: str) -> Event:
    session.commit()
    return session.scalars(select(Event).where(Event.name == name).order_by(Event.number.desc()).limit(1)).one()


def emails(session: Session, name: str) -> dict[UUID, EmailDraft]:
    """The emails that the newest event of this name asks for, by recipient."""
    fact = fact_of(session, name)
    (notification,) = notifications_of(name)
    return {email.to: email for email in notification.build(session, fact)}


def told(found: dict[UUID, EmailDraft], param: str) -> dict[UUID, Any]:
    return {to: email.params[param] for to, email in found.items()}


def test_every_contributor_is_told_of_a_proposal_in_it_or_not(session: Session) -> None:
    shared, proposal = proposed(session, assembly="0.05")
    found = emails(session, "payout.proposed")
    assert told(found, "amount") == {
        shared.ana.person: 285_000, shared.ben.person: 665_000, shared.editor.person: 50_000, shared.left_out.person: 0,
    }  # fmt: skip
    assert {email.path for email in found.values()} == {f"/proposals/{proposal.id}"}
    assert (found[shared.ana.person].params["closes_at"], found[shared.ana.person].params["zone"]) == (AFTER, "America/Los_Angeles")


def test_an_email_about_a_proposal_that_a_newer_one_replaced_is_not_sent(session: Session) -> None:
    shared, _first = proposed(session)
    fact = fact_of(session, "payout.proposed")
    still_true = NOTIFICATIONS["proposal"].still_true
    assert still_true is not None
    assert still_true(session, fact)
    assessed(session, shared, points=9)
    computed(session, shared.deliverable)
    assert (still_true(session, fact), still_true(session, fact_of(session, "payout.proposed"))) == (False, True)


def test_whoever_commented_reads_the_answer_alone(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.left_out)
    dispose(session, made.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AT)
    found = emails(session, "payout.comment_answered")
    assert told(found, "disposition") == {shared.left_out.person: "declined"}
    assert session.get_one(Event, fact_of(session, "payout.comment_answered").id).reason == "It is not in it."


def test_everyone_is_told_what_is_on_their_account_once_it_is_posted(session: Session) -> None:
    shared, proposal = proposed(session)
    posted(session, proposal)
    assert told(emails(session, "payout.posted"), "amount") == {
        shared.ana.person: 300_000, shared.ben.person: 700_000, shared.left_out.person: 0,
    }  # fmt: skip


def test_a_payee_is_told_of_a_payment_and_of_why_there_is_none(session: Session) -> None:
    ana = person(session, "Ana")
    facts = {"person": str(ana.person), "amount": 5_000, "currency": "USD"}
    sent = Event(name="payout.sent", facts=facts)
    (email,) = NOTIFICATIONS["sent"].build(session, sent)
    assert (email.to, email.params) == (ana.person, {"amount": 5_000, "currency": "USD"})
    stuck = Event(name="payout.cannot_pay", facts=facts | {"code": "no_account", "country": "US", "minimum": 100})
    (email,) = NOTIFICATIONS["cannot_pay"].build(session, stuck)
    assert (email.path, email.params["stands"].sentence) == (
        "/payout/onboarding", "Set up payouts, and $50.00 will be paid in the next run.",
    )  # fmt: skip
    still_true = NOTIFICATIONS["cannot_pay"].still_true
    assert still_true is not None
    assert not still_true(session, stuck)
    session.add(BlockedPayout(person_id=ana.person, currency="USD", reason="no_account", since=AT))
    session.flush()
    assert still_true(session, stuck)
