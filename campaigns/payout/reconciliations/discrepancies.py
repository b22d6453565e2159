"""Differences from the provider's records: noted once, put right where they can be, and resolved."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core import events, outbox
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import STRIPE
from campaigns.ledger.accounts import Entry, payee, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments.money_out import Transfer
from campaigns.payout.reconciliations.models import Discrepancy
from campaigns.payout.reconciliations.queries import FoundDiscrepancy
from campaigns.payout.runs.arriving import return_payout
from campaigns.payout.runs.models import SHORT, Payout, PayoutRun
from campaigns.payout.runs.states import OPEN_STATES

WINDOW = timedelta(days=35)
TAKEN_BACK = frozenset({"foreign", "duplicate"})


def _is_new(session: Session, difference: FoundDiscrepancy, at: datetime) -> bool:
    """Note the difference; False when it was known and is not resolved."""
    values = {
        "kind": difference.kind, "subject": difference.subject, "amount": difference.amount, "currency": difference.currency,
        "payout_id": difference.payout_id, "found_at": at,
    }  # fmt: skip
    again = insert(Discrepancy).values(id=new_id(), **values).on_conflict_do_update(
        constraint="uq_payout_discrepancy_kind_subject", where=Discrepancy.resolved_at.is_not(None),
        set_={"amount": difference.amount, "found_at": at, "resolved_at": None, "resolution": None},
    )  # fmt: skip
    return session.scalar(again.returning(Discrepancy.id)) is not None


def put_right(session: Session, difference: FoundDiscrepancy, at: datetime) -> None:
    """Note a difference that is new, and have put right what can be."""
    if difference.kind == "returned" and difference.payout_id:
        return_payout(session, difference.payout_id, at=at)
    elif _is_new(session, difference, at):
        events.record(
            session, EventName.PAYOUT_DISCREPANCY_FOUND, by=STRIPE, at=at, kind=difference.kind, subject=difference.subject,
            amount=difference.amount, currency=difference.currency, item=str(difference.payout_id) if difference.payout_id else None,
        )  # fmt: skip
        if difference.kind in TAKEN_BACK:
            outbox.enqueue(
                session, OutboxKind.REVERSE_TRANSFER, key=difference.subject, transfer=difference.subject, amount=difference.amount
            )


def resolve_all_but(session: Session, differences: Sequence[FoundDiscrepancy], at: datetime) -> None:
    """What was found in the window of the comparison and is not found any more has resolved itself."""
    still = [(d.kind, d.subject) for d in differences]
    open_ones = (Discrepancy.resolved_at.is_(None), Discrepancy.found_at >= at - WINDOW)
    gone = update(Discrepancy).where(*open_ones, tuple_(Discrepancy.kind, Discrepancy.subject).not_in(still))
    session.execute(gone.values(resolved_at=at, resolution="agreed"))


def note_taken_back(session: Session, transfer_id: str, resolution: str, at: datetime) -> None:
    """Resolve the differences about a transfer that was taken back, or that the payee owes."""
    mine = select(Discrepancy).where(Discrepancy.subject == transfer_id, Discrepancy.resolved_at.is_(None)).with_for_update()
    for found in session.scalars(mine):
        if resolution == "owed" and found.payout_id is None:
            events.record(session, EventName.PAYOUT_REVERSAL_REFUSED, by=STRIPE, at=at, transfer=transfer_id, amount=found.amount)
            continue
        found.resolved_at, found.resolution = at, resolution
        if resolution == "owed":
            item = session.get_one(Payout, found.payout_id)
            owes = Entry(payee(item.person_id, found.currency), stripe_available(found.currency), found.amount, ref=item.id)
            post(session, "payout.clawed_back", f"transfer:{transfer_id}:owed", [owes], at=at)
        events.record(session, EventName.PAYOUT_DISCREPANCY_RESOLVED, by=STRIPE, at=at, subject=transfer_id, resolution=resolution)


def item_of(session: Session, transfer: Transfer) -> Payout | None:
    """The payout that a transfer was made for; None where it is not one of ours."""
    named = transfer.metadata.get("payout_item", "")
    try:
        return session.get(Payout, UUID(named))
    except ValueError:  # not one of ours
        return None


def waiting_for_money() -> Select[UUID, str, int, int]:
    """The runs that wait for money, oldest first: what each still owes, and its largest payment."""
    open_payouts = Payout.state.in_(OPEN_STATES)
    query = select(PayoutRun.id, PayoutRun.currency, func.sum(Payout.amount), func.max(Payout.amount)).join(
        Payout, Payout.run_id == PayoutRun.id
    )
    return query.where(PayoutRun.state == "paused", PayoutRun.cause == SHORT, open_payouts).group_by(PayoutRun.id).order_by(PayoutRun.id)
