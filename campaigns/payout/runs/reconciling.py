"""The reconciliation: what the provider has is compared with what we have, and put right where it can be. Opens its own transactions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import sleep
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.brief.disputes.noting import look_at_disputes
from campaigns.core import clock, events, outbox
from campaigns.core.db import unit_of_work
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE
from campaigns.ledger.accounts import Entry, payee, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments.actions import note_balance
from campaigns.payments.gateway import Definite, Transfer, gateway
from campaigns.payments.handlers import book_own_movements, settle_balance
from campaigns.payments.provider_events import on, still_open
from campaigns.payout.runs.actions import resume_run
from campaigns.payout.runs.comparing import LEEWAY, FoundDiscrepancy, compare_balance, compare_movements, compare_transfers
from campaigns.payout.runs.covering import covers, less
from campaigns.payout.runs.items import Paid, record_outcomes, return_item
from campaigns.payout.runs.models import SHORT, Discrepancy, Item, PayoutRun
from campaigns.payout.runs.negative_balances import look_for_negative_balances

WINDOW = timedelta(days=35)
TOPUP_TAKES = timedelta(days=7)
LOOKS_AT_BALANCE = 3
SECONDS_BETWEEN_LOOKS = 1.0
TAKEN_BACK = frozenset({"foreign", "duplicate"})


def reconcile(since: datetime | None = None) -> Sequence[FoundDiscrepancy]:
    """Bring the books up to the provider's movements, compare, note what is new, and put right what can be; returns the differences.

    With `since`, only the runs released from then on are compared; only the whole comparison takes a difference found before for resolved,
    and looks for payees' accounts that are below zero.
    """
    settle_balance()
    book_own_movements(since or _begin())
    look_at_disputes(since or _begin())
    differences = compare(since)
    with unit_of_work() as session:
        at = clock.business_now(session)
        for difference in differences:
            _put_right(session, difference, at)
        if since is None:
            _resolve_all_but(session, differences, at)
    resume_covered_runs()
    if since is None:
        look_for_negative_balances()
    return [d for d in differences if d.kind != "returned"]


def compare(since: datetime | None = None) -> Sequence[FoundDiscrepancy]:
    """Every difference between the provider and us in recent transfers and in the balance, with what explains it; changes nothing."""
    begin = since or _begin()
    with unit_of_work() as session:
        end = clock.business_now(session)
    transfers = list(gateway().transfers_since(begin - LEEWAY))
    with unit_of_work() as session:
        found = list(compare_transfers(session, transfers, begin, end))
    of_balance = _look_at_balance()
    return [*found, *of_balance, *_explain({each.currency for each in of_balance}, begin)]


def _begin() -> datetime:
    with unit_of_work() as session:
        return clock.business_now(session) - WINDOW


def _look_at_balance() -> Sequence[FoundDiscrepancy]:
    """The differences in the balance that remain when looked at again: money may move between two looks."""
    found: Sequence[FoundDiscrepancy] = []
    for look in range(LOOKS_AT_BALANCE):
        sleep(SECONDS_BETWEEN_LOOKS if look else 0)
        theirs = gateway().balance()
        with unit_of_work() as session:
            found = list(compare_balance(session, theirs))
        if not found:
            break
    return found


def _explain(currencies: Collection[str], begin: datetime) -> Sequence[FoundDiscrepancy]:
    """The movements since `begin` that are in no book, in the currencies in which the balance differs."""
    if not currencies:
        return ()
    moved = [each for each in gateway().movements_since(begin - LEEWAY) if each.currency in currencies]
    with unit_of_work() as session:
        return list(compare_movements(session, moved))


def _put_right(session: Session, difference: FoundDiscrepancy, at: datetime) -> None:
    if difference.kind == "returned" and difference.item_id:
        return_item(session, difference.item_id, at=at)
    elif _is_new(session, difference, at):
        events.record(
            session, EventName.PAYOUT_DISCREPANCY_FOUND, by=STRIPE, at=at, kind=difference.kind, subject=difference.subject,
            amount=difference.amount, currency=difference.currency, item=str(difference.item_id) if difference.item_id else None,
        )  # fmt: skip
        if difference.kind in TAKEN_BACK:
            outbox.enqueue(
                session, OutboxKind.REVERSE_TRANSFER, key=difference.subject, transfer=difference.subject, amount=difference.amount
            )


def _is_new(session: Session, difference: FoundDiscrepancy, at: datetime) -> bool:
    """Note the difference; False when it was known and is not resolved."""
    values = {
        "kind": difference.kind, "subject": difference.subject, "amount": difference.amount, "currency": difference.currency,
        "item_id": difference.item_id, "found_at": at,
    }  # fmt: skip
    again = insert(Discrepancy).values(id=new_id(), **values).on_conflict_do_update(
        constraint="uq_payout_discrepancy_kind_subject", where=Discrepancy.resolved_at.is_not(None),
        set_={"amount": difference.amount, "found_at": at, "resolved_at": None, "resolution": None},
    )  # fmt: skip
    return session.scalar(again.returning(Discrepancy.id)) is not None


def _resolve_all_but(session: Session, differences: Sequence[FoundDiscrepancy], at: datetime) -> None:
    """What was found in the window of the comparison and is not found any more has resolved itself."""
    still = [(d.kind, d.subject) for d in differences]
    open_ones = (Discrepancy.resolved_at.is_(None), Discrepancy.found_at >= at - WINDOW)
    gone = update(Discrepancy).where(*open_ones, tuple_(Discrepancy.kind, Discrepancy.subject).not_in(still))
    session.execute(gone.values(resolved_at=at, resolution="agreed"))


def take_back(claimed: outbox.Claimed) -> None:
    """Handler of `reverse_transfer`: take back a transfer that should not be; what the payee has spent already, they owe."""
    transfer_id, amount = claimed.body["transfer"], claimed.body["amount"]
    try:
        gateway().reverse_transfer(transfer_id, amount, key=f"reverse:{transfer_id}")
    except Definite:
        resolution = _refused_to_reverse(transfer_id)
    else:
        resolution = "reversed"
    with unit_of_work() as session:
        _note_taken_back(session, transfer_id, resolution, clock.business_now(session))


def _refused_to_reverse(transfer_id: str) -> str:
    """Whether an earlier try, whose answer was lost and whose key is forgotten, has taken it all back, or the payee owes it."""
    try:
        transfer = gateway().fetch_transfer(transfer_id)
    except Definite:
        return "owed"
    return "reversed" if transfer.reversed_amount >= transfer.amount else "owed"


def _note_taken_back(session: Session, transfer_id: str, resolution: str, at: datetime) -> None:
    mine = select(Discrepancy).where(Discrepancy.subject == transfer_id, Discrepancy.resolved_at.is_(None)).with_for_update()
    for found in session.scalars(mine):
        if resolution == "owed" and found.item_id is None:
            events.record(session, EventName.PAYOUT_REVERSAL_REFUSED, by=STRIPE, at=at, transfer=transfer_id, amount=found.amount)
            continue
        found.resolved_at, found.resolution = at, resolution
        if resolution == "owed":
            item = session.get_one(Item, found.item_id)
            owes = Entry(payee(item.person_id, found.currency), stripe_available(found.currency), found.amount, ref=item.id)
            post(session, "payout.clawed_back", f"transfer:{transfer_id}:owed", [owes], at=at)
        events.record(session, EventName.PAYOUT_DISCREPANCY_RESOLVED, by=STRIPE, at=at, subject=transfer_id, resolution=resolution)


@on("transfer")
def look_at_transfer(transfer_id: str) -> None:
    """Settle the item of a transfer whose fate was unknown, or return what came back; anything odd is the reconciliation's."""
    transfer = gateway().fetch_transfer(transfer_id)
    with unit_of_work() as session:
        item = _item_of(session, transfer)
        if item is None:
            return
        at = clock.business_now(session)
        if not transfer.reversed_amount:
            record_outcomes(session, item.run_id, [Paid(item, transfer.id)], at=at, now=clock.process_now())
        elif transfer.reversed_amount == transfer.amount and item.transfer_id == transfer.id:
            return_item(session, item.id, at=at)


@still_open("balance")
def own_balance(_session: Session) -> Sequence[str]:
    """Ours, which has no id; transfers are compared one by one each day."""
    return [""]


@on("balance")
@on("topup")
def look_at_balance(_about: str) -> None:
    """Our balance grew: book what became available and what came from our bank, and go on with the runs that waited for it."""
    with unit_of_work() as session:
        since = clock.business_now(session) - TOPUP_TAKES
    settle_balance()
    book_own_movements(since)
    resume_covered_runs()


def _item_of(session: Session, transfer: Transfer) -> Item | None:
    named = transfer.metadata.get("payout_item", "")
    try:
        return session.get(Item, UUID(named))
    except ValueError:  # not one of ours
        return None


def resume_covered_runs() -> None:
    """Note our balance, and go on with the runs that waited for money, oldest first, as far as what is available now covers them."""
    said = gateway().balance()
    kinds: dict[str, Mapping[str, int]] = {currency: held.by_source for currency, held in said.items()}
    with unit_of_work() as session:  # of its own: whoever sends notes it too, and holds the run meanwhile
        note_balance(session, said, at=clock.business_now(session))
    with unit_of_work() as session:
        for run_id, currency, owed, largest in session.execute(_waiting()).all():
            if covers(kinds.get(currency, {}), int(owed), largest):
                kinds[currency] = less(kinds[currency], int(owed))
                resume_run(session, run_id, by=STRIPE, at=clock.business_now(session))


def _waiting() -> Select[UUID, str, int, int]:
    """The runs that wait for money, oldest first: what each still owes, and its largest payment."""
    open_items = Item.state.in_(("ready", "sending", "unknown"))
    query = select(PayoutRun.id, PayoutRun.currency, func.sum(Item.amount), func.max(Item.amount)).join(Item, Item.run_id == PayoutRun.id)
    return query.where(PayoutRun.state == "paused", PayoutRun.cause == SHORT, open_items).group_by(PayoutRun.id).order_by(PayoutRun.id)
