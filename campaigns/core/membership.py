"""Brands, and who is invited into which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.appointing.actions import appoint
from campaigns.core.appointing.ending import end_grant, require_an_operator_stays
from campaigns.core.appointing.models import Appointment
from campaigns.core.campaign import Campaign, Track, find_campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope, grant_role, person_at
from campaigns.core.permissions import MONEY_ROLES, Permission, Role
from campaigns.core.words import _

HOUSE_ROLES = frozenset({Role.MANAGER, Role.FINANCE, Role.OPERATOR})
BRAND_ROLES = frozenset({Role.SIGNER, Role.APPROVER})
EVERYWHERE = (RoleGrant.brand_id.is_(None), RoleGrant.campaign_id.is_(None))


class NoSuchRole(NotFound):
    """Not in this campaign."""


class RunsTheCampaign(Refusal):
    """A campaign is never without whoever answers for it."""


def create_brand(
    session: Session, name: str, sign_off_roles: list[str], billing_email: str | None = None, *, by: Actor, at: datetime
) -> Brand:
    """Take a client on; `sign_off_roles` are the hats that must sign each of its briefs."""
    by.require(Permission.CREATE_CAMPAIGN)
    if not name.strip():
        raise Invalid(_("A brand needs a name."), field="name")
    brand = Brand(name=name.strip(), sign_off_roles=sign_off_roles, billing_email=billing_email)
    session.add(brand)
    session.flush()
    events.record(session, "brand.created", by=by, at=at, brand=str(brand.id), title=brand.name)
    return brand


def find_brand(session: Session, brand_id: UUID, *, by: Actor) -> Brand:
    """The brand, if the actor works for it or for the house; raises NotFound."""
    brand = session.get(Brand, brand_id)
    if brand is None or not (
        by.is_house or any(g.role is not Role.ARTIST and g.covers(Scope(brand_id=brand_id)) for g in by.granting_any())
    ):
        raise NotFound(_("There is no such brand."))
    return brand


def brands_to_begin_for(session: Session, *, by: Actor) -> Sequence[Brand]:
    """The brands for which the actor may begin a campaign, by name; raises Forbidden where there is none and could be none."""
    reaches = [g.brand_id for g in by.granting(Permission.CREATE_CAMPAIGN) if not g.campaign_id and not g.track_id]
    if not reaches:
        by.require(Permission.CREATE_CAMPAIGN)
    within = true() if None in reaches else Brand.id.in_(reaches)
    return session.scalars(select(Brand).where(within).order_by(func.lower(Brand.name), Brand.id)).all()


def invite(
    session: Session, email: str, role: Role, *, on: Scope, hat: str | None = None, name: str | None = None, by: Actor, at: datetime
) -> RoleGrant | Appointment:
    """Give the person behind `email`, who becomes known if new, a role within `on`; one that touches money takes a second person."""
    _require_may_grant(role, on, by)
    if role is Role.SIGNER and not hat:
        raise Invalid(_("Say for which hat this person signs, such as marketing or legal."), field="hat")
    person = person_at(session, email, name)
    if role in MONEY_ROLES:
        return appoint(session, person, role, on=on, by=by, at=at)
    held = grant_role(session, person.id, role, on=on, hat=hat, by=by)
    about: dict[str, Any] = {"person": str(person.id), "role": role.value, "brand": str(on.brand_id) if on.brand_id else None}
    events.record(session, "people.role_granted", by=by, at=at, campaign_id=on.campaign_id, **about)
    return held


def _require_may_grant(role: Role, on: Scope, by: Actor) -> None:
    if role is Role.ARTIST:
        raise Invalid(_("Everyone who signs in is an artist already."), field="role")
    if on == Scope():
        by.require(Permission.OPERATE)
    elif role in HOUSE_ROLES - {Role.MANAGER}:
        raise Forbidden(_("Finance and operators work for the whole house; an operator appoints them."))
    else:
        by.require(Permission.GRANT_ROLES, on=_Within(on))


class _Within:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope


def cast_of(session: Session, campaign: Campaign, *, after: UUID | None, limit: int, by: Actor) -> Sequence[tuple[RoleGrant, Person]]:
    """Who holds which role in this campaign, its brand's people among them; newest first, older than `after`."""
    by.require(Permission.VIEW_ROLES, on=campaign)
    here = (RoleGrant.campaign_id == campaign.id) | (RoleGrant.campaign_id.is_(None) & (RoleGrant.brand_id == campaign.brand_id))
    held = select(RoleGrant, Person).join(Person, Person.id == RoleGrant.person_id).where(here)
    held = held.order_by(RoleGrant.id.desc()).limit(limit)
    return session.execute(held.where(RoleGrant.id < after) if after else held).all()


def house(session: Session, *, after: UUID | None, limit: int, by: Actor) -> Sequence[tuple[RoleGrant, Person]]:
    """Who holds a role in the whole house, newest first, older than `after`."""
    by.require(Permission.VIEW_STATUS)
    held = select(RoleGrant, Person).join(Person, Person.id == RoleGrant.person_id).where(*EVERYWHERE)
    held = held.order_by(RoleGrant.id.desc()).limit(limit)
    return session.execute(held.where(RoleGrant.id < after) if after else held).all()


def end_role(session: Session, campaign_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds in this campaign; who runs it and what reaches beyond it stay. Raises NoSuchRole."""
    campaign = find_campaign(session, campaign_id, by=by, lock=True)
    by.require(Permission.GRANT_ROLES, on=campaign)
    held = session.get(RoleGrant, role_id)
    if held is None or held.campaign_id != campaign.id:
        raise NoSuchRole(_("Nobody holds such a role in this campaign; what someone does for the whole brand is not ended here."))
    if held.role == Role.MANAGER and held.person_id == campaign.owner_id:
        raise RunsTheCampaign(_("Whoever runs the campaign stays its manager."))
    return end_grant(session, held, by=by, at=at)


def end_house_role(session: Session, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role in the whole house; the last operator stays. Raises NoSuchRole, LastOperator."""
    by.require(Permission.OPERATE)
    require_an_operator_stays(session, role_id)
    held = session.scalar(select(RoleGrant).where(*EVERYWHERE, RoleGrant.id == role_id))
    if held is None:
        raise NoSuchRole(_("Nobody holds such a role in the whole house."))
    return end_grant(session, held, by=by, at=at)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that someone holds, under `hat` if it has one; `where` is the deliverable, campaign or brand, None for the whole house."""

    role: Role
    hat: str | None
    where: str | None


def own_roles(session: Session, *, by: Actor) -> Sequence[HeldRole]:
    """Every role that the actor was given, the oldest first."""
    query = (
        select(RoleGrant.role, RoleGrant.hat, func.coalesce(Track.title, Campaign.title, Brand.name))
        .outerjoin(Track, Track.id == RoleGrant.track_id)
        .outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
        .outerjoin(Brand, Brand.id == RoleGrant.brand_id)
        .where(RoleGrant.person_id == by.person)
        .order_by(RoleGrant.id)
    )
    return [HeldRole(Role(role), hat, where) for role, hat, where in session.execute(query)]
