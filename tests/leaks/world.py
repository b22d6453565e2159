"""The world in which leaks are looked for: five campaigns of five brands with everyone in them, and markers in all that they write."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.funding import ask_invoice, record_receipt
from campaigns.brief.terms import NEWEST_LICENCE
from campaigns.client_delivery.actions import Outside, make_cut
from campaigns.client_delivery.annotating import annotate
from campaigns.client_delivery.models import Cut, OutsideKind, Weight
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixing import Citation, remix
from campaigns.core import clock, membership, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.ids import new_id
from campaigns.core.people import HOUSE, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.queries import chosen_works, desk
from campaigns.curation.reviewing import submit_review
from campaigns.curation.rubric import rubric
from campaigns.ledger.accounts import Entry as Posting
from campaigns.ledger.accounts import held, payee
from campaigns.ledger.actions import post
from campaigns.open_call import questions, uploads
from campaigns.open_call.actions import Entry, contribute
from campaigns.open_call.arrival import arrival
from campaigns.open_call.models import Contribution
from campaigns.open_call.screening import screen
from campaigns.payments.models import PayoutAccount
from campaigns.payout.commenting import comment
from campaigns.payout.queries import standing_proposal
from campaigns.payout.runs.actions import approve_run, quote_by_hand
from campaigns.payout.runs.limits import hold_payments, propose_limits
from campaigns.payout.runs.models import Run
from notifications.announce import announce
from tests.called_off import call_off
from tests.everyone import DEEDS, Cast, cast
from tests.factories import DELIVERABLES, READER, Wanteds, contribution, entry, filled_brief, opened_call, ready, someone
from tests.journeys.world import do_one_round, work
from tests.leaks.planted import Pen, planting
from tests.samples import picture

ROUNDS = 40
# Whose the markers are of a work that nobody but those who screen may know of.
WAITING = "waiting"
BRIEF, CALL, DESK, PAY, OVER = PLACES = ("brief", "call", "desk", "pay", "over")
TITLES = {
    BRIEF: "A song for the first snow", CALL: "Doors that stay open", DESK: "Voices of the block", PAY: "Holiday traditions",
    OVER: "One that was called off",
}  # fmt: skip
NEXT_TO = {BRIEF: PAY, CALL: PAY, DESK: PAY, PAY: DESK, OVER: PAY}


@dataclass(frozen=True, slots=True)
class Company:
    """A campaign's people, one for each role that there is to it."""

    all_: Cast
    manager: Actor
    client: Actor
    screener: Actor

    @property
    def id(self) -> UUID:
        return self.all_.made.id

    def who(self, role: str) -> Actor:
        """Who has this role here."""
        own = {"manager": self.manager, "client": self.client, "screener": self.screener, "finance": self.all_.made.finance}
        found: Actor = own.get(role) or getattr(self.all_, role)
        return found


@dataclass
class World:
    """The campaigns by what stage they are in, the house's operator, and what was planted."""

    pen: Pen = field(default_factory=Pen)
    companies: dict[str, Company] = field(default_factory=dict)
    operator: Actor = HOUSE

    def who(self, role: str, place: str) -> Actor:
        """Who has this role for the campaign in `place`."""
        if role == "operator":
            return self.operator
        if role in ("rival", "stranger"):
            return self.companies[NEXT_TO[place]].who("client" if role == "rival" else "artist")
        return self.companies[place].who(role)


def build(folder: Path) -> World:
    """Everyone and everything, in the database that the settings name; `folder` is for the files that they send in."""
    world = World()
    with planting(world.pen):
        with unit_of_work() as session:
            world.operator = someone(session, Role.OPERATOR, "Oda")
        for place, carry in ((PAY, _pay), (DESK, _desk), (CALL, _call), (BRIEF, _brief), (OVER, _over)):
            world.pen.whose = place
            world.companies[place] = carry(folder)
        world.pen.whose = WAITING
        with unit_of_work() as session:
            call = world.companies[CALL].all_
            unknown = {"at": clock.business_now(session), "statement": "We do it in secret."}
            ready(session, contribution(session, call.made, call.other_artist, "Behind the door", **unknown))
        world.pen.whose = "house"
        _operate(world)
        _write_letters()
    return world


def _pay(folder: Path) -> Company:
    """Cut, noted, decided, shared out and spoken about; a run is being sent, one is to be released."""
    company = _opened(PAY)
    all_ = company.all_
    _send_in(all_)
    _carry(all_, "no_cut")
    _cut(all_)
    _carry(all_, "decision")
    with unit_of_work() as session:
        cut_id, now = session.scalars(select(Cut.id)).one(), clock.business_now(session)
        annotate(session, cut_id, "Warmer lanterns.", Weight.WISH, by=company.client, at=now)
    _carry(all_, "comments_unanswered", "window_open", "finalisation")
    with unit_of_work() as session:
        now = clock.business_now(session)
        [track] = all_.tracks(session)
        proposal = standing_proposal(session, track.id)
        assert proposal is not None
        comment(session, proposal.id, None, "My song led to it.", "It was first in the call.", by=all_.other_artist, at=now)
        lifecycle.pause(session, all_.made.id, "The brand thinks it over.", by=all_.manager, at=now)
        lifecycle.resume(session, all_.made.id, by=all_.manager, at=now)
    _earn(all_)
    return company


def _desk(folder: Path) -> Company:
    """Works on a curator's desk, among them a picture that names its maker; one of two reviews is written."""
    company = _opened(DESK)
    _send_in(company.all_, picture(folder))
    _carry(company.all_, "reviews_outstanding")
    with unit_of_work() as session:
        curator, now = company.all_.curator, clock.business_now(session)
        scores = {criterion.name: 4 for criterion in rubric(session, company.id)}
        submit_review(session, desk(session, by=curator)[0].assignment.id, scores, "It has a voice.", by=curator, at=now)
    return company


def _call(folder: Path) -> Company:
    """Works that wait to be screened, and a question."""
    company = _opened(CALL)
    _send_in(company.all_)
    with unit_of_work() as session:
        questions.ask(session, company.id, "May it be a song?", by=company.all_.artist, at=clock.business_now(session))
    return company


def _brief(folder: Path) -> Company:
    """A brief that nobody outside knows of, with an invoice asked for and money seen."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        made = filled_brief(session, DELIVERABLES, at=now, title=TITLES[BRIEF])
        company = _with_everyone(session, cast(session, made, at=now))
        ask_invoice(session, made.id, 500_00, po_number="PO 7", bill_to="Zappos Retail", by=made.manager, at=now)
        record_receipt(session, made.id, 200_00, "WIRE 7", now.date(), by=made.manager, at=now)
    return company


def _over(folder: Path) -> Company:
    """A call that was called off, whose money goes back."""
    company = _opened(OVER, DELIVERABLES)
    with unit_of_work() as session:
        call_off(session, company.id, "The brand has left.", by=company.all_.manager, at=clock.business_now(session))
    return company


def _opened(place: str, deliverables: Wanteds = (READER,)) -> Company:
    with unit_of_work() as session:
        now = clock.business_now(session)
        return _with_everyone(session, cast(session, opened_call(session, deliverables, at=now, title=TITLES[place]), at=now))


def _with_everyone(session: Session, all_: Cast) -> Company:
    """The company with a manager of this campaign only, a client in all of the brand's roles, a curator with no desk."""
    here, of_brand = Scope(campaign_id=all_.made.id), Scope(brand_id=all_.made.brand.id)
    manager, screener = someone(session, Role.MANAGER, "Max", on=all_.made.campaign.scope), someone(session, Role.CURATOR, "Scott", on=here)
    client = someone(session, Role.SIGNER, "Clara", on=of_brand, hat="legal")
    for role in (Role.APPROVER, Role.BRAND_ADMINISTRATOR):
        grant_role(session, client.person, role, on=of_brand, by=HOUSE)
    return Company(all_, manager, actor_for(session, client.person), screener)


def _carry(all_: Cast, *but: str) -> None:
    """Everyone does what the campaign waits for, until it waits for one of these."""
    codes = tuple(code for code in DEEDS if code not in but)
    for _round in range(ROUNDS):
        while work(all_.made.id):
            pass
        if not do_one_round(all_, codes):
            return
    raise AssertionError(f"It waits for none of {but}.")


def _send_in(all_: Cast, *files: Path) -> None:
    """Works by both artists in turn, two of them let in, and one that contains the first and says that the second led to it."""
    makers = cycle((all_.artist, all_.other_artist))
    for file, by in zip(files, makers, strict=False):
        upload_id = _uploaded(file, by)
        with unit_of_work() as session:
            sent = Entry(title="A picture", upload_id=upload_id, licence_version=NEWEST_LICENCE, statement="Of our street.")
            contribute(session, all_.made.id, sent, by=by, at=clock.business_now(session))
    with unit_of_work() as session:
        now = clock.business_now(session)
        for title, by in zip(("Lantern street", "Paper boats", "A fence of lights"), makers, strict=False):
            contribution(session, all_.made, by, title, at=now, statement="We do it every year.")
    work(all_.made.id)
    with unit_of_work() as session:
        of_campaign = select(Contribution.id).where(Contribution.campaign_id == all_.made.id).order_by(Contribution.id)
        first, second = session.scalars(of_campaign.limit(2))
        for work_id in (first, second):
            screen(session, work_id, True, None, by=all_.curator, at=now)
        cited = [Citation(first, SourceKind.CONTAINS), Citation(second, SourceKind.INFLUENCED_BY)]
        remix(session, all_.made.id, entry(session, all_.artist, "First foot"), cited, by=all_.artist, at=now)


def _uploaded(file: Path, by: Actor) -> UUID:
    with unit_of_work() as session:
        upload = uploads.begin(session, file.name, None, file.stat().st_size, by=by)
    with arrival(upload.id, 0, None, by=by) as arriving:
        arriving.write(file.read_bytes())
        arriving.finish()
    return uploads.settle(upload.id, by=by).id


def _cut(all_: Cast) -> None:
    """The deliverable's first version, with music from outside in it."""
    bells = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music", "Invoice 12")
    with unit_of_work() as session:
        [track] = all_.tracks(session)
        upload, now = uploads.take_text(session, "Once, in December.", "text/markdown", by=all_.editor), clock.business_now(session)
        works = sorted(chosen_works(session, track.id))
        make_cut(session, track.id, upload.id, works, {all_.editor.person: 1}, [bells], "The bells are new.", by=all_.editor, at=now)


def _earn(all_: Cast) -> None:
    """Both artists have an account at the provider and something to be paid: one run is being sent, the other waits to be released."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        sent, _waiting = (_quoted(session, all_, artist.person, now) for artist in (all_.other_artist, all_.artist))
        for by in (all_.made.finance, all_.second):
            approve_run(session, sent.id, by=by, at=now)


def _quoted(session: Session, all_: Cast, artist: UUID, at: datetime) -> Run:
    """A run of what this artist earns now."""
    known = {"state": "active", "provider_id": f"acct_{artist.hex[-8:]}", "reason": "All is known.", "opened_at": at}
    session.add(PayoutAccount(person_id=artist, country="US", agreement="full", **known))
    post(session, "proposal.final", str(new_id()), [Posting(held(all_.made.id, "USD"), payee(artist, "USD"), 125_00)], at=at)
    return quote_by_hand(session, "USD", "stripe_connect", str(new_id()), by=HOUSE, at=at)


def _operate(world: World) -> None:
    """What the house has: limits to confirm, payments held, a promise that was given up."""
    pay = world.companies[PAY].all_
    with unit_of_work() as session:
        now = clock.business_now(session)
        propose_limits(session, "USD", most_per_run=100_000, most_per_person=10_000, by=pay.second, at=now)
        membership.invite(session, "olga@example.org", Role.OPERATOR, on=Scope(), name="Olga Berg", by=world.operator, at=now)
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
