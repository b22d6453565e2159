"""A brand's own people: its administrators appoint who signs and who approves, and nobody else does."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from campaigns.core.appointing.ending import end_grant
from campaigns.core.brands import find_brand, require_reach
from campaigns.core.campaign import Campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope, Scoped
from campaigns.core.permissions import BRAND_ROLES, Permission, Role
from campaigns.core.words import _


class NoSuchBrandRole(NotFound):
    """Nobody has this role for the brand."""


def require_may_appoint(session: Session, role: Role, sign_off_role: str | None, *, on: Scoped, by: Actor) -> None:
    """Raise Forbidden or Invalid unless the actor, for the brand itself, may give `role` under this sign-off role of the brand's own."""
    if on.scope.brand_id is None:
        raise Invalid(_("Signers and approvers act for one brand: appoint them on the brand's people page."), field="role")
    if role is Role.BRAND_ADMINISTRATOR:
        raise Invalid(_("The brand's billing email confirms its administrators: request one on the brand's page."), field="role")
    if not by.may(Permission.APPOINT_FOR_BRAND, on):
        raise Forbidden(_("Only an administrator of the brand can appoint its signers and approvers."), field="role")
    by.require(Permission.APPOINT_FOR_BRAND, on)
    _require_own_sign_off_role(session.get_one(Brand, on.scope.brand_id), role, sign_off_role)


def _require_own_sign_off_role(brand: Brand, role: Role, sign_off_role: str | None) -> None:
    if role is not Role.SIGNER:
        return
    if not sign_off_role:
        raise Invalid(_("Choose on whose behalf this person signs, such as marketing or legal."), field="sign_off_role")
    if sign_off_role not in brand.sign_off_roles:
        sign_off_roles = ", ".join(brand.sign_off_roles) or _("none yet")
        raise Invalid(
            _("Sign-off roles of {brand}: {sign_off_roles}. Add one to the brand first.", brand=brand.name, sign_off_roles=sign_off_roles),
            field="sign_off_role",
        )


def require_may_end(role: str | None, *, on: Scoped, by: Actor) -> None:
    """Raise Forbidden unless the actor may end such a role within `on`, or any, where there is none any more.

    A role of the brand's is ended by its administrator or an operator.
    """
    of_brand, of_staff = [Permission.APPOINT_FOR_BRAND, Permission.OPERATE], [Permission.GRANT_ROLES]
    allowing = of_staff + of_brand if role is None else of_brand if role in BRAND_ROLES else of_staff
    held = [permission for permission in allowing if by.may(permission, on)]
    if not any(by.may(permission, on) for permission in of_staff + of_brand):
        by.require(of_staff[0], on=on)  # the same to whoever may end none, whatever role it is
    if role in BRAND_ROLES and not held:
        raise Forbidden(_("Only an administrator of the brand or an operator can remove a role of the brand."))
    by.require(held[0] if held else allowing[0], on=on)


def people_of(
    session: Session, brand_id: UUID, *, after: UUID | None, limit: int, by: Actor
) -> Sequence[tuple[RoleGrant, Person, str | None]]:
    """Who holds a role for the brand, and in which campaign if in one only; newest first, older than `after`.

    The staff of a single campaign are on that campaign's own list.
    """
    require_reach(Permission.VIEW_BRAND, find_brand(session, brand_id, by=by).id, by=by)
    query = select(RoleGrant, Person, Campaign.title).join(Person, Person.id == RoleGrant.person_id)
    query = query.outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id).where(_listed(brand_id))
    query = query.order_by(RoleGrant.id.desc()).limit(limit)
    return session.execute(query.where(RoleGrant.id < after) if after else query).all()


def _listed(brand_id: UUID) -> ColumnElement[bool]:
    own = RoleGrant.role.in_(BRAND_ROLES)
    whole = and_(RoleGrant.brand_id == brand_id, RoleGrant.campaign_id.is_(None))
    return or_(whole, and_(Campaign.brand_id == brand_id, own))


def end_brand_role(session: Session, brand_id: UUID, role_id: UUID, *, by: Actor, at: datetime) -> RoleGrant:
    """Take back a role that someone holds for the brand; raises NoSuchBrandRole."""
    brand = find_brand(session, brand_id, by=by, lock=True)
    query = select(RoleGrant).outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
    held = session.scalar(query.where(RoleGrant.id == role_id, _listed(brand.id)).with_for_update(of=RoleGrant))
    require_may_end(held.role if held else None, on=Scope(brand_id=brand.id), by=by)
    if held is None:
        raise NoSuchBrandRole(_("Nobody has this role for {brand}.", brand=brand.name))
    return end_grant(session, held, by=by, at=at)


def others_of(session: Session, brand_id: UUID, *, but: set[UUID | None]) -> list[UUID]:
    """Everyone who speaks for the brand, in all of it or in a campaign, except those named."""
    query = select(RoleGrant.person_id).outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
    own = (RoleGrant.role.in_(BRAND_ROLES), or_(RoleGrant.brand_id == brand_id, Campaign.brand_id == brand_id))
    return sorted(set(session.scalars(query.where(*own))) - but)


def administrators(session: Session, brand_id: UUID) -> Sequence[Person]:
    """Who appoints for the brand, in order of name."""
    held = (RoleGrant.role == Role.BRAND_ADMINISTRATOR.value, RoleGrant.brand_id == brand_id)
    return session.scalars(select(Person).join(RoleGrant, RoleGrant.person_id == Person.id).where(*held).order_by(Person.name)).all()
