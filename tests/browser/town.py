"""A town to look at: a campaign in each of the six stages with everyone in it, and the web process that shows them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns.administration.brands import BrandChanges, edit_brand
from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core import access, clock, membership
from campaigns.core.administrators import ask_administrator, make_confirmation
from campaigns.core.campaign import deliverables_of
from campaigns.core.ids import new_id
from campaigns.core.people import GUEST, SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.stages import Stage
from campaigns.ledger.accounts import Entry as Posting
from campaigns.ledger.accounts import held, payee
from campaigns.ledger.actions import post
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import NewContribution, contribute
from campaigns.open_call.models import Contribution
from campaigns.open_call.screening.actions import screen
from campaigns.payments.models import PayoutAccount
from campaigns.payout.proposals.actions import comment
from campaigns.payout.queries import standing_proposal
from campaigns.payout.runs.actions import quote_run
from flows.supervise.program import answers
from tests.called_off import call_off
from tests.everyone import DEEDS, Cast, cast
from tests.factories import DELIVERABLES, FILM, READER, administrator, contributed, entry, filled_brief, opened_call, someone
from tests.installation import wait_for
from tests.journeys.world import do_one_round, work
from tests.ports import free_ports
from tests.questioned import questioned
from workers.open_call.upload_writers import arrival
from workers.open_call.uploads import settle
from workers.transactions import engine, unit_of_work

COOKIE = "__Host-cb"
ROUNDS = 40
# The furthest first: each that is carried on moves the clock for all.
TITLES = {
    Stage.PAYOUT: "Holiday traditions around the world",
    Stage.CLIENT_DELIVERY: "The table is set",
    Stage.CURATION: "Voices of the block",
    Stage.COLLABORATION: "Songs for slow trains",
}
OF_DELIVERABLE = "join deliverable t on t.id = x.deliverable_id where t.campaign_id = :campaign order by x.id limit 1"
OF_PROPOSAL = f"proposal_comment c join proposal x on x.id = c.proposal_id {OF_DELIVERABLE}"
ONE_OF_EACH = {
    "campaign_id": "select cast(:campaign as uuid)",
    "brand_id": "select brand_id from campaign where id = :campaign",
    "deliverable_id": "select id from deliverable where campaign_id = :campaign order by id limit 1",
    "contribution_id": "select id from contribution where campaign_id = :campaign order by id limit 1",
    "remix_id": "select contribution_id from source join contribution c on c.id = contribution_id where campaign_id = :campaign limit 1",
    "source_id": "select source_id from source join contribution c on c.id = contribution_id where campaign_id = :campaign limit 1",
    "version_id": f"select x.id from version x {OF_DELIVERABLE}",
    "assignment_id": f"select a.id from review_assignment a join review_round x on x.id = a.round_id {OF_DELIVERABLE}",
    "proposal_id": f"select x.id from proposal x {OF_DELIVERABLE}",
    "comment_id": f"select c.id from {OF_PROPOSAL}",
    "person_id": f"select l.person_id from proposal_line l join proposal x on x.id = l.proposal_id {OF_DELIVERABLE}",
    "run_id": "select id from payout_run limit 1",
    "account_id": "select id from account where kind = 'payee' limit 1",
    "kind": "select kind from account where kind = 'payee' limit 1",
    "currency": "select currency from account where kind = 'payee' limit 1",
    "journal_id": "select id from journal order by id desc limit 1",
    "year": "select extract(year from max(at))::int from journal",
    "month": "select to_char(max(at), 'MM') from journal",
    "appointment_id": "select id from appointment where counts_from is null limit 1",
    "dispute_id": "select id from dispute limit 1",
    "part_id": "select id from refund_part where campaign_id = :campaign limit 1",
}
CARRIED = (Stage.PAYOUT, Stage.CLIENT_DELIVERY, Stage.CURATION, Stage.COLLABORATION)


@dataclass
class Town:
    """The campaign in each stage, a session for everyone who was asked for, and where all of it is served."""

    operator: Actor
    environment: Mapping[str, str]
    url: str = ""
    casts: dict[Stage, Cast] = field(default_factory=dict)
    things: dict[Stage, dict[str, object]] = field(default_factory=dict)
    administrators: dict[Stage, Actor] = field(default_factory=dict)
    leaders: dict[Stage, Actor] = field(default_factory=dict)
    formerly_billed: Actor = GUEST
    _sessions: dict[UUID, str] = field(default_factory=dict)

    def person(self, role: str, stage: Stage) -> Actor:
        """Who has this role in the campaign of `stage`."""
        cast = self.casts[stage]
        if role == "operator":
            return self.operator
        if role == "administrator":
            return self.administrators[stage]
        if role == "leader":
            return self.leaders[stage]
        if role == "formerly_billed":
            return self.formerly_billed
        if role in {"finance"} | set(cast.made.signers):
            return cast.made.signers.get(role, cast.made.finance)
        found: Actor = getattr(cast, role)
        return found

    def sign_in(self, who: Actor) -> None:
        """Give this person a browser session, whose secret is kept for `context`."""
        with unit_of_work() as session:
            self._sessions[who.person] = access.open_session(session, who.person)

    def address(self, path: str, stage: Stage) -> str:
        """The path, its places filled in with what the campaign of `stage` has."""
        return path.format(**self.things[stage])

    def at_page(self, browser: Browser, who: Actor, path: str) -> Page:
        """This person, signed in anew, at a page."""
        self.sign_in(who)
        page = self.context(browser, who, reduced_motion="reduce").new_page()
        page.goto(path)
        return page

    def context(self, browser: Browser, who: Actor | None, **looks: object) -> BrowserContext:
        """A window of this person's, or of a guest's."""
        context = browser.new_context(base_url=self.url, **looks)  # type: ignore[arg-type]
        if who is not None:
            secret = self._sessions[who.person]
            context.add_cookies(
                [{"name": COOKIE, "value": secret, "url": self.url.replace("http:", "https:"), "secure": True, "httpOnly": True}]
            )
        return context


def build(environment: Mapping[str, str], files: Sequence[Path] = ()) -> Town:
    """Everyone and everything, in the database that the settings name; the contributions are `files`, or lines of text."""
    with unit_of_work() as session:
        town = Town(someone(session, Role.OPERATOR, "Oda"), environment)
    for stage in CARRIED:
        town.casts[stage] = _carried_to(stage, files)
    with unit_of_work() as session:
        now = clock.business_now(session)
        called = cast(session, opened_call(session, DELIVERABLES, at=now, title="Doors that stay open"), at=now)
        begun = cast(session, filled_brief(session, DELIVERABLES, at=now, title="A song for the first snow"), at=now)
        ended = cast(session, opened_call(session, DELIVERABLES, at=now, title="One that was called off"), at=now)
    town.casts |= {Stage.OPEN_CALL: called, Stage.BRIEF: begun, Stage.CANCELLED: ended}
    _send_in(called, files)
    work(called.made.id)
    do_one_round(town.casts[Stage.CURATION], ("curators_unassigned",))
    _propose(town.casts[Stage.PAYOUT])
    _quote(town.casts[Stage.PAYOUT])
    with unit_of_work() as session:
        call_off(session, ended.made.id, "The brand has left.", by=ended.manager, at=now)
        membership.invite(session, "olga@example.org", Role.OPERATOR, on=Scope(), name="Olga Berg", by=town.operator, at=now)
        town.administrators = {stage: administrator(session, each.made.brand.id) for stage, each in town.casts.items()}
        town.leaders = {stage: _leader(session, each) for stage, each in town.casts.items()}
        town.formerly_billed = _billed_elsewhere(session, ended, town.administrators[Stage.CANCELLED])
        town.things = {stage: _found(session, each.made.id) for stage, each in town.casts.items()}
        asked = ask_administrator(session, called.made.brand.id, "ada@zappos.example", "Ada Okoye", by=called.manager, at=now)
        town.things[Stage.OPEN_CALL]["secret"] = make_confirmation(session, asked.id)
    for each in town.casts.values():
        everyone = (each.manager, each.artist, each.other_artist, each.curator, each.editor, each.approver, each.second)
        for who in (*everyone, *each.made.signers.values(), each.made.finance):
            town.sign_in(who)
    for who in (town.operator, town.formerly_billed, *town.administrators.values(), *town.leaders.values()):
        town.sign_in(who)
    return town


def _carried_to(stage: Stage, files: Sequence[Path]) -> Cast:
    with unit_of_work() as session:
        now = clock.business_now(session)
        wanted = FILM if files and stage is Stage.CLIENT_DELIVERY else READER
        made = opened_call(session, (wanted,), at=now, title=TITLES[stage])
        all_ = cast(session, made, at=now)
    _send_in(all_, files)
    for _round in range(ROUNDS):
        while work(made.id):
            pass
        with unit_of_work() as session:
            if all(deliverable.stage is stage for deliverable in all_.deliverables(session)):
                return all_
        do_one_round(all_, tuple(DEEDS))
    raise AssertionError(f"It never came to {stage}.")


def _leader(session: Session, all_: Cast) -> Actor:
    """Who leads the first of the campaign's deliverables."""
    first, *_others = deliverables_of(session, all_.made.id)
    return someone(session, Role.LEADER, "Lea", on=first.scope)


def _billed_elsewhere(session: Session, all_: Cast, administrator: Actor) -> Actor:
    """The brand has another billing email, and whoever read the one before it may object."""
    changes = BrandChanges(billing_email="accounts@zappos.example")
    brand = edit_brand(session, all_.made.brand.id, changes, by=administrator, at=clock.business_now(session))
    assert brand.was_billed is not None
    return actor_for(session, brand.was_billed)


def _propose(all_: Cast) -> None:
    """Assess the points, have the proposal computed, and have someone say something about it."""
    do_one_round(all_, ("points_unassessed",))
    while work(all_.made.id):
        pass
    with unit_of_work() as session:
        [deliverable] = all_.deliverables(session)
        proposal = standing_proposal(session, deliverable.id)
        assert proposal is not None
        now = clock.business_now(session)
        comment(session, proposal.id, None, "My song led to it.", "It was first in the call.", by=all_.other_artist, at=now)


def _quote(all_: Cast) -> None:
    """Both artists have earned something and can be paid it: a run waits to be released."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        for number, artist in enumerate((all_.artist.person, all_.other_artist.person)):
            known = {"state": "active", "provider_id": f"acct_{number}", "opened_at": now}
            session.add(PayoutAccount(person_id=artist, country="US", agreement="full", **known))
            post(session, "proposal.final", str(new_id()), [Posting(held(all_.made.id, "USD"), payee(artist, "USD"), 125_00)], at=now)
        quote_run(session, "USD", "stripe_connect", str(new_id()), by=SYSTEM, at=now)
        questioned(session, all_.made, now)


def _found(session: Session, campaign_id: UUID) -> dict[str, object]:
    """One of each thing that the campaign has, by its place in a path."""
    found = {name: session.scalar(text(query), {"campaign": campaign_id}) for name, query in ONE_OF_EACH.items()}
    return {name: thing for name, thing in found.items() if thing}


def _send_in(all_: Cast, files: Sequence[Path]) -> None:
    """Contributions by both artists in turn: these files, or three lines of text."""
    makers = cycle((all_.artist, all_.other_artist))
    for file, by in zip(files, makers, strict=False):
        upload_id = uploaded(file, by)
        with unit_of_work() as session:
            title = file.stem.replace("_", " ").replace("-", " ").capitalize()
            sent = NewContribution(title=title, upload_id=upload_id, licence_version=NEWEST_LICENCE)
            contribute(session, all_.made.id, sent, by=by, at=clock.business_now(session))
    with unit_of_work() as session:
        now = clock.business_now(session)
        for number, by in zip(range(0 if files else 3), makers, strict=False):
            contributed(session, all_.made, by, f"Lantern street {number}", at=now)
    work(all_.made.id)
    _remix(all_)


def _remix(all_: Cast) -> None:
    """Let the first two contributions in, and send in one that contains the first and says that the second led to it."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        first, second = session.scalars(
            select(Contribution.id).where(Contribution.campaign_id == all_.made.id).order_by(Contribution.id).limit(2)
        )
        for contribution_id in (first, second):
            screen(session, contribution_id, True, None, by=all_.curator, at=now)
        cited = [Citation(first, SourceKind.CONTAINS), Citation(second, SourceKind.INFLUENCED_BY)]
        remix(session, all_.made.id, entry(session, all_.artist, "First foot"), cited, by=all_.artist, at=now)


def uploaded(file: Path, by: Actor) -> UUID:
    """A file of this person's, taken in and proved."""
    with unit_of_work() as session:
        upload = uploads.begin(session, file.name, None, file.stat().st_size, by=by)
    with arrival(upload.id, 0, None, by=by) as arriving:
        arriving.write(file.read_bytes())
        arriving.finish()
    return settle(upload.id, by=by).id


def founded(database_url: str, home: Path, files: Sequence[Path] = ()) -> Town:
    """A town built in a migrated, empty database; this process's settings are as they were once it stands."""
    environment = {"DATABASE_URL": database_url, "CALLBOARD_HOME": str(home)}
    with within(environment):
        return build(environment, files)


@contextmanager
def open_to_all(town: Town) -> Iterator[Town]:
    """The town with a web process that shows it."""
    with served(town.environment) as url:
        yield replace(town, url=url)


@contextmanager
def standing(database_url: str, home: Path, files: Sequence[Path] = ()) -> Iterator[Town]:
    """A town of one's own, built in a migrated, empty database and served."""
    with open_to_all(founded(database_url, home, files)) as town:
        yield town


@contextmanager
def within(environment: Mapping[str, str]) -> Iterator[None]:
    """These settings, and the database that they name, are this process's until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        _read_settings_again()
        try:
            yield
        finally:
            engine().dispose()
    _read_settings_again()


def _read_settings_again() -> None:
    settings.cache_clear()
    engine.cache_clear()


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[str]:
    """A web process with these settings, on a port of its own; yields its address."""
    [port] = free_ports(1)
    url = f"http://localhost:{port}"
    own = {**environment, "CALLBOARD_PORT": port, "CALLBOARD_PUBLIC_URL": url}
    with subprocess.Popen([sys.executable, "-m", "api"], env=os.environ | own) as process:
        try:
            wait_for(answers(f"{url}/health"), 60)
            yield url
        finally:
            process.terminate()
