"""What may be written into a brief, field by field and taken together."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.errors import (
    CrossingDates,
    DateInThePast,
    FractionOutOfRange,
    NaiveTime,
    PriceTooFine,
    UnknownPerson,
    UnknownZone,
    UnpayableCurrency,
)
from campaigns.brief.licenses import licence
from campaigns.brief.models import CANCELLATION_FEES, DATES, WHOLE_BPS
from campaigns.brief.terms.labels import label
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Invalid
from campaigns.core.money import exponent, format_money
from campaigns.core.people import Person, RoleGrant
from campaigns.core.permissions import BRAND_ROLES
from campaigns.core.sides import OnBothSides
from campaigns.core.words import _, current_locale
from campaigns.payments.routes import payable_currencies

FRACTION = re.compile(r"[0-9]+(\.[0-9]{1,4})?")
FRACTIONS = ("assembly", "contains", "influenced_by")
KILL_FEES = ("kill_fee_before_changes_bps", "kill_fee_after_changes_bps", "kill_fee_approved_bps")
RATES = ("fee_bps", "reserve_bps", *KILL_FEES)
SOUND_TOGETHER = (*DATES, *FRACTIONS, *KILL_FEES)


class BriefChanges(TypedDict, total=False):
    """The fields of a brief that are to be written anew; fractions as text, rates in basis points."""

    title: str
    story: str
    asked_for: str
    do_list: list[str]
    dont_list: list[str]
    time_zone: str
    call_closes_at: datetime | None
    collaboration_closes_at: datetime | None
    curation_due_at: datetime | None
    delivery_due_at: datetime | None
    go_live_at: datetime | None
    currency: str
    assembly: str
    contains: str
    influenced_by: str
    staff_ids: list[UUID]
    fee_bps: int
    reserve_bps: int
    kill_fee_before_changes_bps: int
    kill_fee_after_changes_bps: int
    kill_fee_approved_bps: int
    cancellation_fee: str
    licence_version: str
    ai_training: bool
    credit_names: bool


def checked(changes: BriefChanges) -> dict[str, Any]:
    """The changes as they are stored; raises Invalid, whose field says which one is wrong."""
    return {name: CHECKS.get(name, _as_given)(name, value) for name, value in changes.items()}


def require_future(fields: Mapping[str, Any], at: datetime) -> None:
    """Raise DateInThePast where one of these fields is a date that has gone by."""
    for name in DATES:
        if fields.get(name) is not None and fields[name] <= at:
            raise DateInThePast(_("This date is in the past. Choose a future date."), field=name)


def require_sound(fields: Mapping[str, Any]) -> None:
    """Raise CrossingDates or FractionOutOfRange where the fields of a whole brief contradict each other."""
    planned = [name for name in DATES if fields[name] is not None]
    for earlier, later in pairwise(planned):
        if fields[later] <= fields[earlier]:
            raise CrossingDates(_("“{later}” must be after “{earlier}”.", later=label(later), earlier=label(earlier)), field=later)
    if fields["contains"] + fields["influenced_by"] >= 1:
        sentence = _("The shares to source contributions and to influences must add up to less than 100%.")
        raise FractionOutOfRange(sentence, field="contains")
    for lower, higher in pairwise(KILL_FEES):
        if fields[higher] < fields[lower]:
            raise FractionOutOfRange(_("A kill fee cannot decrease as the work progresses."), field=higher)


def require_payable(currency: str, at: datetime) -> None:
    """Raise UnpayableCurrency unless artists can be paid in this currency."""
    if currency not in (payable := payable_currencies(at)):
        sentence = _("Nobody can be paid in {currency} yet. Choose {payable}.", currency=currency, payable=", ".join(payable))
        raise UnpayableCurrency(sentence, field="currency")


def require_staff(session: Session, staff_ids: list[str]) -> None:
    """Raise UnknownPerson unless everyone named as staff exists, and OnBothSides for whoever speaks for a brand."""
    known = {str(found) for found in session.scalars(select(Person.id).where(Person.id.in_([UUID(each) for each in staff_ids])))}
    if strangers := sorted(set(staff_ids) - known):
        raise UnknownPerson(_("There is no person with the ID {id}. Name staff by their IDs.", id=strangers[0]), field="staff_ids")
    of_brands = select(Person.name).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role.in_(BRAND_ROLES))
    if name := session.scalar(of_brands.where(Person.id.in_([UUID(each) for each in staff_ids])).limit(1)):
        raise OnBothSides(_("{name} speaks for a brand and so cannot be staff. Remove them.", name=name), field="staff_ids")


def _as_given(_name: str, value: Any) -> Any:
    return value


def _words(_name: str, value: str) -> str:
    return value.strip()


def _title(name: str, value: str) -> str:
    if not value.strip():
        raise Invalid(_("A campaign needs a title."), field=name)
    return value.strip()


def _points(_name: str, value: list[str]) -> list[str]:
    return [point.strip() for point in value if point.strip()]


def _zone(name: str, value: str) -> str:
    if value not in clock.time_zones():
        raise UnknownZone(_("There is no time zone {zone}. Enter one such as Europe/Paris.", zone=value), field=name)
    return value


def _date(name: str, value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise NaiveTime(_("Add the time zone to this time, as in 2026-11-30T18:00:00+01:00."), field=name)
    return value


def _currency(_name: str, value: str) -> str:
    exponent(value)
    return value


def _fraction(name: str, value: str) -> Decimal:
    if not FRACTION.fullmatch(value) or (fraction := Decimal(value)) >= 1:
        sentence = _("{value} is not a fraction from 0 to below 1 with at most four decimals. Write it like 0.25.", value=value)
        raise FractionOutOfRange(sentence, field=name)
    return fraction


def _rate(name: str, value: int) -> int:
    if not 0 <= value <= WHOLE_BPS:
        raise FractionOutOfRange(_("{value} is not between 0 and 10000 basis points (100%).", value=value), field=name)
    return value


def _cancellation_fee(name: str, value: str) -> str:
    if value not in CANCELLATION_FEES:
        raise Invalid(_("Choose none, share or full: what the platform keeps of its fee when the campaign is canceled."), field=name)
    return value


def _people(_name: str, value: list[UUID]) -> list[str]:
    return sorted({str(each) for each in value})


def _licence(_name: str, value: str) -> str:
    return licence(value).version


CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "title": _title,
    "story": _words,
    "asked_for": _words,
    "do_list": _points,
    "dont_list": _points,
    "time_zone": _zone,
    "currency": _currency,
    "staff_ids": _people,
    "licence_version": _licence,
    "cancellation_fee": _cancellation_fee,
    **dict.fromkeys(DATES, _date),
    **dict.fromkeys(FRACTIONS, _fraction),
    **dict.fromkeys(RATES, _rate),
}


def keep_as_typed(deliverables: Sequence[Deliverable], before: str, after: str) -> None:
    """Write the prices in minor units of `after` instead of `before`; raises PriceTooFine for one that `after` cannot write."""
    more = exponent(after) - exponent(before)
    written = [divmod(deliverable.price * 10 ** max(more, 0), 10 ** max(-more, 0)) for deliverable in deliverables]
    for deliverable, (_price, rest) in zip(deliverables, written, strict=True):
        if rest:
            amount = format_money(deliverable.price, before, current_locale())
            title = deliverable.title
            sentence = _("“{title}” costs {amount}, too fine for {currency}. Round it.", title=title, amount=amount, currency=after)
            raise PriceTooFine(sentence, field="currency")
    for deliverable, (price, _rest) in zip(deliverables, written, strict=True):
        deliverable.price = price
