"""Payments that the provider settles in another currency: both sides are booked, each balanced in itself, and so is what a rate changed.

A charge puts what was paid into the conversion account of its currency and takes what was settled out of that of ours. A refund undoes the
same part of both, at the rate of the charge; what the rate of its own day makes of it more or less is a gain or loss of ours.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.ledger.accounts import Account, Entry, conversion, exchange_gains
from campaigns.ledger.actions import hold_ledger
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import totals
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.models import ProviderConversion, ProviderMovement

OWED = ("held", "payee", "payout_clearing")
THERE = ("stripe_available", "stripe_pending")


@dataclass(frozen=True, slots=True)
class Sides:
    """What a conversion moves in our currency: `basis` of what its charge settled as, and the entries that say so."""

    basis: int
    entries: list[Entry]


def conversion_of(session: Session, movement: BalanceMovement, ours: Account) -> Sides:
    """What a converted movement moves on our balance `ours`; nobody else posts until it is posted, so that no part counts twice."""
    hold_ledger(session)
    basis = _basis(session, movement)
    return Sides(basis, entries_of(movement.amount, basis, ours))


def part_of(settled: int, charged: int, given_back: int) -> int:
    """What of the settlement is gone once so much of the charge was given back: rounded down, and with all of it exactly all."""
    return settled * given_back // charged


def entries_of(amount: int, basis: int, ours: Account) -> list[Entry]:
    """The entries in our currency of a movement by `amount` that undoes or makes `basis`; both below zero where it goes out."""
    through, gains = conversion(ours.currency), exchange_gains(ours.currency)
    same, more, less = min(abs(amount), abs(basis)), abs(amount) - abs(basis), abs(basis) - abs(amount)
    if amount > 0:
        sides = ((ours, through, same), (ours, gains, more), (gains, through, less))
    else:
        sides = ((through, ours, same), (gains, ours, more), (through, gains, less))
    return [Entry(debit, credit, part) for debit, credit, part in sides if part > 0]


def _basis(session: Session, movement: BalanceMovement) -> int:
    """The part of what the charge settled as that this moves; all of a movement where its charge settled without a conversion."""
    said = movement.converted
    if said is None or movement.source == said.charge:
        return movement.amount
    is_charge = (ProviderConversion.charge == said.charge, ProviderMovement.source == said.charge)
    charge = session.scalars(select(ProviderConversion).join(ProviderMovement).where(*is_charge)).one_or_none()
    if charge is None or charge.settled_currency != movement.currency:
        return movement.amount
    moved = select(func.sum(ProviderConversion.amount)).where(ProviderConversion.charge == said.charge)
    before = charge.amount - int(session.scalar(moved.where(ProviderConversion.movement_id != movement.id)) or 0)
    after = before + said.amount if movement.amount < 0 else before - said.amount
    return part_of(charge.settled, charge.amount, before) - part_of(charge.settled, charge.amount, after)


def note_conversion(session: Session, movement: BalanceMovement, sides: Sides, journal: Journal) -> None:
    """Keep both sides of a movement that has been booked, with the rate and whose word it is; a second time changes nothing."""
    said = movement.converted
    if said is None:
        return
    values = {
        "movement_id": movement.id, "charge": said.charge, "journal_id": journal.id, "currency": said.currency,
        "amount": said.amount if movement.amount > 0 else -said.amount, "settled_currency": movement.currency,
        "settled": movement.amount, "basis": sides.basis, "rate": said.rate, "rate_is_ours": said.is_ours,
    }  # fmt: skip
    session.execute(insert(ProviderConversion).values(values).on_conflict_do_nothing())


def conversions_of(session: Session, charges: Collection[str]) -> Mapping[str, ProviderConversion]:
    """What became of each of these charges that was converted, by its id."""
    is_charge = (ProviderConversion.charge.in_(charges), ProviderMovement.source == ProviderConversion.charge)
    found = session.scalars(select(ProviderConversion).join(ProviderMovement).where(*is_charge))
    return {each.charge: each for each in found}


def presented_of(session: Session, source: str) -> Sequence[Row[int, str]]:
    """Amount and currency of what has moved for one charge, refund or dispute, as it was paid, whatever it was converted into."""
    amount = func.coalesce(ProviderConversion.amount, ProviderMovement.amount).label("amount")
    currency = func.coalesce(ProviderConversion.currency, ProviderMovement.currency).label("currency")
    moved = select(amount, currency).outerjoin_from(ProviderMovement, ProviderConversion).where(ProviderMovement.source == source)
    return session.execute(moved.order_by(ProviderMovement.id)).all()


def conversion_in(session: Session, journal_id: UUID) -> ProviderConversion | None:
    """The conversion that a journal books, if it does."""
    return session.scalars(select(ProviderConversion).where(ProviderConversion.journal_id == journal_id)).one_or_none()


def unpayable_in_own_currency(session: Session) -> dict[str, int]:
    """What is held and owed in each currency that was converted, as far as our balance in it does not cover it."""
    owed, there = ([totals(session, kind) for kind in kinds] for kinds in (OWED, THERE))
    missing = {}
    for currency, converted in totals(session, "conversion").items():
        short = sum(each.get(currency, 0) for each in owed) - sum(each.get(currency, 0) for each in there)
        if converted > 0 and short > 0:
            missing[currency] = min(converted, short)
    return missing
