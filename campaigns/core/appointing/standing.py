"""Whether an installation has the people that each act takes, for Status: how many, and who was appointed by one person alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from campaigns.core.appointing.few_people import choices, few_people
from campaigns.core.appointing.models import Appointment
from campaigns.core.appointing.queries import OPEN, Appointed, appointments, by_one_alone
from campaigns.core.appointing.rules import ties_among
from campaigns.core.cooling import cooling_time
from campaigns.core.events import Event
from campaigns.core.factors.models import CodeApp, Passkey
from campaigns.core.people import Actor, Person, RoleGrant
from campaigns.core.permissions import GRANTS, MONEY_ROLES, Permission, Role

MOST_SHOWN = 50
OF_MONEY = [role.value for role in MONEY_ROLES]
Ties = Mapping[UUID, set[UUID]]
# Each act, and what each of the different people whom it takes does in it.
ACTS: Mapping[str, Sequence[Permission]] = {
    "appoint": (Permission.CONFIRM_ROLE, Permission.CONFIRM_ROLE),
    "receipt": (Permission.RECORD_RECEIPT, Permission.CONFIRM_RECEIPT),
    "advance": (Permission.LAUNCH, Permission.APPROVE_ADVANCE),
    "finalize": (Permission.ASSESS, Permission.FINALIZE, Permission.FINALIZE),
    "release": (Permission.RELEASE_RUN, Permission.RELEASE_RUN),
    "limits": (Permission.SET_LIMITS, Permission.SET_LIMITS),
    "cancel": (Permission.CANCEL, Permission.CONFIRM_CANCEL),
}


@dataclass(frozen=True, slots=True)
class StaffingNeed:
    """Something that takes several people: how many, and how many there are for it on staff, or could act in it together."""

    name: str
    needed: int
    there: int


@dataclass(frozen=True, slots=True)
class NewFactor:
    """Somebody's passkey or app that does not count yet."""

    name: str
    counts_from: datetime


@dataclass(frozen=True, slots=True)
class Independence:
    """What Status says of the staff."""

    acts: Sequence[StaffingNeed]
    alone: Sequence[Appointed]
    open: Sequence[Appointed]
    factors: Sequence[NewFactor]
    is_few: bool
    choices: Sequence[Event]
    cooling_hours: int


def independence(session: Session, *, by: Actor, at: datetime) -> Independence:
    """Who can act with whom, who was appointed by one person alone, what cools, and what was chosen."""
    by.require(Permission.VIEW_STATUS)
    held, is_few = _holders(session), few_people(session)
    tied = {} if is_few else ties_among(session, set[UUID]().union(*held.values()))
    return Independence(
        acts=_acts(held, tied),
        alone=by_one_alone(session, by=by),
        open=appointments(session, *OPEN, after=None, limit=MOST_SHOWN, by=by),
        factors=_factors(session, at),
        is_few=is_few,
        choices=choices(session),
        cooling_hours=cooling_time() // timedelta(hours=1),
    )


def _holders(session: Session) -> Mapping[Role, set[UUID]]:
    everywhere = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None), RoleGrant.role.in_(OF_MONEY))
    found: dict[Role, set[UUID]] = {role: set() for role in MONEY_ROLES}
    for person_id, role in session.execute(select(RoleGrant.person_id, RoleGrant.role).where(*everywhere)):
        found[Role(role)].add(person_id)
    return found


def _acts(held: Mapping[Role, set[UUID]], tied: Ties) -> Sequence[StaffingNeed]:
    return [_act(name, [_who_may(permission, held) for permission in in_turn], tied) for name, in_turn in ACTS.items()]


def _who_may(permission: Permission, held: Mapping[Role, set[UUID]]) -> set[UUID]:
    return set[UUID]().union(*(held[role] for role in GRANTS[permission]))


def _act(name: str, in_turn: Sequence[set[UUID]], tied: Ties) -> StaffingNeed:
    """The act, with all who could take part in it; where that many cannot act together, with how many of them can."""
    together = _most_together(sorted(in_turn, key=len), tied, set())
    return StaffingNeed(name, len(in_turn), len(set[UUID]().union(*in_turn)) if together == len(in_turn) else together)


def _most_together(in_turn: Sequence[set[UUID]], tied: Ties, others: set[UUID]) -> int:
    """How many of these places can be filled with people who are neither of `others`, nor of each other, nor tied to any of them."""
    if not in_turn:
        return 0
    people, *rest = in_turn
    best = _most_together(rest, tied, others)
    for person in sorted(people - others):
        if best == len(in_turn):
            break
        if not tied.get(person, set()) & others:
            best = max(best, 1 + _most_together(rest, tied, others | {person}))
    return best


def _factors(session: Session, at: datetime) -> Sequence[NewFactor]:
    """Those of people with a role that touches money, or on the way to one; the next to count first."""
    cooling = union_all(*(select(t.person_id, t.counts_from).where(t.counts_from > at) for t in (Passkey, CodeApp))).subquery()
    whose = select(RoleGrant.person_id).where(RoleGrant.role.in_(OF_MONEY)).union(select(Appointment.person_id).where(*OPEN))
    query = select(Person.name, cooling.c.counts_from).join(cooling, cooling.c.person_id == Person.id).where(Person.id.in_(whose))
    rows = session.execute(query.order_by(cooling.c.counts_from, Person.name).limit(MOST_SHOWN))
    return [NewFactor(name, counts_from) for name, counts_from in rows]
