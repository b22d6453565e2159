"""What the provider has beside what we have: every difference named, nothing changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, all_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import totals
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.models import ProviderMovement
from campaigns.payments.money_out import Transfer
from campaigns.payout.balances.queries import PAGE
from campaigns.payout.reconciliations.models import Discrepancy
from campaigns.payout.runs.models import SENT, Payout, PayoutRun
from campaigns.payout.runs.states import OPEN_STATES

# Between our clock and the provider's: the listing of transfers begins so much earlier than the runs that it is held against.
LEEWAY = timedelta(minutes=10)
NOTHING = ProviderBalance(0, 0)
# Transfers are compared one by one, and booked with their payouts.
OF_TRANSFERS = frozenset({"transfer", "transfer_cancel", "transfer_failure", "transfer_refund"})
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class FoundDiscrepancy:
    """One thing in which the provider and our rows disagree.

    `subject` is a transfer, a part of our balance like USD:available, or a movement on it with its kind and what it is about.
    """

    kind: str
    subject: str
    amount: int
    currency: str
    payout_id: UUID | None = None


def compare_transfers(session: Session, transfers: Sequence[Transfer], begin: datetime, end: datetime) -> Iterator[FoundDiscrepancy]:
    """The transfers that are not as our payouts say, and the payouts paid up to `end`, of runs released since `begin`, that have none.

    `transfers` are those made since `begin` and LEEWAY before it.
    """
    items, adopted = payouts_named_in(session, transfers), adopted_among(session, transfers)
    for transfer in transfers:
        item = items.get(transfer.metadata.get("payout_item", ""))
        if transfer.id not in adopted and (kind := _judged(transfer, item)):
            left = transfer.amount if kind == "returned" else transfer.amount - transfer.reversed_amount
            yield FoundDiscrepancy(kind, transfer.id, left, transfer.currency, item.id if item else None)
    there = literal([t.id for t in transfers], ARRAY(String))
    paid = (
        select(Payout)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(PayoutRun.released_at >= begin, Payout.state.in_(SENT), Payout.settled_at < end)
    )
    lost = paid.where(Payout.transfer_id != all_(there)).order_by(Payout.id)
    yield from (FoundDiscrepancy("missing", str(i.transfer_id), i.amount, i.currency, i.id) for i in session.scalars(lost))


def payouts_named_in(session: Session, transfers: Iterable[Transfer]) -> Mapping[str, Payout]:
    named: list[UUID] = []
    for transfer in transfers:
        with suppress(KeyError, ValueError):  # it names none, or nothing of ours
            named.append(UUID(transfer.metadata["payout_item"]))
    return {str(item.id): item for item in session.scalars(select(Payout).where(Payout.id == any_(literal(named, ARRAY(Uuid)))))}


def adoption_of(transfer: Transfer) -> str:
    """The key of the journal in which a transfer is booked that a restored backup knew nothing of."""
    return f"transfer:{transfer.id}:adopted"


def adopted_among(session: Session, transfers: Iterable[Transfer]) -> set[str]:
    """Those of the transfers that were booked after a restore, by their ids."""
    keys = {adoption_of(transfer): transfer.id for transfer in transfers}
    found = session.scalars(select(Journal.key).where(Journal.key == any_(literal(list(keys), ARRAY(String)))))
    return {keys[key] for key in found}


def _judged(transfer: Transfer, item: Payout | None) -> str | None:
    """What is wrong with a transfer, beside the payout that it names."""
    if transfer.reversed_amount == transfer.amount:
        return "returned" if item and item.state in SENT and item.transfer_id == transfer.id else None
    if item is None:
        # Rows of ours do not vanish: what names one was made after a backup that was restored, for someone whom nobody knows any more.
        return "lost" if "payout_item" in transfer.metadata else "foreign"
    if item.state in OPEN_STATES:
        return None
    if item.transfer_id != transfer.id:
        return "duplicate"
    as_ordered = (transfer.amount, transfer.currency, transfer.destination) == (item.amount, item.currency, item.destination)
    return None if as_ordered and not transfer.reversed_amount else "amount_differs"


def compare_balance(session: Session, theirs: Mapping[str, ProviderBalance]) -> Iterator[FoundDiscrepancy]:
    """Where the books' balance with the provider is not the provider's, beyond what transfers of unknown fate explain."""
    available, pending = totals(session, "stripe_available"), totals(session, "stripe_pending")
    unresolved = _unresolved(session)
    for currency in sorted({*theirs, *available, *pending}):
        provider = theirs.get(currency, NOTHING)
        missing = available.get(currency, 0) - provider.available
        if not 0 <= missing <= unresolved.get(currency, 0):
            yield FoundDiscrepancy("balance", f"{currency}:available", missing, currency)
        if pending.get(currency, 0) != provider.pending:
            yield FoundDiscrepancy("balance", f"{currency}:pending", pending.get(currency, 0) - provider.pending, currency)


def compare_movements(session: Session, movements: Iterable[BalanceMovement]) -> Iterator[FoundDiscrepancy]:
    """At most MOST_NAMED movements on our balance that are in no book: made in the provider's dashboard, or of a kind that nobody books."""
    moved = {each.id: each for each in movements if each.kind not in OF_TRANSFERS}
    ids = literal(list(moved), ARRAY(String))
    booked = set(session.scalars(select(ProviderMovement.id).where(ProviderMovement.id == any_(ids))))
    for movement in [each for each in moved.values() if each.id not in booked][:MOST_NAMED]:
        about = f" of {movement.source}" if movement.source else ""
        yield FoundDiscrepancy("unbooked", f"{movement.kind} {movement.id}{about}", -movement.net, movement.currency)


def _unresolved(session: Session) -> dict[str, int]:
    query: Any = select(Payout.currency, func.sum(Payout.amount)).where(Payout.state.in_(("sending", "unknown"))).group_by(Payout.currency)
    return {currency: int(amount) for currency, amount in session.execute(query)}


def discrepancies(session: Session, *, by: Actor, after: UUID | None = None, limit: int = PAGE) -> Sequence[Discrepancy]:
    """What the provider and our rows disagree in and nobody has resolved, oldest first, up to `limit` after `after`."""
    by.require(Permission.VIEW_MONEY)
    query = select(Discrepancy).where(Discrepancy.resolved_at.is_(None)).order_by(Discrepancy.id).limit(limit)
    return session.scalars(query.where(Discrepancy.id > after) if after else query).all()
