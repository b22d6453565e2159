"""The people of the campaigns: one for each role that there is, who has that role and no other, and some who have two."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.campaign import deliverables_of
from campaigns.core.people import SYSTEM, Actor, Scope, note_artist
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from tests.everyone import Cast
from tests.factories import person, someone

SIGN_OFF_ROLE = "legal"
# Who is only named as a maker of another's work, and has never said so.
NAMED = "named"
# Who has a role of the other campaign's, by how the readers call them, and who that is there.
OF_THE_NEXT = {"rival": "principal", "stranger": "artist", "approver-artist": "approver-artist"}


@dataclass(frozen=True, slots=True)
class Company:
    """A campaign's people: who is there anyway, and those who have one role, or the two that their name says."""

    all_: Cast
    others: dict[str, Actor]

    @property
    def id(self) -> UUID:
        return self.all_.made.id

    def who(self, role: str) -> Actor:
        """Who has this role here."""
        found: Actor = self.others.get(role) or getattr(self.all_, role)
        return found


@dataclass
class Staff:
    """Who is the same to every campaign, and who has one role in a campaign and another in another."""

    operator: Actor = SYSTEM
    both: Actor = SYSTEM
    between: dict[str, Actor] = field(default_factory=dict)

    def who(self, role: str) -> Actor | None:
        """Who has this role, whichever campaign is asked about."""
        return {"operator": self.operator, "operator-finance": self.both, **self.between}.get(role)


def staff(session: Session) -> Staff:
    """The staff: an operator, and one who is in finance, too."""
    both = someone(session, Role.OPERATOR, "Otto")
    grant_role(session, both.person, Role.FINANCE, by=SYSTEM)
    return Staff(someone(session, Role.OPERATOR, "Oda"), both)


def between(session: Session) -> dict[str, Actor]:
    """Two artists who are to have a role in another campaign than the one that they send contributions to."""
    return {"curator-artist": person(session, "Cara"), "manager-artist": person(session, "Mona")}


def with_everyone(session: Session, all_: Cast) -> Company:
    """The company, each with one role in it, but for those who are said to have two."""
    campaign, brand = all_.made.campaign.scope, Scope(brand_id=all_.made.brand.id)
    first, *_others = deliverables_of(session, all_.made.id)
    others = {
        "manager": someone(session, Role.MANAGER, "Max", on=campaign),
        "screener": someone(session, Role.CURATOR, "Scott", on=campaign),
        "leader": someone(session, Role.LEADER, "Lea", on=first.scope),
        "client": someone(session, Role.BRAND_ADMINISTRATOR, "Clara", on=brand),
        "signer": someone(session, Role.SIGNER, "Sila", on=brand, sign_off_role=SIGN_OFF_ROLE),
        "approver": all_.approver,
        "principal": someone(session, Role.BRAND_ADMINISTRATOR, "Prue", on=brand),
        "manager-curator": someone(session, Role.MANAGER, "Mick", on=campaign),
        "approver-artist": someone(session, Role.APPROVER, "Arno", on=brand),
        "finance": all_.made.finance,
        NAMED: person(session, "Nico"),
    }
    further: tuple[tuple[str, Role, dict[str, Any]], ...] = (
        ("principal", Role.APPROVER, {"on": brand}),
        ("principal", Role.SIGNER, {"on": brand, "sign_off_role": SIGN_OFF_ROLE}),
        ("manager-curator", Role.CURATOR, {"on": campaign}),
    )
    for who, role, reach in further:
        grant_role(session, others[who].person, role, **reach, by=SYSTEM)
    note_artist(session, others["approver-artist"].person, at=clock.business_now(session))
    return Company(all_, others)
