"""The clients: taken on, found, and the question that a second one of the same name raises."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, true
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.addresses import bare
from campaigns.core.appointing.models import Appointment
from campaigns.core.appointing.queries import OPEN
from campaigns.core.db import one_of
from campaigns.core.errors import Forbidden, Invalid, NotFound, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.names import require_name
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope
from campaigns.core.permissions import BRAND_ROLES, Permission
from campaigns.core.words import _

LONGEST_SIGN_OFF_ROLE = 40
ONE_NAME_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('brand ' || lower(:name), 0))")


class BrandExists(Refusal):
    """A brand of this name already exists; confirm if you mean another one."""


def create_brand(
    session: Session,
    name: str,
    sign_off_roles: list[str],
    billing_email: str | None = None,
    *,
    same_name: bool = False,
    by: Actor,
    at: datetime,
) -> Brand:
    """Take a client on; `sign_off_roles` are the sign-off roles that must sign each of its briefs.

    Raises BrandExists where there is one of this name and `same_name` does not say that another one is meant.
    """
    by.require(Permission.CREATE_CAMPAIGN)
    brand = Brand(name=checked_name(session, name, same_name=same_name), sign_off_roles=checked_sign_off_roles(sign_off_roles))
    brand.billing_email = checked_billing(session, billing_email)
    session.add(brand)
    session.flush()
    events.record(session, EventName.BRAND_CREATED, by=by, at=at, brand=str(brand.id), title=brand.name)
    return brand


def checked_name(session: Session, name: str, *, same_name: bool, but: UUID | None = None) -> str:
    """The name as it is kept; raises BrandExists where another brand than `but` has it and `same_name` does not allow it."""
    require_name(name.strip(), field="name", is_company=True)
    name = " ".join(name.split())
    if not name:
        raise Invalid(_("A brand needs a name."), field="name")
    # Two who add the same brand at the same moment: the second is asked.
    session.execute(ONE_NAME_AT_A_TIME, {"name": name})
    known = select(Brand.name).where(func.lower(Brand.name) == name.lower(), Brand.merged_into.is_(None), Brand.id.is_distinct_from(but))
    if not same_name and (found := session.scalar(known.limit(1))):
        sentence = _("There is already a brand named {name}: choose it, or confirm that you mean another.", name=found)
        raise BrandExists(sentence, field="name")
    return name


def checked_sign_off_roles(sign_off_roles: Collection[str]) -> list[str]:
    """The sign-off roles as they are kept, each once; raises Invalid for one that is empty or too long."""
    for sign_off_role in sign_off_roles:
        require_name(sign_off_role.strip(), field="sign_off_roles")
    unique = list(dict.fromkeys(" ".join(sign_off_role.split()) for sign_off_role in sign_off_roles))
    if any(not 0 < len(sign_off_role) <= LONGEST_SIGN_OFF_ROLE for sign_off_role in unique):
        raise Invalid(
            _("A sign-off role is one or two words, up to {longest} characters.", longest=LONGEST_SIGN_OFF_ROLE), field="sign_off_roles"
        )
    return unique


def checked_billing(session: Session, address: str | None) -> str | None:
    """The billing address as it is kept; raises Invalid for one that is, or looks like, that of somebody who works for the platform.

    For it speaks for the brand. Whoever is on the way to a role of the staff works for the platform, too.
    """
    address = (address or "").strip() or None
    staff = select(RoleGrant.person_id).where(RoleGrant.role.not_in(BRAND_ROLES)).union(select(Appointment.person_id).where(*OPEN))
    alike = select(Person.id).where(Person.id.in_(staff), bare(Person.email) == bare(address))
    if address and session.scalar(alike.limit(1)):
        sentence = _("This address belongs to someone who works for Callboard; the billing email must be the brand's own.")
        raise Invalid(sentence, field="billing_email")
    return address


def find_brand(session: Session, brand_id: UUID, *, by: Actor, lock: bool = False) -> Brand:
    """The brand, if the actor works for it or is on staff; with `lock`, held until the transaction ends. Raises NotFound."""
    brand = session.get(Brand, brand_id, with_for_update={"key_share": True} if lock else None, populate_existing=lock)
    if brand is None or brand.merged_into is not None or not (by.is_system or _works_for(brand_id, by)):
        raise NotFound(_("There is no such brand."))
    return brand


def _works_for(brand_id: UUID, by: Actor) -> bool:
    within = Scope(brand_id=brand_id)
    return reaches(Permission.VIEW_BRAND, brand_id, by=by) or any(grant.covers(within) for grant in by.given_roles())


def reaches(permission: Permission, brand_id: UUID, *, by: Actor) -> bool:
    """Whether the actor may do this for the brand, were it only in one of its campaigns."""
    return by.is_system or any(g.brand_id == brand_id or g.covers(Scope(brand_id=brand_id)) for g in by.granting(permission))


def require_reach(permission: Permission, brand_id: UUID, *, by: Actor) -> None:
    """Raise Forbidden unless the actor may do this for the brand, were it only in one of its campaigns."""
    if not reaches(permission, brand_id, by=by):
        raise Forbidden(_("Your role does not allow this for this brand."), permission=permission.value)
    by.require_proof_for(permission)


def brands_to_begin_for(session: Session, *, by: Actor) -> Sequence[Brand]:
    """The brands for which the actor may begin a campaign, by name; raises Forbidden where there is none and could be none."""
    reached = [g.brand_id for g in by.granting(Permission.CREATE_CAMPAIGN) if not g.campaign_id and not g.deliverable_id]
    if not reached:
        by.require(Permission.CREATE_CAMPAIGN)
    within = true() if None in reached else Brand.id.in_(reached)
    query = select(Brand).where(within, Brand.merged_into.is_(None))
    return session.scalars(query.order_by(func.lower(Brand.name), Brand.id)).all()


def brands_seen(session: Session, *, after: UUID | None, limit: int, by: Actor) -> Sequence[Brand]:
    """The brands that the actor works for or with, the newest first, older than `after`; raises Forbidden for whoever works with none."""
    if not by.is_system and not by.granting(Permission.VIEW_BRAND):
        by.require(Permission.VIEW_BRAND)
    query = select(Brand).where(_seen_by(by), Brand.merged_into.is_(None)).order_by(Brand.id.desc()).limit(limit)
    return session.scalars(query.where(Brand.id < after) if after else query).all()


def _seen_by(by: Actor) -> ColumnElement[bool]:
    grants = by.granting(Permission.VIEW_BRAND)
    if by.is_system or any(g.covers(Scope()) for g in grants):
        return true()
    return or_(one_of(Brand.id, {g.brand_id for g in grants if g.brand_id}))
