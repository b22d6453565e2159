"""A role ends: by whoever may end it, or by whoever stops what should never have been given."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.appointing.errors import LastOperator
from campaigns.core.appointing.models import Appointment, the_same
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.core.words import _

EVERYWHERE = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None))


def end_grant(session: Session, held: RoleGrant, *, by: Actor, at: datetime) -> RoleGrant:
    """Take the role back, and note its end in the appointment that it came from."""
    on = Scope(held.brand_id, held.campaign_id, held.deliverable_id)
    of_it = (*the_same(Appointment, held.person_id, held.role, on), Appointment.began_at.is_not(None), Appointment.stopped_at.is_(None))
    session.execute(update(Appointment).where(*of_it).values(stopped_by=by.person_id, stopped_at=at))
    session.delete(held)
    session.flush()
    about: dict[str, Any] = {"person": str(held.person_id), "role": held.role, "brand": str(held.brand_id) if held.brand_id else None}
    events.record(
        session, EventName.PEOPLE_ROLE_ENDED, by=by, at=at, campaign_id=held.campaign_id, deliverable_id=held.deliverable_id, **about
    )
    return held


def require_an_operator_stays(session: Session, role_id: UUID) -> None:
    """Raise LastOperator where this role is the last operator's; of two that end at once the second waits for the first."""
    operators = select(RoleGrant).where(*EVERYWHERE, RoleGrant.role == Role.OPERATOR).order_by(RoleGrant.id).with_for_update()
    found = {each.id for each in session.scalars(operators)}
    if role_id in found and not found - {role_id}:
        raise LastOperator(_("Callboard needs an operator: appoint another one first."))
