"""The emails about roles that touch money: whoever could stop one hears of it at once."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.appointing.models import Appointment, How, State
from campaigns.core.campaign import Campaign
from campaigns.core.event_names import EVENTS, EventName
from campaigns.core.events import Event
from campaigns.core.people import Brand, Person, Scope
from campaigns.core.permissions import BRAND_ROLES, Role
from campaigns.core.role_grants import holders
from notifications.notification import EmailDraft, notification

STATES = {
    EventName.PEOPLE_ROLE_ASKED: State.WAITING, EventName.PEOPLE_ROLE_COOLS: State.COOLING, EventName.PEOPLE_ROLE_GRANTED: State.IN_FORCE,
    EventName.PEOPLE_ROLE_STOPPED: State.STOPPED,
}  # fmt: skip


def _still_so(session: Session, fact: Event) -> bool:
    """Whether it is not further on its way, nor stopped meanwhile: of that there is an email of its own."""
    made = session.get(Appointment, UUID(fact.facts["appointment"])) if "appointment" in fact.facts else None
    return made is not None and made.state is STATES[EVENTS[fact.name]]


@notification(
    stage="access", on=STATES, still_true=_still_so, through_pause=True,
    sample={
        "path": "/appointments/0199a1b2", "state": "cooling", "who": "Rita Moreno", "role": "finance", "place": None, "is_yours": False,
        "by": "Odile Okonkwo", "confirmed_by": "Femi Adeyemi", "counts_from": "2026-11-05T09:00:00+00:00", "why": None,
    },
)  # fmt: skip
def role_of_money(session: Session, fact: Event) -> Iterable[EmailDraft]:
    """All operators and finance, and of a campaign its managers and its brand, learn of a role that touches money, and where to stop it."""
    told = fact.facts
    made = session.get(Appointment, UUID(told["appointment"])) if "appointment" in told else None
    state = STATES[EVENTS[fact.name]]
    if made is None or (state is State.IN_FORCE and made.how is not How.MACHINE):
        return
    about = {
        "state": state.value, "role": made.role, "place": _place(session, made), "who": session.get_one(Person, made.person_id).name,
        "by": _name(session, made.granted_by), "confirmed_by": _name(session, made.confirmed_by), "counts_from": told["counts_from"],
        "why": fact.reason,
    }  # fmt: skip
    for person_id in sorted(whom_it_concerns(session, made, state) - {fact.actor_id}):
        yield EmailDraft(person_id, path=f"/appointments/{made.id}", is_yours=person_id == made.person_id, **about)


def whom_it_concerns(session: Session, made: Appointment, state: State) -> set[UUID]:
    """Whoever can stop it, and from its confirmation on whoever gets it; of one at the machine they get an email of their own."""
    staff = [person for role in (Role.OPERATOR, Role.FINANCE) for person in holders(session, role, Scope())]
    within = [p for role in sorted({Role.MANAGER} | BRAND_ROLES) for p in holders(session, role, _reach(session, made))]
    found = {person.id for person in (*staff, *(within if made.brand_id or made.campaign_id else ()))} - {made.person_id}
    return found | ({made.person_id} if state is State.COOLING or (state is State.STOPPED and made.counts_from) else set())


def _reach(session: Session, made: Appointment) -> Scope:
    """The appointment's place, with the brand that a campaign belongs to."""
    campaign = session.get_one(Campaign, made.campaign_id) if made.campaign_id else None
    return Scope(campaign.brand_id if campaign else made.brand_id, made.campaign_id, made.deliverable_id)


def _place(session: Session, made: Appointment) -> str | None:
    if made.campaign_id:
        return session.get_one(Campaign, made.campaign_id).title
    return session.get_one(Brand, made.brand_id).name if made.brand_id else None


def _name(session: Session, person_id: UUID | None) -> str | None:
    return session.get_one(Person, person_id).name if person_id else None
