"""Roles given, and who holds them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal
from campaigns.core.people import Actor, Person, RoleGrant, Scope, become_known
from campaigns.core.permissions import GRANTS, Permission, Role
from campaigns.core.sides import require_one_side

PLATFORM = Scope()


class GiverLeft(Refusal):
    """The person who gave their approval no longer has the role for it."""


def grant_role(
    session: Session, person_id: UUID, role: Role, *, on: Scope = PLATFORM, sign_off_role: str | None = None, by: Actor
) -> RoleGrant:
    """Give `person_id` a role within `on`; giving it twice leaves one. Raises OnBothSides."""
    same = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role.value,
        RoleGrant.brand_id.is_not_distinct_from(on.brand_id),
        RoleGrant.campaign_id.is_not_distinct_from(on.campaign_id),
        RoleGrant.deliverable_id.is_not_distinct_from(on.deliverable_id),
        RoleGrant.sign_off_role.is_not_distinct_from(sign_off_role),
    )
    held = session.scalar(same)
    if held is None:
        require_one_side(session, person_id, role, on.brand_id, on.campaign_id)
        held = RoleGrant(
            person_id=person_id,
            role=role.value,
            brand_id=on.brand_id,
            campaign_id=on.campaign_id,
            deliverable_id=on.deliverable_id,
            sign_off_role=sign_off_role,
            granted_by=by.person_id,
        )
        session.add(held)
        session.flush()
        become_known(session, person_id)
    return held


def holders(session: Session, role: Role, scope: Scope) -> Sequence[Person]:
    """Everyone who holds `role` within `scope`, in order of id."""
    covered = select(RoleGrant.person_id).where(RoleGrant.role == role.value, *reaching(scope))
    return session.scalars(select(Person).where(Person.id.in_(covered)).order_by(Person.id)).all()


def still_holding(session: Session, people: Collection[UUID], roles: Collection[Role], on: Scope) -> set[UUID]:
    """Those of these people who hold one of the roles for `on` today: only their approvals count."""
    held = (RoleGrant.person_id.in_(people), RoleGrant.role.in_([role.value for role in roles]))
    return set(session.scalars(select(RoleGrant.person_id).where(*held, *reaching(on))))


def require_still_holding(session: Session, giver: UUID, permission: Permission, on: Scope, otherwise: str) -> None:
    """Raise GiverLeft, with this sentence, where the one on whose word an act rests holds no role any more that lets them give it."""
    if not still_holding(session, [giver], GRANTS[permission], on):
        raise GiverLeft(otherwise)


def reaching(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Of the roles given: those that reach `scope`."""
    return (
        RoleGrant.brand_id.is_(None) | (RoleGrant.brand_id == scope.brand_id),
        RoleGrant.campaign_id.is_(None) | (RoleGrant.campaign_id == scope.campaign_id),
        RoleGrant.deliverable_id.is_(None) | (RoleGrant.deliverable_id == scope.deliverable_id),
    )
