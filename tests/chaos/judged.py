"""An assignment whose emails go through SendGrid's simulator, and what the verdict on emails says of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.core import clock, events
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from tests.chaos.assignment import Assignment
from tests.chaos.company import Company
from tests.chaos.emails import harms_of_emails
from tests.factories import READER, filled_brief, someone
from tests.postroom import at_hand, emails_to, later, relay, wait_for
from workers.transactions import unit_of_work

AN_ID = re.compile(r" [0-9a-f-]{36}$")


@dataclass
class Judged:
    """The assignment among its company, and where the mailboxes are; `count` emails have arrived so far."""

    company: Company
    beyond: str
    count: int = 0

    @property
    def assignment(self) -> Assignment:
        return self.company.assignments[0]

    def happens(self, name: EventName, *, emails: int, **facts: Any) -> UUID:
        """Record an event of the assignment's, or of the system's where it names a person, which that many emails tell of."""
        with unit_of_work() as session:
            of_campaign = None if "person" in facts else self.assignment.id
            at = clock.business_now(session)
            if name in ("campaign.paused", "campaign.resumed"):
                session.get_one(Campaign, self.assignment.id).paused_at = at if name == "campaign.paused" else None
            fact = events.record(session, name, by=SYSTEM, at=at, campaign_id=of_campaign, reason="The shoot has moved.", **facts)
        self.carry(emails)
        return fact

    def carry(self, emails: int) -> None:
        """Whatever is to be written is, and that many more emails arrive."""
        self.count += emails
        relay()
        wait_for(lambda: len(emails_to(self.beyond)) == self.count)

    def announce(self) -> None:
        """The call is announced to both artists, the editor and the curator, and the announcement is with them."""
        self.happens(EventName.BRIEF_LAUNCHED, emails=0)
        later(21)
        self.carry(4)

    def harms(self) -> list[str]:
        """What is wrong, without the emails' ids."""
        with unit_of_work() as session:
            return [AN_ID.sub("", harm) for harm in harms_of_emails(session, self.company)]


@contextmanager
def written_to(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Judged]:
    """Both signers have been told that the brief can be signed."""
    with at_hand(monkeypatch) as beyond:
        with unit_of_work() as session:
            made = filled_brief(session, (READER,), at=clock.business_now(session))
            releasers = someone(session, Role.FINANCE, "Rita"), someone(session, Role.FINANCE, "Rolf")
        judged = Judged(Company([Assignment.of(made, home)], releasers), beyond)
        judged.carry(2)
        yield judged


def plant(statement: str, **values: object) -> None:
    """Change rows behind everybody's back."""
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(statement), values)
