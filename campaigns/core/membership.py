"""Who is invited into which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.appointing.actions import appoint
from campaigns.core.appointing.ending import EVERYWHERE, end_grant, require_an_operator_stays
from campaigns.core.appointing.models import Appointment
from campaigns.core.brand_roles import require_may_appoint, require_may_end
from campaigns.core.campaign import Campaign, Deliverable, find_campaign, find_deliverable
from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope, note_artist, person_at
from campaigns.core.permissions import BRAND_ROLES, MONEY_ROLES, Permission, Role
from campaigns.core.role_grants import grant_role
from campaigns.core.words import _


class NoSuchRole(NotFound):
    """Nobody has this role in the campaign."""


class RunsTheCampaign(Refusal):
    """The manager who runs the campaign cannot be removed."""


def invite(
    session: Session,
    email: str,
    role: Role,
    *,
    on: Scope,
    sign_off_role: str | None = None,
    name: str | None = None,
    by: Actor,
    at: datetime,
) -> RoleGrant | Appointment:
    """Give the person behind `email`, who becomes known if new, a role within `on`; one that touches money takes a second person."""
    if sign_off_role and role is not Role.SIGNER:
        raise Invalid(_("Only signers sign on behalf of someone; leave this empty for other roles."), field="sign_off_role")
    if role in BRAND_ROLES:
        require_may_appoint(session, role, sign_off_role, on=on, by=by)
    else:
        _require_may_grant(role, on, by)
    person = person_at(session, email, name)
    if role in MONEY_ROLES:
        return appoint(session, person, role, on=on, by=by, at=at)
    held = grant_role(session, person.id, role, on=on, sign_off_role=sign_off_role, by=by)
    about: dict[str, Any] = {"person": str(person.id), "role": role.value, "brand": str(on.brand_id) if on.brand_id else None}
    events.record(session, EventName.PEOPLE_ROLE_GRANTED, by=by, at=at, campaign_id=on.campaign_id, **about)
    return held


def reach_within(session: Session, campaign_id: UUID, deliverable_id: UUID | None, *, by: Actor) -> Scope:
    """What a role reaches in this campaign, or in this deliverable of it only, which is looked for once the actor may give one there."""
    campaign = find_campaign(session, campaign_id, by=by)
    if deliverable_id is None:
        return campaign.scope
    if not any(grant.campaign_id == campaign.id for grant in by.granting(Permission.GRANT_ROLES)):
        by.require(Permission.GRANT_ROLES, on=campaign)
    deliverable = find_deliverable(session, deliverable_id, by=by)
    if deliverable.campaign_id != campaign.id:
        raise NotFound(_("There is no such deliverable."))
    return deliverable.scope


def _require_may_grant(role: Role, on: Scope, by: Actor) -> None:
    if role in (Role.ARTIST, Role.MEMBER):
        raise Invalid(_("You cannot give this role: people join as artists themselves."), field="role")
    if on == Scope():
        by.require(Permission.OPERATE)
    elif role in (Role.FINANCE, Role.OPERATOR):
        raise Forbidden(_("Finance and operators work on all campaigns; an operator appoints them."))
    else:
        by.require(Permission.GRANT_ROLES, on=on)


def cast_of(session: Session, campaign: Campaign, *, after: UUID | None, limit: int, by: Actor) -> Sequence[tuple[RoleGrant, Person]]:
    """Who holds which role in this campaign, its brand's people among them; newest first, older than `after`."""
    by.require(Permission.VIEW_ROLES, on=campaign)
    here = (RoleGrant.campaign_id == campaign.id) | (RoleGrant.campaign_id.is_(None) & (RoleGrant.brand_id == campaign.brand_id))
    held = select(RoleGrant, Person).join(Person, Person.id == RoleGrant.person_id).where(here)
    held = held.order_by(RoleGrant.id.desc()).limit(limit)
    return session.execute(held.where(RoleGrant.id < after) if after else held).all()


def staff(session: Session, *, after: UUID | None, limit: int, by: Actor) -> Sequence[tuple[RoleGrant, Person]]:
    """Who holds a role on staff, newest first, older than `after`."""
    by.require(Permission.VIEW_STATUS)
    held = select(RoleGrant, Person).join(Person, Person.id == RoleGrant.person_id).where(*EVERYWHERE)
    held = held.order_by(RoleGrant.id.desc()).limit(limit)
    return session.execute(held.where(RoleGrant.id < after) if after else held).all()


def end_role(session: Session, campaign_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds in this campaign; who runs it and what reaches beyond it stay. Raises NoSuchRole."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    held = session.get(RoleGrant, role_id)
    require_may_end(held.role if held and held.campaign_id == campaign.id else None, on=campaign, by=by)
    if held is None or held.campaign_id != campaign.id:
        raise NoSuchRole(_("Nobody has this role in the campaign; roles for the whole brand are not removed here."))
    if held.role == Role.MANAGER and held.person_id == campaign.owner_id:
        raise RunsTheCampaign(_("The person who runs the campaign remains its manager."))
    return end_grant(session, held, by=by, at=at)


def end_staff_role(session: Session, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role on staff; the last operator stays. Raises NoSuchRole, LastOperator."""
    by.require(Permission.OPERATE)
    require_an_operator_stays(session, role_id)
    held = session.scalar(select(RoleGrant).where(*EVERYWHERE, RoleGrant.id == role_id))
    if held is None:
        raise NoSuchRole(_("Nobody has this role for all campaigns."))
    return end_grant(session, held, by=by, at=at)


def take_part_as_artist(session: Session, *, by: Actor, at: datetime) -> None:
    """Let the actor take part as an artist beside the roles that they hold; saying so again changes nothing."""
    by.require(Permission.CHANGE_PROFILE)
    if session.get_one(Person, by.person).artist_since is None:
        note_artist(session, by.person, at=at)
        events.record(session, EventName.PEOPLE_TAKES_PART_AS_ARTIST, by=by, at=at, person=str(by.person))


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that someone holds, under `sign_off_role` if it has one; `where` is the deliverable, campaign or brand, None for staff."""

    role: Role
    sign_off_role: str | None
    where: str | None


def own_roles(session: Session, *, by: Actor) -> Sequence[HeldRole]:
    """Every role that the actor was given, the oldest first."""
    query = (
        select(RoleGrant.role, RoleGrant.sign_off_role, func.coalesce(Deliverable.title, Campaign.title, Brand.name))
        .outerjoin(Deliverable, Deliverable.id == RoleGrant.deliverable_id)
        .outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
        .outerjoin(Brand, Brand.id == RoleGrant.brand_id)
        .where(RoleGrant.person_id == by.person)
        .order_by(RoleGrant.id)
    )
    return [HeldRole(Role(role), sign_off_role, where) for role, sign_off_role, where in session.execute(query)]
