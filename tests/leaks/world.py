"""The world in which leaks are looked for: campaigns in all their states with everyone in them, and markers in all that they write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from campaigns import cancelling, lifecycle
from campaigns.brief.funding import ask_invoice, record_receipt
from campaigns.client_delivery.actions import approve_internally
from campaigns.client_delivery.annotating import annotate
from campaigns.client_delivery.models import Cut, Weight
from campaigns.core import clock, membership, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.ids import new_id
from campaigns.core.people import HOUSE, Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.picking import pick
from campaigns.curation.queries import desk, works_taking_part
from campaigns.curation.reviewing import submit_review
from campaigns.curation.rubric import rubric
from campaigns.open_call import questions
from campaigns.payout.commenting import comment
from campaigns.payout.queries import standing_proposal
from campaigns.payout.runs.limits import hold_payments, propose_limits
from notifications.announce import announce
from tests.called_off import call_off
from tests.everyone import cast, do
from tests.factories import DELIVERABLES, READER, Partnership, Wanteds, contribution, filled_brief, funded_brief, opened_call, ready
from tests.leaks.carrying import carry, cut, earn, send_in, work_on
from tests.leaks.people import OF_THE_NEXT, Company, House, between, housed, with_everyone
from tests.leaks.planted import Pen, planting
from tests.samples import picture

# Whose the markers are of a work that nobody but those who screen may know of, of a version that the brand was not shown yet,
# and of those who have roles in two campaigns.
WAITING, UNSHOWN, BETWEEN = "waiting", "unshown", "between"
BRIEF, READY, CALL, JOIN, DESK = "brief", "ready", "call", "join", "desk"
ROOM, CUT, POINTS, WINDOW, PAY, DONE, HALT, OVER = "room", "cut", "points", "window", "pay", "done", "halt", "over"
TITLES = {
    BRIEF: "A song for the first snow", READY: "Letters to the sea", CALL: "Doors that stay open", JOIN: "Songs for slow trains",
    DESK: "Voices of the block", ROOM: "The table is set", WINDOW: "What we plant", PAY: "Holiday traditions", DONE: "Bread of the world",
    HALT: "Bells over water", OVER: "One that was called off",
}  # fmt: skip
# Two places are another deliverable of a campaign's, which its leader does not lead.
IN_CAMPAIGN_OF = {CUT: ROOM, POINTS: WINDOW}
PLACES = (BRIEF, READY, CALL, JOIN, DESK, ROOM, CUT, POINTS, WINDOW, PAY, DONE, HALT, OVER)
NEXT_TO = dict.fromkeys(PLACES, PAY) | {PAY: DESK}


def home(place: str) -> str:
    """The place that the markers of this place's campaign are named for."""
    return IN_CAMPAIGN_OF.get(place, place)


@dataclass
class World:
    """The campaigns by what stage they are in, those of the house, and what was planted."""

    pen: Pen = field(default_factory=Pen)
    companies: dict[str, Company] = field(default_factory=dict)
    house: House = field(default_factory=House)

    def who(self, role: str, place: str) -> Actor:
        """Who has this role for the campaign in `place`."""
        if role in OF_THE_NEXT:
            return self.companies[NEXT_TO[place]].who(OF_THE_NEXT[role])
        return self.house.who(role) or self.companies[place].who(role)


def build(folder: Path) -> World:
    """Everyone and everything, in the database that the settings name; `folder` is for the files that they send in."""
    world = World()
    with planting(world.pen):
        with unit_of_work() as session:
            world.house = housed(session)
            world.pen.whose = BETWEEN
            world.house.between = between(session)
        for place, begin in CAMPAIGNS.items():
            world.pen.whose = place
            world.companies[place] = begin(world, folder)
        world.companies |= {place: world.companies[of] for place, of in IN_CAMPAIGN_OF.items()}
        world.pen.whose = WAITING
        with unit_of_work() as session:
            call = world.companies[CALL].all_
            unknown = {"at": clock.business_now(session), "statement": "We do it in secret."}
            ready(session, contribution(session, call.made, call.other_artist, "Behind the door", **unknown))
        world.pen.whose = "house"
        _operate(world)
        _write_letters()
    return world


def _done(_world: World, _folder: Path) -> Company:
    """Everyone was paid."""
    company = _opened(DONE)
    send_in(company.all_)
    carry(company.all_)
    return company


def _pay(world: World, _folder: Path) -> Company:
    """Cut, noted, decided, shared out and spoken about; a run is being sent, one is to be released."""
    company = _opened(PAY)
    all_ = company.all_
    send_in(all_, others=world.house.between.values())
    carry(all_, "no_cut")
    with unit_of_work() as session:
        [track] = all_.tracks(session)
        cut(session, all_, track)
    carry(all_, "decision")
    with unit_of_work() as session:
        cut_id, now = session.scalars(select(Cut.id).where(Cut.track_id == track.id)).one(), clock.business_now(session)
        annotate(session, cut_id, "Warmer lanterns.", Weight.WISH, by=company.who("approver"), at=now)
    carry(all_, "comments_unanswered", "window_open", "finalisation")
    with unit_of_work() as session:
        now = clock.business_now(session)
        proposal = standing_proposal(session, track.id)
        assert proposal is not None
        comment(session, proposal.id, None, "My song led to it.", "It was first in the call.", by=all_.other_artist, at=now)
        lifecycle.pause(session, all_.made.id, "The brand thinks it over.", by=all_.manager, at=now)
        lifecycle.resume(session, all_.made.id, by=all_.manager, at=now)
    earn(all_)
    return company


def _desk(world: World, folder: Path) -> Company:
    """Works on a curator's desk, among them a picture that names its maker; one review is written, and one work is meant to be chosen."""
    company = _opened(DESK)
    with unit_of_work() as session:
        for who, role in (("curator-artist", Role.CURATOR), ("manager-artist", Role.MANAGER)):
            grant_role(session, world.house.between[who].person, role, on=company.all_.made.campaign.scope, by=HOUSE)
    send_in(company.all_, picture(folder))
    carry(company.all_, "reviews_outstanding")
    with unit_of_work() as session:
        curator, now = company.all_.curator, clock.business_now(session)
        scores = {criterion.name: 4 for criterion in rubric(session, company.id)}
        submit_review(session, desk(session, by=curator)[0].assignment.id, scores, "It has a voice.", by=curator, at=now)
        [track], meant = company.all_.tracks(session), max(works_taking_part(session, company.id))
        pick(session, track.id, meant, True, "We mean to take it.", by=company.all_.manager, at=now)
    return company


def _window(_world: World, _folder: Path) -> Company:
    """A proposal that is open to comments, and another deliverable that waits for its points."""
    company = _opened(WINDOW, (READER, READER), is_quick=True)
    all_ = company.all_
    send_in(all_)
    carry(all_, "points_unassessed")
    with unit_of_work() as session:
        first = all_.tracks(session)[0]
        do(session, all_, first, all_.waits(session)[first.id][0])
    work_on(all_)
    return company


def _room(world: World, _folder: Path) -> Company:
    """A version that the brand is to decide on, and another deliverable's that it was not shown yet."""
    company = _opened(ROOM, (READER, READER), is_quick=True)
    all_ = company.all_
    send_in(all_)
    carry(all_, "no_cut")
    with unit_of_work() as session:
        shown, unshown = all_.tracks(session)
        shown_id = cut(session, all_, shown)
        world.pen.whose = UNSHOWN
        cut(session, all_, unshown)
        world.pen.whose = ROOM
    work_on(all_)
    with unit_of_work() as session:
        approve_internally(session, shown_id, by=all_.manager, at=clock.business_now(session))
    return company


def _join(_world: World, _folder: Path) -> Company:
    """A collaboration that is under way."""
    company = _opened(JOIN, is_quick=True)
    send_in(company.all_)
    carry(company.all_, "collaboration_open")
    return company


def _call(_world: World, _folder: Path) -> Company:
    """Works that wait to be screened, and a question."""
    company = _opened(CALL)
    send_in(company.all_)
    with unit_of_work() as session:
        questions.ask(session, company.id, "May it be a song?", by=company.all_.artist, at=clock.business_now(session))
    return company


def _halt(_world: World, _folder: Path) -> Company:
    """A call that is paused, and that one person asked to cancel."""
    company = _opened(HALT)
    send_in(company.all_)
    with unit_of_work() as session:
        now = clock.business_now(session)
        lifecycle.pause(session, company.id, "The brand thinks again.", by=company.all_.manager, at=now)
        cancelling.cancel(session, company.id, "The brand may leave.", by=company.all_.manager, at=now)
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


def _over(_world: World, _folder: Path) -> Company:
    """A call that was called off after works had come in, whose money goes back."""
    company = _opened(OVER, DELIVERABLES)
    send_in(company.all_)
    with unit_of_work() as session:
        call_off(session, company.id, "The brand has left.", by=company.all_.manager, at=clock.business_now(session))
    return company


# The furthest first: each that is carried on moves the clock for all.
CAMPAIGNS: dict[str, Callable[[World, Path], Company]] = {
    DONE: _done, PAY: _pay, DESK: _desk, WINDOW: _window, ROOM: _room, JOIN: _join, CALL: _call, HALT: _halt, READY: _ready, BRIEF: _brief,
    OVER: _over,
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


def _operate(world: World) -> None:
    """What the house has: limits to confirm, payments held, a promise that was given up."""
    pay = world.companies[PAY].all_
    with unit_of_work() as session:
        now = clock.business_now(session)
        propose_limits(session, "USD", most_per_run=100_000, most_per_person=10_000, by=pay.second, at=now)
        membership.invite(session, "olga@example.org", Role.OPERATOR, on=Scope(), name="Olga Berg", by=world.house.operator, at=now)
        hold_payments(session, pay.other_artist.person, "The address bounces.", by=pay.second, at=now)
        outbox.promise(session, "brief_invoice", key=new_id().hex)
        given_up = {"dead_at": clock.process_now(), "attempts": 12, "last_error": "Stripe is away"}
        session.execute(update(outbox.Promise).where(outbox.Promise.kind == "brief_invoice").values(**given_up))


def _write_letters() -> None:
    """The relay's part, but for sending: every letter is written."""
    while True:
        with unit_of_work() as session:
            claimed = outbox.claim(session, 100)
        if not claimed:
            return
        for one in claimed:
            if one.kind == "event":
                announce(one)
