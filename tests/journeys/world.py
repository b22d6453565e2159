"""The world around a journey: the API, a mailbox, the flow of every campaign, and everyone else doing their part."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns import lifecycle
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.queries import unpackaged
from campaigns.client_delivery.packages.queries import unprepared as unshown
from campaigns.client_delivery.versions import renditions as showing
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of
from campaigns.core.people import Actor, Person
from campaigns.open_call import renditions
from campaigns.open_call.queries import unprepared
from campaigns.payout.finalizations.actions import post_final, unposted
from campaigns.payout.proposals.actions import draft, gather_due, is_due, open_proposal
from tests.everyone import Cast, cast, do
from tests.factories import READER, Wanteds, opened_call
from tests.postroom import emails_to, relay, wait_for
from workers.transactions import unit_of_work

API = "/api/v1"
LINK = re.compile(r"/sign-in/([\w-]{20,})")
ROUNDS = 30


@dataclass
class Caller:
    """Someone at the API with a token of their own."""

    client: TestClient
    token: str
    id: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers |= {"Authorization": f"Bearer {self.token}"}
        return self.client.request(method, path if path.startswith(API) else API + path, json=body, headers=headers)

    def get(self, path: str) -> Any:
        """What is there to see."""
        return self._done(self.ask("GET", path))

    def post(self, path: str, **body: Any) -> Any:
        return self._done(self.ask("POST", path, body))

    def put(self, path: str, **body: Any) -> Any:
        return self._done(self.ask("PUT", path, body))

    def patch(self, path: str, **body: Any) -> Any:
        return self._done(self.ask("PATCH", path, body))

    def refused(self, method: str, path: str, **body: Any) -> tuple[int, str]:
        """The status and the code with which this is refused."""
        answer = self.ask(method, path, body if method != "GET" else None)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code, answer.json()["code"]

    def _done(self, answer: Any) -> Any:
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@dataclass
class World:
    """The API and what happens around it."""

    client: TestClient
    mailbox: str

    def sign_in(self, who: Actor | str) -> Caller:
        """Ask for a link, read the email, and exchange the link for a token, as everyone does."""
        address = who if isinstance(who, str) else address_of(who)
        assert self.client.post(f"{API}/sign-in", json={"email": address}).status_code == 202
        relay()
        wait_for(lambda: self._links(address))
        token = self.client.post(f"{API}/sign-in/token", json={"secret": self._links(address)[0]}).json()["secret"]
        caller = Caller(self.client, token)
        caller.id = caller.get("/me")["id"]
        return caller

    def link(self, address: str, pattern: str) -> str:
        """What a link of this form in the newest email to an address ends with."""

        def find() -> list[str]:
            return [found for email in emails_to(self.mailbox, address) for found in re.findall(pattern, email["text"])]

        relay()
        wait_for(find)
        return find()[0]

    def _links(self, address: str) -> list[str]:
        """What the sign-in emails to an address carry, newest first."""
        return [link for email in emails_to(self.mailbox, address) for link in LINK.findall(email["text"])]

    def emails(self, caller: Caller, expected: int) -> list[str]:
        """The subjects of someone's emails, newest first, once there are as many as expected."""
        address = caller.get("/me")["email"]
        relay()
        wait_for(lambda: len(emails_to(self.mailbox, address)) >= expected)
        return [email["subject"] for email in emails_to(self.mailbox, address)]

    def now(self) -> datetime:
        with unit_of_work() as session:
            return clock.business_now(session)

    def pass_time(self, by: timedelta) -> None:
        with unit_of_work() as session:
            clock.move_clock(session, by)
        self.flow()

    def flow(self) -> None:
        """What the flow of every campaign does when it is woken, but for the engine around it."""
        with unit_of_work() as session:
            live = session.scalars(select(Campaign.id).where(Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None))).all()
        for campaign_id in live:
            while work(campaign_id):
                pass

    def play(self, everyone: Cast, *codes: str) -> None:
        """Everyone else does what the campaign waits for, as long as it is one of these."""
        for _round in range(ROUNDS):
            self.flow()
            if not do_one_round(everyone, codes):
                return
        raise AssertionError(f"It waits for ever for one of {codes}.")


def address_of(who: Actor) -> str:
    with unit_of_work() as session:
        return session.get_one(Person, who.person).email


def do_one_round(everyone: Cast, codes: tuple[str, ...]) -> bool:
    """Whether there was something to do."""
    with unit_of_work() as session:
        now = everyone.at = clock.business_now(session)
        done = False
        for deliverable in everyone.deliverables(session):
            waits = lifecycle.blockers(session, [deliverable], at=everyone.at)[deliverable.id] if deliverable.is_live else []
            if waits and waits[0].code in codes:
                do(session, everyone, deliverable, waits[0])
                done = True
        if everyone.at > now:
            clock.move_clock(session, everyone.at - now)
        return done


def work(campaign_id: UUID) -> bool:
    """Make contributions ready, hand packages over, propose and post, then move on; whether anything was done."""
    with unit_of_work() as session:
        at, deliverables = (
            clock.business_now(session),
            [deliverable.id for deliverable in deliverables_of(session, campaign_id) if deliverable.is_live],
        )
        contributions, versions, unseen = (
            unprepared(session, campaign_id, 100),
            unpackaged(session, deliverables),
            unshown(session, deliverables, 100),
        )
        due, final = [t for t in deliverables if is_due(session, t)], [unposted(session, t) for t in deliverables]
    for contribution_id in contributions:
        make_ready(contribution_id, at)
    for version_id in unseen:
        make_ready(version_id, at, showing)
    for version_id in versions:
        hand_over(version_id, at)
    proposed = [propose(deliverable_id, at) for deliverable_id in due]
    with unit_of_work() as session:
        for proposal_id in filter(None, final):
            post_final(session, proposal_id, at=at)
        moved = lifecycle.move_on(session, campaign_id, at=at)
    return bool(contributions or versions or unseen or any(proposed) or any(final) or moved)


def make_ready(made_id: UUID, at: datetime, kind: ModuleType = renditions) -> None:
    with unit_of_work() as session:
        original = kind.original_of(session, made_id)
    prepared = renditions.prepare(original)
    with unit_of_work() as session:
        kind.record(session, made_id, prepared, at=at)


def hand_over(version_id: UUID, at: datetime) -> None:
    with unit_of_work() as session:
        contents = package_actions.contents_of(session, version_id)
    stored = package_actions.build(contents)
    with unit_of_work() as session:
        package_actions.record(session, version_id, stored, at=at)


def propose(deliverable_id: UUID, at: datetime) -> bool:
    with unit_of_work() as session:
        gathered = gather_due(session, deliverable_id)
    if gathered is None:
        return False
    drafted = draft(*gathered)
    with unit_of_work() as session:
        open_proposal(session, deliverable_id, drafted, at=at)
    return True


def open_call(world: World, deliverables: Wanteds = (READER,), **changes: object) -> Cast:
    """A campaign whose call is open, and everyone in it; `changes` are what its brief has otherwise than others."""
    with unit_of_work() as session:
        made = opened_call(session, deliverables, at=world.now(), **changes)
        return cast(session, made, at=world.now())


def only_deliverable(everyone: Cast) -> Deliverable:
    """The campaign's one deliverable, where it stands."""
    with unit_of_work() as session:
        [only] = deliverables_of(session, everyone.made.id)
        return only
