"""What is done about payees' accounts and the money on our balance: rows only, the provider is asked by the handlers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import events, outbox
from campaigns.core.cooling import cooling_ends
from campaigns.core.event_names import EventName
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE, Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.ledger.accounts import Account, Entry, conversion, stripe_available, stripe_fees, stripe_pending
from campaigns.ledger.actions import post
from campaigns.ledger.models import Journal
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.conversions import conversion_of, note_conversion
from campaigns.payments.errors import DoesNotAddUp, NoRoute
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.models import PayoutAccount, ProviderMovement, StripeBalance
from campaigns.payments.money_out import ConnectedAccount
from campaigns.payments.reach import reach
from campaigns.payments.routes import no_route_sentence, route_to

SOONEST = timedelta(minutes=1)
# A rejected account becomes nothing else, however often it is asked after.
UNDER_WAY = and_(
    or_(PayoutAccount.state == "onboarding", and_(PayoutAccount.state == "active", ~PayoutAccount.pays_out)),
    ~func.coalesce(PayoutAccount.reason, "").startswith("rejected.", autoescape=True),
)
BECAME = {"active": EventName.PAYOUT_ACCOUNT_ACTIVE, "onboarding": EventName.PAYOUT_ACCOUNT_ONBOARDING}


def open_payout_account(session: Session, *, by: Actor, at: datetime) -> PayoutAccount:
    """Enqueue for the actor an account with the provider of their country; asking twice leaves one. Raises NoRoute."""
    by.require(Permission.RECEIVE)
    person = session.scalars(select(Person).where(Person.id == by.person).with_for_update()).one()
    held = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person.id)).one_or_none()
    return held or _enqueue_account(session, person, by, at)


def _enqueue_account(session: Session, person: Person, by: Actor, at: datetime) -> PayoutAccount:
    route = route_to(reach(session), person.country, at)
    if route is None:
        raise NoRoute(no_route_sentence(person.country, at=at), field="country")
    account = PayoutAccount(person_id=person.id, country=route.country, agreement=route.agreement, opened_at=at)
    session.add(account)
    session.flush()
    outbox.enqueue(session, OutboxKind.PAYOUT_ACCOUNT, key=str(account.id), account=str(account.id))
    events.record(session, EventName.PAYOUT_ACCOUNT_REQUESTED, by=by, at=at, person=str(person.id))
    return account


def note_account(session: Session, account: ConnectedAccount, *, person_id: UUID, looked_at: datetime, at: datetime) -> PayoutAccount:
    """Note how the provider's account stood when it was looked at; an answer older than the one that is noted changes nothing."""
    row = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person_id).with_for_update()).one()
    if row.looked_at is not None and row.looked_at >= looked_at:
        return row
    before, row.looked_at = _Before(row.state, row.pays_out, row.is_stopped, row.stop, bool(row.requirements)), looked_at
    row.provider_id, row.requirements, row.due_by = account.id, list(account.due), account.due_by
    row.reason, row.pays_out = account.disabled_reason, account.pays_out or account.transfers != "active"
    row.state = "active" if account.transfers == "active" else "onboarding"
    _note_destination(session, row, account.destination, at)
    if row.state != before.state:
        events.record(session, BECAME[row.state], by=STRIPE, at=at, person=str(person_id))
    if before.pays_out and not row.pays_out:
        ask_after(session, person_id, now=looked_at, delay=SOONEST)
    _tell_what_changed(session, row, before, at)
    return row


@dataclass(frozen=True, slots=True)
class _Before:
    """How an account stood before an answer was noted."""

    state: str
    pays_out: bool
    is_stopped: bool
    stop: str | None
    is_asked: bool


def _tell_what_changed(session: Session, row: PayoutAccount, before: _Before, at: datetime) -> None:
    """Have whose account it is told that payments to them stop, or that something is asked of them.

    That what they have just handed in is being checked they know; of a bank account that sent something back tells the email about it.
    """
    person, has_stopped = str(row.person_id), row.is_stopped and not before.is_stopped
    is_bank_only = row.state == "active" and not row.pays_out and row.requirements == ["external_account"]
    if row.stop:
        if row.stop != before.stop and (has_stopped or before.stop or row.stop != "checked"):
            events.record(session, EventName.PAYOUT_ACCOUNT_STOPPED, by=STRIPE, at=at, person=person, why=row.stop)
    elif row.requirements and not is_bank_only and before.state != "promised" and (has_stopped or not before.is_asked):
        events.record(session, EventName.PAYOUT_ACCOUNT_ASKED, by=STRIPE, at=at, person=person, is_stopped=row.is_stopped)


def _note_destination(session: Session, row: PayoutAccount, destination: str | None, at: datetime) -> None:
    """Note which bank account the money goes to; another one than before cools, and its owner is told."""
    before = row.destination
    row.destination = destination or before
    if destination and before and destination != before:
        until = cool(row, at)
        events.record(session, EventName.PAYOUT_DESTINATION_CHANGED, by=STRIPE, at=at, person=str(row.person_id), until=until.isoformat())


def cool(account: PayoutAccount, at: datetime) -> datetime:
    """Nothing is sent to this account before it has cooled; returns when that is."""
    until = cooling_ends(at)
    account.cools_until = max(account.cools_until, until) if account.cools_until else until
    return account.cools_until


def note_refused_account(session: Session, account_id: UUID, reason: str, *, at: datetime) -> PayoutAccount:
    """The provider will not make the account, for `reason`."""
    row = session.scalars(select(PayoutAccount).where(PayoutAccount.id == account_id).with_for_update()).one()
    if row.state == "promised":
        row.state, row.reason = "refused", reason
        events.record(session, EventName.PAYOUT_ACCOUNT_REFUSED, by=STRIPE, at=at, reason=reason, person=str(row.person_id))
    return row


def ask_after(session: Session, person_id: UUID, *, now: datetime, delay: timedelta = timedelta()) -> None:
    """The person goes to the provider's form, or is back from it: ask after their account from now on, process time, first after `delay`.

    However often they do, it is asked at most once a minute.
    """
    soonest = func.greatest(now + delay, PayoutAccount.looked_at + SOONEST)
    theirs = update(PayoutAccount).where(PayoutAccount.person_id == person_id, UNDER_WAY)
    session.execute(theirs.values(asked_since=now, asks=0, ask_at=soonest))


def note_balance(session: Session, said: Mapping[str, ProviderBalance], *, at: datetime) -> None:
    """Note what the provider says of our balance, by its parts and kinds."""
    for currency, held in sorted(said.items()):
        parts = {"available": held.available, "pending": held.pending, "reserved": held.reserved, "by_source": dict(held.by_source)}
        noted = insert(StripeBalance).values(currency=currency, looked_at=at, **parts)
        session.execute(noted.on_conflict_do_update(index_elements=[StripeBalance.currency], set_={**parts, "looked_at": at}))


def book_movement(session: Session, movement: BalanceMovement, parts: Mapping[Account, int], *, kind: str, at: datetime) -> Journal:
    """Put a movement on our balance into the books, its fee as our cost; a second time changes nothing.

    `parts` is where the money came from, or for a movement below zero went to; it adds up to what was paid or given back, in its currency.
    """
    if sum(parts.values()) != movement.presented:
        raise DoesNotAddUp(_("The parts of a payment must add up to its amount."), field="parts")
    ours = (stripe_available if movement.is_available else stripe_pending)(movement.currency)
    came_in = movement.amount > 0
    sides = conversion_of(session, movement, ours) if movement.converted else None
    through = conversion(movement.converted.currency) if movement.converted else ours
    entries = [Entry(through, theirs, part) if came_in else Entry(theirs, through, part) for theirs, part in parts.items() if part]
    entries += sides.entries if sides else []
    if movement.fee:
        cost = stripe_fees(movement.currency)
        entries.append(Entry(cost, ours, movement.fee) if movement.fee > 0 else Entry(ours, cost, -movement.fee))
    journal = post(session, kind, f"movement:{movement.id}", entries, at=at)
    session.execute(insert(ProviderMovement).values(_row(movement, journal, at)).on_conflict_do_nothing())
    if sides:
        note_conversion(session, movement, sides, journal)
    return journal


def _row(movement: BalanceMovement, journal: Journal, at: datetime) -> dict[str, object]:
    return {
        "id": movement.id,
        "kind": movement.kind,
        "source": movement.source,
        "amount": movement.amount,
        "fee": movement.fee,
        "currency": movement.currency,
        "available_at": movement.available_at,
        "settled_at": at if movement.is_available else None,
        "journal_id": journal.id,
    }


def settle_movement(session: Session, movement_id: str, *, at: datetime) -> ProviderMovement:
    """The provider has made a pending movement available to us."""
    row = session.scalars(select(ProviderMovement).where(ProviderMovement.id == movement_id).with_for_update()).one()
    if row.settled_at is None:
        net, available, pending = row.amount - row.fee, stripe_available(row.currency), stripe_pending(row.currency)
        if net:
            entry = Entry(available, pending, net) if net > 0 else Entry(pending, available, -net)
            post(session, "stripe.settled", f"settled:{row.id}", [entry], at=at)
        row.settled_at = at
    return row
