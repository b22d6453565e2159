"""Facts and people for emails to be about."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from campaigns.core import clock, events
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.emails import Email
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM, Brand, Person, RoleGrant
from tests.postroom import Line, relay
from workers.transactions import unit_of_work

SEND = "/v3/mail/send"


def people(count: int, locale: str = "en", domain: str = "example.org", name: str = "artist") -> list[UUID]:
    """So many new people, called artist0@example.org and so on."""
    with unit_of_work() as session:
        new = [Person(email=f"{name}{n}.{locale}@{domain}", name=f"Artist {n}", locale=locale) for n in range(count)]
        session.add_all(new)
        session.flush()
        return [person.id for person in new]


def campaign_of(crew: list[UUID]) -> UUID:
    """A campaign in which each of these has a role; the first owns it."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        brand = Brand(name="Zappos", sign_off_roles=[])
        session.add(brand)
        session.flush()
        campaign = Campaign(brand_id=brand.id, title="Holiday traditions", owner_id=crew[0], created_at=now)
        session.add(campaign)
        session.flush()
        session.add(
            Deliverable(
                campaign_id=campaign.id,
                brand_id=brand.id,
                number=1,
                title="Hero film",
                kind="film",
                format="MP4",
                length="60 s",
                price=1,
                entered_at=now,
            )
        )
        session.add_all(RoleGrant(person_id=person, role="curator", campaign_id=campaign.id) for person in crew)
        return campaign.id


def happens(name: EventName, campaign_id: UUID | None = None, **facts: Any) -> UUID:
    """Record a fact; a pause and its end change the campaign's row as well."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        if campaign_id and name in {"campaign.paused", "campaign.resumed"}:
            session.get_one(Campaign, campaign_id).paused_at = now if name == "campaign.paused" else None
        return events.record(session, name, by=SYSTEM, at=now, campaign_id=campaign_id, reason="The shoot has moved.", **facts)


def states() -> list[tuple[str, str]]:
    """Every email's address and state, in order."""
    with unit_of_work() as session:
        return sorted((email.address, email.state) for email in session.query(Email))


def artists() -> list[UUID]:
    """Everyone called artist."""
    with unit_of_work() as session:
        return list(session.scalars(select(Person.id).where(Person.email.like("artist%"))))


def unknown(line: Line, fault: str, count: int = 1) -> None:
    """Emails whose call, or whose answer, was lost."""
    line.faults = [(SEND, fault)] * count
    happens(EventName.CAMPAIGN_PAUSED, campaign_of(people(count)))
    relay()
    assert {state for _address, state in states()} == {"unknown"}
