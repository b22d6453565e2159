"""A campaign in each of its states, with everyone in it who brought it there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.brief.funding.actions import ask_invoice, record_receipt
from campaigns.client_delivery.annotations.actions import annotate
from campaigns.client_delivery.models import Component, Verdict, Version, Weight
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import approve_internally, decide
from campaigns.core import clock
from campaigns.core.administrators import ask_administrator
from campaigns.core.campaign import Deliverable
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.assignments.queries import desk
from campaigns.curation.queries import contributions_taking_part
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.rubrics.actions import rubric
from campaigns.curation.selections.actions import select_for
from campaigns.open_call.call.actions import publish_contributions
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Maker
from campaigns.open_call.questions import actions as question_actions
from campaigns.payout.proposals.actions import comment
from campaigns.payout.queries import standing_proposal
from tests.called_off import call_off, settle_what_is_due
from tests.everyone import cast, do
from tests.factories import DELIVERABLES, READER, Partnership, Wanteds, filled_brief, funded_brief, opened_call
from tests.leaks.carrying import carry, earn, pause_sending, send_in, version, work_on
from tests.leaks.people import Company, with_everyone
from tests.leaks.world import (
    AGAIN,
    BRIEF,
    CALL,
    DESK,
    DONE,
    FEES,
    FINAL,
    GONE,
    HALT,
    JOIN,
    OVER,
    PAY,
    READY,
    ROOM,
    TITLES,
    UNSHOWN,
    WINDOW,
    World,
)
from tests.questioned import questioned
from tests.samples import picture
from workers.transactions import unit_of_work


def _done(world: World, _folder: Path) -> Company:
    """Everyone was paid."""
    company = _opened(DONE)
    send_in(world, company)
    carry(company.all_)
    return company


def _pay(world: World, _folder: Path) -> Company:
    """Cut, noted, decided, shared out and spoken about; a run is being sent, one is to be released."""
    company = _opened(PAY)
    all_ = company.all_
    send_in(world, company, others=world.staff.between.values())
    carry(all_, "no_version")
    with unit_of_work() as session:
        [deliverable] = all_.deliverables(session)
        version(session, all_, deliverable)
    carry(all_, "decision")
    with unit_of_work() as session:
        version_id, now = (
            session.scalars(select(Version.id).where(Version.deliverable_id == deliverable.id)).one(),
            clock.business_now(session),
        )
        annotate(session, version_id, "Warmer lanterns.", Weight.WISH, by=company.who("approver"), at=now)
    carry(all_, "comments_unanswered", "window_open", "finalization")
    with unit_of_work() as session:
        now = clock.business_now(session)
        proposal = standing_proposal(session, deliverable.id)
        assert proposal is not None
        comment(session, proposal.id, None, "My song led to it.", "It was first in the call.", by=all_.other_artist, at=now)
        lifecycle.pause(session, all_.made.id, "The brand thinks it over.", by=all_.manager, at=now)
        lifecycle.resume(session, all_.made.id, by=all_.manager, at=now)
    earn(all_)
    with unit_of_work() as session:
        questioned(session, all_.made, clock.business_now(session))
    return company


def _desk(world: World, folder: Path) -> Company:
    """Contributions on a curator's desk, among them a picture that names its maker; one review is written, and one contribution is meant to
    be chosen."""
    company = _opened(DESK)
    with unit_of_work() as session:
        for who, role in (("curator-artist", Role.CURATOR), ("manager-artist", Role.MANAGER)):
            grant_role(session, world.staff.between[who].person, role, on=company.all_.made.campaign.scope, by=SYSTEM)
    send_in(world, company, picture(folder))
    carry(company.all_, "reviews_outstanding")
    with unit_of_work() as session:
        curator, now = company.all_.curator, clock.business_now(session)
        scores = {criterion.name: 4 for criterion in rubric(session, company.id)}
        submit_review(session, desk(session, by=curator)[0].assignment.id, scores, "It has a voice.", by=curator, at=now)
        [deliverable], meant = company.all_.deliverables(session), max(contributions_taking_part(session, company.id))
        select_for(session, deliverable.id, meant, True, "We mean to take it.", by=company.all_.manager, at=now)
    return company


def _window(world: World, _folder: Path) -> Company:
    """A proposal that is open to comments, and another deliverable that waits for its points."""
    company = _opened(WINDOW, (READER, READER), is_quick=True)
    all_ = company.all_
    send_in(world, company)
    carry(all_, "points_unassessed")
    with unit_of_work() as session:
        first = all_.deliverables(session)[0]
        do(session, all_, first, all_.waits(session)[first.id][0])
    work_on(all_)
    return company


def _room(world: World, _folder: Path) -> Company:
    """A version that the brand is to decide on, and another deliverable's that it was not shown yet."""
    company = _opened(ROOM, (READER, READER), is_quick=True)
    all_ = company.all_
    send_in(world, company)
    carry(all_, "no_version")
    with unit_of_work() as session:
        shown, unshown = all_.deliverables(session)
        shown_id = version(session, all_, shown)
        world.pen.whose = UNSHOWN
        version(session, all_, unshown)
        world.pen.whose = ROOM
    work_on(all_)
    with unit_of_work() as session:
        approve_internally(session, shown_id, by=all_.manager, at=clock.business_now(session))
    return company


def _again(world: World, _folder: Path) -> Company:
    """A version of which the brand wants another."""
    company = _shown(world, AGAIN)
    with unit_of_work() as session:
        now, made = clock.business_now(session), _version(session, company)
        said = find_version_details(session, made.id, by=company.all_.approver)
        words = "Warmer, please."
        decide(session, made.id, Verdict.CHANGES, made.sha256, said.parts_sha256, words, by=company.all_.approver, at=now)
    return company


def _gone(world: World, _folder: Path) -> Company:
    """A version that was shown to the brand before a contribution in it was taken back."""
    company = _shown(world, GONE)
    with unit_of_work() as session:
        artist, in_it = company.all_.artist, Component.version_id == _version(session, company).id
        contributions = select(Component.contribution_id).join(Maker, Maker.contribution_id == Component.contribution_id).where(in_it)
        theirs = contributions.where(Maker.person_id == artist.person).order_by(Component.contribution_id).limit(1)
        withdraw(session, session.scalars(theirs).one(), by=artist, at=clock.business_now(session))
    return company


def _shown(world: World, place: str) -> Company:
    """A version that the brand is to decide on."""
    company = _opened(place, is_quick=True)
    all_ = company.all_
    send_in(world, company)
    carry(all_, "no_version")
    with unit_of_work() as session:
        [deliverable] = all_.deliverables(session)
        version_id = version(session, all_, deliverable)
    work_on(all_)
    with unit_of_work() as session:
        approve_internally(session, version_id, by=all_.manager, at=clock.business_now(session))
    return company


def _version(session: Session, company: Company) -> Version:
    return session.scalars(
        select(Version).join(Deliverable, Deliverable.id == Version.deliverable_id).where(Deliverable.campaign_id == company.id)
    ).one()


def _final(world: World, _folder: Path) -> Company:
    """A proposal that may be made final, contributions that anybody may look at, a paused run, an administrator to be confirmed."""
    company = _opened(FINAL)
    all_ = company.all_
    send_in(world, company)
    carry(all_, "finalization")
    with unit_of_work() as session:
        now = clock.business_now(session)
        publish_contributions(session, company.id, by=all_.manager, at=now)
        ask_administrator(session, all_.made.brand.id, "nell@example.org", "Nell", by=all_.manager, at=now)
    pause_sending(all_)
    return company


def _fees(world: World, _folder: Path) -> Company:
    """Called off while its version was being made: who was chosen is offered a kill fee."""
    company = _opened(FEES, is_quick=True)
    send_in(world, company)
    carry(company.all_, "no_version")
    with unit_of_work() as session:
        now = clock.business_now(session)
        call_off(session, company.id, "The brand was sold.", by=company.all_.manager, at=now)
        settle_what_is_due(session, at=now)
    return company


def _join(world: World, _folder: Path) -> Company:
    """A collaboration that is under way."""
    company = _opened(JOIN, is_quick=True)
    send_in(world, company)
    carry(company.all_, "collaboration_open")
    return company


def _call(world: World, _folder: Path) -> Company:
    """Contributions that wait to be screened, and a question."""
    company = _opened(CALL)
    send_in(world, company)
    with unit_of_work() as session:
        question_actions.ask(session, company.id, "May it be a song?", by=company.all_.artist, at=clock.business_now(session))
    return company


def _halt(world: World, _folder: Path) -> Company:
    """A call that is paused, and that one person asked to cancel."""
    company = _opened(HALT)
    send_in(world, company)
    with unit_of_work() as session:
        now = clock.business_now(session)
        lifecycle.pause(session, company.id, "The brand thinks again.", by=company.all_.manager, at=now)
        cancellations.cancel(session, company.id, "The brand may leave.", by=company.all_.manager, at=now)
    return company


def _ready(_world: World, _folder: Path) -> Company:
    """A brief that is signed and funded, which its manager may launch."""
    return _begun(funded_brief, READY, DELIVERABLES)


def _brief(_world: World, _folder: Path) -> Company:
    """A brief that nobody outside knows of, with an invoice asked for and money seen."""
    company = _begun(filled_brief, BRIEF, DELIVERABLES)
    with unit_of_work() as session:
        now, manager = clock.business_now(session), company.all_.manager
        ask_invoice(session, company.id, 500_00, po_number="PO 7", bill_to="Zappos Retail", by=manager, at=now)
        record_receipt(session, company.id, 200_00, "WIRE 7", now.date(), by=manager, at=now)
    return company


def _over(world: World, _folder: Path) -> Company:
    """A call that was called off after contributions had come in, whose money goes back."""
    company = _opened(OVER, DELIVERABLES)
    send_in(world, company)
    with unit_of_work() as session:
        call_off(session, company.id, "The brand has left.", by=company.all_.manager, at=clock.business_now(session))
    return company


# The furthest first: each that is carried on moves the clock for all.
CAMPAIGNS: dict[str, Callable[[World, Path], Company]] = {
    DONE: _done, FINAL: _final, PAY: _pay, DESK: _desk, WINDOW: _window, ROOM: _room, AGAIN: _again, GONE: _gone, FEES: _fees, JOIN: _join,
    CALL: _call, HALT: _halt, READY: _ready, BRIEF: _brief, OVER: _over,
}  # fmt: skip


def _opened(place: str, deliverables: Wanteds = (READER,), *, is_quick: bool = False) -> Company:
    return _begun(opened_call, place, deliverables, is_quick=is_quick)


def _begun(begin: Callable[..., Partnership], place: str, deliverables: Wanteds, *, is_quick: bool = False) -> Company:
    with unit_of_work() as session:
        now = clock.business_now(session)
        made = begin(session, deliverables, at=now, title=TITLES[place], **(_quick(now) if is_quick else {}))
        return with_everyone(session, cast(session, made, at=now))


def _quick(at: datetime) -> dict[str, Any]:
    """Dates so near that no other campaign's window closes meanwhile."""
    days = {"call_closes_at": 1, "collaboration_closes_at": 2, "curation_due_at": 9, "delivery_due_at": 19, "go_live_at": 23}
    return {name: at + timedelta(days=after) for name, after in days.items()}
