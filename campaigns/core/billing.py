"""From when a brand's billing email speaks for it: a changed one cools, so that whoever read the one before it can object."""

from datetime import UTC, datetime
from uuid import UUID

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from campaigns.core.brands import find_brand
from campaigns.core.cooling import cooling_ends
from campaigns.core.errors import NotFound, Refusal
from campaigns.core.people import SYSTEM, Actor, Brand, Person, person_at
from campaigns.core.words import _, current_locale


class BillingCools(Refusal):
    """The billing email was changed and does not speak for the brand yet."""


class NothingToObjectTo(NotFound):
    """There is no change of a billing email that the reader could object to, or it is already in effect."""


def same_address(one: str | None, other: str | None) -> bool:
    """Whether both are one address, or both none."""
    return (one or "").lower() == (other or "").lower()


def speaks(brand: Brand, at: datetime) -> bool:
    """Whether the brand's billing email, if there is one, speaks for it at `at`."""
    return brand.billing_counts_from is None or at >= brand.billing_counts_from


def bills_go_to(session: Session, brand: Brand, at: datetime) -> str | None:
    """The address that speaks for the brand at `at`: the present one, or while that cools the one before it; None where there is none."""
    if speaks(brand, at) or brand.was_billed is None:
        return brand.billing_email
    return session.get_one(Person, brand.was_billed).email


def why_silent(brand: Brand, at: datetime) -> str | None:
    """Why the brand's billing email does not speak for it yet, and from when on it does; None where it does."""
    if brand.billing_counts_from is None or speaks(brand, at):
        return None
    return _(
        "The billing email of {brand} was changed. The new one takes effect on {when}, unless the owner of the previous one objects.",
        brand=brand.name, when=format_datetime(brand.billing_counts_from, "long", tzinfo=UTC, locale=current_locale()),
    )  # fmt: skip


def require_speaks(brand: Brand, at: datetime) -> None:
    """Raise BillingCools where the brand's billing email was changed a short time ago."""
    if reason := why_silent(brand, at):
        raise BillingCools(reason)


def change_address(session: Session, brand: Brand, address: str | None, *, at: datetime) -> None:
    """Bills go to `address`, which speaks for the brand once it has cooled; a first one, or one that is put back, does at once."""
    if brand.billing_email and speaks(brand, at):
        brand.was_billed = person_at(session, brand.billing_email).id
    before = session.get_one(Person, brand.was_billed) if brand.was_billed else None
    brand.billing_email = address
    brand.billing_counts_from = None if before is None or same_address(before.email, address) else cooling_ends(at)


def changed_from(session: Session, brand_id: UUID, *, by: Actor, at: datetime, lock: bool = False) -> Brand:
    """The brand, for whoever read its billing email until a change that still cools; raises NothingToObjectTo."""
    reader, gone = by.person, NothingToObjectTo(_("There is no change of a billing email that you could object to."))
    try:
        brand = find_brand(session, brand_id, by=SYSTEM, lock=lock)
    except NotFound:
        raise gone from None
    if brand.was_billed != reader or speaks(brand, at):
        raise gone
    return brand
