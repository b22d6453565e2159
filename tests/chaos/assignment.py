"""One whole assignment, carried by everyone doing what it waits for, on a real installation that may fail under their hands."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Verdict
from campaigns.client_delivery.queries import find_version_details, latest_version
from campaigns.core import clock
from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.errors import Refusal
from campaigns.core.people import Actor, Person, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from tests import everyone
from tests.chaos import acts, billing, remixes, versions
from tests.chaos.acts import Sending
from tests.chaos.lineages import Mix
from tests.chaos.word import Voice, Word
from tests.everyone import Cast
from tests.factories import READER, Partnership, Wanteds, filled_brief, someone
from workers.transactions import unit_of_work

AWAY = (DBAPIError, psycopg.Error, httpx.HTTPError, Refusal)
ORDER = list(Stage)
# Names that stand nowhere by chance.
TITLE = "Quillfeather"
ASSEMBLY = "0.05"
ARTISTS = ("Zebulon Quatermass", "Ottilie Brandvold")


@dataclass
class Assignment:
    """A campaign under way, and the words that its people have said to the API: invoices asked for, contributions sent in, completions, and
    so on.

    `is_billed` when the brand pays by an invoice of Stripe's, `goes_back` when each deliverable is sent back once; `mix` is what its
    contributions are made of, `second_editor` who makes its versions beside the first. `home` is where its files lie, `versions` the file
    of each version by its deliverable and visit. `spoken` is what else was said, by its kind; `mended` what somebody had to put right by
    hand, `withdrawn` the invoices among it.
    """

    all_: Cast
    home: Path
    is_billed: bool = False
    goes_back: bool = False
    mix: Mix = field(default_factory=Mix)
    second_editor: Actor | None = None
    files: list[Sending] = field(default_factory=list)
    versions: dict[tuple[UUID, int], Sending] = field(default_factory=dict)
    spoken: dict[str, dict[Any, Word]] = field(default_factory=lambda: defaultdict(dict))
    commented: dict[tuple[UUID, int], bool] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    withdrawn: set[UUID] = field(default_factory=set)
    invoices: list[Word] = field(default_factory=list)
    contributions: list[Word] = field(default_factory=list)
    completions: dict[tuple[UUID, int], Word] = field(default_factory=dict)
    returns: dict[tuple[UUID, int], Word] = field(default_factory=dict)
    approvals: dict[UUID, Word] = field(default_factory=dict)
    voice: Voice = field(default_factory=Voice)
    trouble: str = ""
    stands: str = ""
    reached: int = 0

    @classmethod
    def of(cls, made: Partnership, home: Path) -> "Assignment":
        """A campaign that has come this far without us."""
        with unit_of_work() as session:
            return cls(everyone.cast(session, made, at=clock.business_now(session)), home)

    @property
    def id(self) -> UUID:
        return self.all_.made.id

    @property
    def people(self) -> list[Actor]:
        """Who can be owed something."""
        return [*self.artists, *self.editors]

    @property
    def editors(self) -> tuple[Actor, ...]:
        return (self.all_.editor, self.second_editor) if self.second_editor else (self.all_.editor,)

    @property
    def wanted_contributions(self) -> int:
        """How many contributions are to be sent to its call."""
        return len(self.mix.call) + len(self.files)

    @property
    def contribution_ids(self) -> dict[str, UUID]:
        """The contributions of which the API has told the id, by their titles."""
        return {str(word.body["title"]): UUID(str(word.answer["id"])) for word in self.contributions if word.is_answered}

    @property
    def words(self) -> Mapping[str, Sequence[Word | Sending]]:
        """All that was said and uploaded, by its kind."""
        lists: dict[str, Sequence[Word | Sending]] = {kind: list(words.values()) for kind, words in self.spoken.items()}
        lists["contribution"] = [word for word in self.contributions if "sources" not in word.body]
        lists["upload"] = [*self.files, *self.versions.values()]
        lists["invoice"], lists["approval"] = self.invoices, list(self.approvals.values())
        lists["completion"], lists["return"] = list(self.completions.values()), list(self.returns.values())
        return lists

    @property
    def artists(self) -> tuple[Actor, Actor]:
        return self.all_.artist, self.all_.other_artist

    @property
    def concerned(self) -> set[UUID]:
        """Everyone whom an email about it may go to."""
        made, all_ = self.all_.made, self.all_
        inside = (*self.people, all_.curator, all_.approver, all_.second, made.manager, made.finance, *made.signers.values())
        return {actor.person for actor in inside}

    def by_body(self, what: str, part: str) -> dict[Any, Word]:
        """What was said of a kind, by one part of its words."""
        return {word.body[part]: word for word in self.spoken[what].values()}

    def step(self) -> "Rest":
        """Everyone does what each deliverable waits for; returns what is left that only time, or Callboard itself, brings."""
        rest, self.trouble = Rest(is_astir=True), ""
        with trying(self):
            rest = self.rest()
            for deliverable, wait in rest.asked:
                with trying(self):
                    self.do(deliverable, wait)
        return rest

    def rest(self) -> "Rest":
        """Where the deliverables stand now: what is asked of people, and what only time brings."""
        with unit_of_work() as session:
            self.all_.at = clock.business_now(session)
            deliverables = {deliverable.id: deliverable for deliverable in self.all_.deliverables(session)}
            waits = [(deliverables[deliverable_id], waits) for deliverable_id, waits in self.all_.waits(session).items()]
            is_astir = self.all_.is_astir(session)
        self.stands = ", ".join(sorted({f"{t.stage.value} ({' '.join(w.code for w in found)})" for t, found in waits})) or "over"
        self.reached = min((ORDER.index(deliverable.stage) for deliverable in deliverables.values()), default=ORDER.index(Stage.DONE))
        asked = [(deliverable, wait) for deliverable, found in waits for wait in found if not self.only_time_brings(deliverable, wait)]
        dues = [wait.due for deliverable, found in waits for wait in found if wait.due and self.only_time_brings(deliverable, wait)]
        return Rest(is_astir or bool(asked), asked, min(dues, default=None))

    def only_time_brings(self, deliverable: Deliverable, wait: Blocker) -> bool:
        """Whether nobody has anything to do about it: all is sent and asked while the call is open, a word closes the collaboration."""
        if wait.code == BlockerCode.CALL_OPEN:
            return acts.is_call_spent(self)
        if wait.code == BlockerCode.WINDOW_OPEN:
            return self.commented.get((deliverable.id, deliverable.visit), False)
        return wait.code == BlockerCode.UNCOVERED and billing.is_being_billed(self)

    def is_over(self) -> bool:
        with unit_of_work() as session:
            return not session.get_one(Campaign, self.id).is_live

    def do(self, deliverable: Deliverable, wait: Blocker) -> None:
        """What this blocker asks for: some of it over the API, the rest by the domain's own actions."""
        over_http = {**OVER_HTTP, "uncovered": billing.pay} if self.is_billed else OVER_HTTP
        if wait.code in over_http:
            over_http[wait.code](self, deliverable)
        elif wait.code in everyone.DEEDS:
            with unit_of_work() as session:
                if wait.code in MENDED and not self.still_waits(session, deliverable, wait):
                    return  # it is mended for all deliverables at once
                everyone.do(session, self.all_, deliverable, wait)
            if wait.code in MENDED:
                self.mended.append(MENDED[wait.code])

    def still_waits(self, session: Session, deliverable: Deliverable, wait: Blocker) -> bool:
        return wait.code in {each.code for each in self.all_.waits(session).get(deliverable.id, ())}


# What nobody would have to do if nothing had befallen the campaign.
MENDED = {
    "paused": "ended a pause that the Cancel button on Prefect's page had begun",
    "date_passed": "moved the dates of a brief that had passed",
}


@dataclass(frozen=True, slots=True)
class Rest:
    """What an assignment waits for: `is_astir` while people or Callboard have something to do, `due` what time brings next."""

    is_astir: bool
    asked: list[tuple[Deliverable, Blocker]] = field(default_factory=list)
    due: datetime | None = None


@contextmanager
def trying(assignment: Assignment) -> Iterator[None]:
    """What goes wrong because something is away, or has moved meanwhile, is tried again at the next step."""
    try:
        yield
    except AWAY as error:
        assignment.trouble = assignment.trouble or said(error)


def said(error: Exception) -> str:
    """An error in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"


@dataclass(frozen=True, slots=True)
class Plot:
    """How an assignment is to differ from the others."""

    home: Path
    wanted: Wanteds = (READER,)
    mix: Mix = field(default_factory=Mix)
    currency: str = "USD"
    countries: tuple[str, str] = ("US", "US")
    files: tuple[Path, ...] = ()
    is_billed: bool = False
    goes_back: bool = False


def begin(plot: Plot, number: int) -> Assignment:
    """A new assignment whose brief is written, neither signed nor funded; no title and no name of an artist's stands in another one."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        all_ = everyone.cast(session, filled_brief(session, plot.wanted, at=at, currency=plot.currency, assembly=ASSEMBLY), at=at)
        session.get_one(Campaign, all_.made.id).title = f"{TITLE} {number:03}"
        for artist, name, country in zip((all_.artist, all_.other_artist), ARTISTS, plot.countries, strict=True):
            person = session.get_one(Person, artist.person)
            person.name, person.country = name, country
        second = someone(session, Role.EDITOR, "Enzo", on=Scope(campaign_id=all_.made.id))
    begun = Assignment(all_, plot.home, plot.is_billed, plot.goes_back, plot.mix, second)
    path = f"/campaigns/{begun.id}/contributions"
    begun.contributions = [Word(begun.artists[text.by], path, text.body(begun.artists)) for text in plot.mix.call]
    begun.files = [Sending(begun.artists[each % 2], f"File {each}", path) for each, path in enumerate(plot.files)]
    return begun


def _complete(assignment: Assignment, deliverable: Deliverable) -> None:
    if not remixes.build(assignment):
        return
    path, body = f"/deliverables/{deliverable.id}/collaboration/complete", {"visit": deliverable.visit}
    word = assignment.completions.setdefault((deliverable.id, deliverable.visit), Word(assignment.all_.manager, path, dict(body)))
    assignment.voice.say(word)


def _decide(assignment: Assignment, deliverable: Deliverable) -> None:
    """The manager sends the deliverable back, once; the second time the brand approves it."""
    if assignment.goes_back and not any(of == deliverable.id and visit < deliverable.visit for of, visit in assignment.returns):
        _send_back(assignment, deliverable)
    else:
        _approve(assignment, deliverable)


def _send_back(assignment: Assignment, deliverable: Deliverable) -> None:
    body = {"to": Stage.COLLABORATION.value, "visit": deliverable.visit, "reason": "It needs another voice."}
    path = f"/deliverables/{deliverable.id}/send-back"
    word = assignment.returns.setdefault((deliverable.id, deliverable.visit), Word(assignment.all_.manager, path, dict(body)))
    assignment.voice.say(word)


def _approve(assignment: Assignment, deliverable: Deliverable) -> None:
    with unit_of_work() as session:
        version = latest_version(session, deliverable.id)
        assert version is not None
        seen = find_version_details(session, version.id, by=assignment.all_.approver)
    body = {"verdict": Verdict.APPROVED.value, "file_sha256": seen.version.sha256, "parts_sha256": seen.parts_sha256}
    word = assignment.approvals.setdefault(version.id, Word(assignment.all_.approver, f"/versions/{version.id}/decision", dict(body)))
    assignment.voice.say(word)


OVER_HTTP: Mapping[str, Callable[[Assignment, Deliverable], None]] = {
    "unsigned": acts.sign,
    "call_open": acts.send_contributions,
    "contributions_unscreened": acts.screen,
    "reviews_outstanding": acts.review,
    "selection_unpublished": remixes.choose,
    "window_open": acts.comment,
    "comments_unanswered": acts.dispose,
    "material_incomplete": _complete,
    "collaboration_open": _complete,
    "no_version": versions.make_version,
    "version_maker_unconfirmed": remixes.confirm_version,
    "decision": _decide,
    "points_unassessed": remixes.assess,
}
