"""A brand is called, billed or signed for otherwise, or turns out to be another one; whose signature falls is told."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from campaigns.brief.signatures.rules import record_what_fell, standing_signatures
from campaigns.core import events, throttle
from campaigns.core.administrators import end_requests
from campaigns.core.billing import change_address, changed_from, require_speaks, same_address, speaks
from campaigns.core.brand_roles import administrators
from campaigns.core.brands import checked_billing, checked_name, checked_sign_off_roles, find_brand
from campaigns.core.campaign import Campaign
from campaigns.core.errors import Forbidden, Invalid, Refusal
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor, Brand, Person, RoleGrant, Scope, person_at
from campaigns.core.permissions import BRAND_ROLES, Permission, Role
from campaigns.core.throttle import Rate
from campaigns.core.words import _

# Each change is an email to an address that one of the staff has typed.
CHANGED_BY_ONE = Rate(burst=20, every=timedelta(minutes=15))
# What belongs to a brand beside its people, who are asked about first. A party that both were billed as stays where it is.
MOVED = (
    """
    delete from role_grant g using role_grant same
    where g.brand_id = :old and same.brand_id = :new and (g.person_id, g.role) = (same.person_id, same.role)
      and (g.campaign_id, g.deliverable_id, g.sign_off_role)
        is not distinct from (same.campaign_id, same.deliverable_id, same.sign_off_role)
    """,
    "update campaign set brand_id = :new where brand_id = :old",
    "update deliverable set brand_id = :new where brand_id = :old",
    "update contribution set brand_id = :new where brand_id = :old",
    """
    update billed_party p set brand_id = :new where brand_id = :old and not exists (
        select from billed_party same where same.brand_id = :new and (same.name, same.email) = (p.name, p.email))
    """,
    "update role_grant set brand_id = :new where brand_id = :old",
)
CROSSING = text(
    """
    select p.name from person p
    where exists (select from role_grant g left join campaign c on c.id = g.campaign_id
                  where g.person_id = p.id and g.role in ('leader', 'editor') and coalesce(g.brand_id, c.brand_id) in (:old, :new))
      and exists (select from role_grant g left join campaign c on c.id = g.campaign_id
                  where g.person_id = p.id and g.role = any(:own) and coalesce(g.brand_id, c.brand_id) in (:old, :new))
    order by p.name limit 1
    """
)


class BrandsOwnToSay(Forbidden):
    """A brand with an administrator decides itself who signs its briefs and where its invoices go."""


class SignOffRoleInUse(Refusal):
    """Someone signs for this sign-off role."""


class TwoPeoples(Refusal):
    """A manager cannot merge brands that have different billing emails or their own administrators."""


class PeopleOnBothSides(Refusal):
    """Someone would have roles on both sides in the merged brand."""


@dataclass(frozen=True, slots=True)
class BrandChanges:
    """What a brand is to be; None leaves a field as it is, and an empty billing address takes it away."""

    name: str | None = None
    sign_off_roles: list[str] | None = None
    billing_email: str | None = None
    same_name: bool = False


def edit_brand(session: Session, brand_id: UUID, changes: BrandChanges, *, by: Actor, at: datetime) -> Brand:
    """Change how a brand is called, under which sign-off roles it signs, and where its bills go.

    Raises BrandExists, BrandsOwnToSay, SignOffRoleInUse.
    """
    brand = find_brand(session, brand_id, by=by, lock=True)
    by.require(Permission.EDIT_BRAND, on=Scope(brand_id=brand.id))
    before = {"name": brand.name, "sign_off_roles": brand.sign_off_roles, "billing_email": brand.billing_email}
    with _signatures_told(session, [brand.id], by=by, at=at):
        if changes.name is not None and changes.name != brand.name:
            brand.name = checked_name(session, changes.name, same_name=changes.same_name, but=brand.id)
        if changes.sign_off_roles is not None:
            _change_sign_off_roles(session, brand, checked_sign_off_roles(changes.sign_off_roles), by)
        if changes.billing_email is not None:
            _change_billing(session, brand, changes.billing_email, by, at)
        session.flush()
    _record_changed(session, brand, before, by=by, at=at)
    return brand


def _record_changed(session: Session, brand: Brand, before: Mapping[str, object], *, by: Actor, at: datetime) -> None:
    changed = [field for field, was in before.items() if getattr(brand, field) != was]
    if not changed:
        return
    about: dict[str, Any] = {"brand": str(brand.id), "title": brand.name, "fields": changed, "was_billed": None, "may_object": None}
    if "billing_email" in changed:
        old = before["billing_email"]
        # Somebody new where nobody has signed in with that address yet: they are told all the same.
        about["was_billed"] = str(person_at(session, str(old)).id) if old else None
        about["may_object"] = str(brand.was_billed) if brand.was_billed and not speaks(brand, at) else None
    events.record(session, EventName.BRAND_CHANGED, by=by, at=at, **about)


def _change_sign_off_roles(session: Session, brand: Brand, sign_off_roles: list[str], by: Actor) -> None:
    if gone := [sign_off_role for sign_off_role in brand.sign_off_roles if sign_off_role not in sign_off_roles]:
        _require_own_word(session, brand, by, "sign_off_roles")
        if held := _held_sign_off_role(session, brand, gone):
            sentence = _(
                "Someone signs for {sign_off_role}: an administrator of the brand has to remove that role first.", sign_off_role=held
            )
            raise SignOffRoleInUse(sentence, field="sign_off_roles")
    brand.sign_off_roles = sign_off_roles


def _held_sign_off_role(session: Session, brand: Brand, sign_off_roles: Sequence[str]) -> str | None:
    query = select(RoleGrant.sign_off_role).outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
    return session.scalar(
        query.where(func.coalesce(RoleGrant.brand_id, Campaign.brand_id) == brand.id, RoleGrant.sign_off_role.in_(sign_off_roles)).limit(1)
    )


def _change_billing(session: Session, brand: Brand, address: str, by: Actor, at: datetime) -> None:
    checked = checked_billing(session, address)
    if same_address(checked, brand.billing_email):
        brand.billing_email = checked
        return
    by.require_proof()
    _require_own_word(session, brand, by, "billing_email")
    throttle.take(session, f"billing emails changed by {by.person_id}", CHANGED_BY_ONE)
    end_requests(session, brand.id, at=at)
    change_address(session, brand, checked, at=at)


def object_to_billing(session: Session, brand_id: UUID, *, by: Actor, at: datetime) -> Brand:
    """Put the billing email back that was changed a short time ago, in the word of whoever read it; raises NothingToObjectTo."""
    brand = changed_from(session, brand_id, by=by, at=at, lock=True)
    end_requests(session, brand.id, at=at)
    change_address(session, brand, session.get_one(Person, by.person).email, at=at)
    events.record(session, EventName.BRAND_BILLING_OBJECTED, by=by, at=at, brand=str(brand.id), title=brand.name)
    return brand


def _require_own_word(session: Session, brand: Brand, by: Actor, field: str) -> None:
    """What says in whose name something is signed or confirmed is the brand's own to change once somebody speaks for it."""
    if administrators(session, brand.id) and not by.holds(Role.BRAND_ADMINISTRATOR, on=Scope(brand_id=brand.id)):
        sentence = _("Only an administrator of {brand} can change this: ask them.", brand=brand.name)
        raise BrandsOwnToSay(sentence, field=field)


@contextmanager
def _signatures_told(session: Session, brand_ids: Sequence[UUID], *, by: Actor, at: datetime) -> Iterator[None]:
    """Signatures under briefs of these brands that what is done in the block voids are recorded, for those who gave them."""
    unlaunched = (Campaign.launched_at.is_(None), Campaign.cancelled_at.is_(None))
    ids = session.scalars(select(Campaign.id).where(Campaign.brand_id.in_(brand_ids), *unlaunched)).all()
    before = standing_signatures(session, ids)
    yield
    session.expire_all()
    record_what_fell(session, before, standing_signatures(session, ids), by=by, at=at)


def merge_brands(session: Session, brand_id: UUID, into: UUID, *, by: Actor, at: datetime) -> Brand:
    """Make a brand that is another one part of it: its campaigns, people and bills go over, and its name is gone.

    Raises BillingCools, TwoPeoples, PeopleOnBothSides.
    """
    for each in (brand_id, into):
        by.require(Permission.MERGE_BRANDS, on=Scope(brand_id=find_brand(session, each, by=by).id))
    if brand_id == into:
        raise Invalid(_("A brand cannot be merged into itself: choose another one."), field="into")
    # Locked in one order, lest two who merge them crosswise wait for each other.
    first, second = (find_brand(session, each, by=by, lock=True) for each in sorted((brand_id, into)))
    old, new = (first, second) if first.id == brand_id else (second, first)
    _require_one_word(session, old, new, at)
    _require_no_crossing(session, old, new)
    with _signatures_told(session, [old.id, new.id], by=by, at=at):
        _go_over(session, old, new, at)
    events.record(session, EventName.BRAND_MERGED, by=by, at=at, brand=str(into), merged=str(brand_id), title=new.name, was=old.name)
    return new


def _require_one_word(session: Session, old: Brand, new: Brand, at: datetime) -> None:
    """Whoever speaks for one of them would speak for both: so one address speaks for both, or for one of them nobody ever did."""
    for each in (old, new):
        require_speaks(each, at)
    if not all(each.billing_email or each.was_billed or _has_people(session, each) for each in (old, new)):
        return
    if not old.billing_email or not same_address(old.billing_email, new.billing_email):
        sentence = _(
            "{old} and {new} have different billing emails: change one of them first.",
            old=old.name, new=new.name,
        )  # fmt: skip
        raise TwoPeoples(sentence, field="into")


def _has_people(session: Session, brand: Brand) -> bool:
    query = select(RoleGrant.id).outerjoin(Campaign, Campaign.id == RoleGrant.campaign_id)
    own = (RoleGrant.role.in_(BRAND_ROLES), func.coalesce(RoleGrant.brand_id, Campaign.brand_id) == brand.id)
    return bool(session.scalar(select(exists(query.where(*own)))))


def _require_no_crossing(session: Session, old: Brand, new: Brand) -> None:
    found = session.scalar(CROSSING, {"old": old.id, "new": new.id, "own": [role.value for role in BRAND_ROLES]})
    if found:
        raise PeopleOnBothSides(_("{name} works for one brand and in a campaign of the other: remove one of the roles first.", name=found))


def _go_over(session: Session, old: Brand, new: Brand, at: datetime) -> None:
    if not new.billing_email and not _has_people(session, new):
        new.billing_email, new.billing_counts_from, new.was_billed = old.billing_email, old.billing_counts_from, old.was_billed
    new.sign_off_roles = list(dict.fromkeys([*new.sign_off_roles, *old.sign_off_roles]))
    for each in (old, new):
        end_requests(session, each.id, at=at)
    session.flush()
    for statement in MOVED:
        session.execute(text(statement), {"old": old.id, "new": new.id})
    old.merged_into = new.id
    session.flush()


@dataclass(frozen=True, slots=True)
class Moving:
    """How much of a brand goes over in a merge."""

    campaigns: int
    people: int


def what_moves(session: Session, brand_id: UUID) -> Moving:
    """What a merge would take over from this brand, for whoever has found it."""
    campaigns = select(func.count()).where(Campaign.brand_id == brand_id).scalar_subquery()
    people = select(func.count(RoleGrant.person_id.distinct())).where(RoleGrant.brand_id == brand_id).scalar_subquery()
    return Moving(*session.execute(select(campaigns, people)).one())
