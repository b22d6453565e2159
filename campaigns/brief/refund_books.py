"""What a refund moves, in the books: taken by Stripe, had by the brand, come back."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.brief.models import RefundPart
from campaigns.ledger.accounts import Account, Entry, bank, refund_clearing, refunds_at_stripe
from campaigns.ledger.actions import post
from campaigns.ledger.models import Journal, LedgerAccount, LedgerEntry
from campaigns.payments.actions import book_movement
from campaigns.payments.gateway import BalanceMovement
from campaigns.payments.models import ProviderMovement


def leave(session: Session, part: RefundPart, movement: BalanceMovement, *, at: datetime) -> None:
    """It left our balance, and stays promised until the brand has it; a second time nothing."""
    book_movement(session, movement, {_at_stripe(part): part.amount}, kind="brief.refund", at=at)


def arrive(session: Session, part: RefundPart, movement: BalanceMovement | None, *, at: datetime) -> None:
    """The brand has it: what Stripe had taken for it before, or what only now left our balance by `movement`."""
    if movement is None or _stands_at_stripe(session, part, movement):
        post(session, "brief.refund_arrived", _arrival(part), [Entry(_clearing(part), _at_stripe(part), part.amount)], at=at)
    else:
        book_movement(session, movement, {_clearing(part): part.amount}, kind="brief.refund", at=at)


def come_back(session: Session, part: RefundPart, left: BalanceMovement, back: BalanceMovement, *, at: datetime) -> None:
    """What `left` our balance is on it again: from whoever had it, or before it got there."""
    leave(session, part, left, at=at)
    other = _at_stripe(part) if _stands_at_stripe(session, part, left) else _clearing(part)
    book_movement(session, back, {other: part.amount}, kind="brief.refund_returned", at=at)


def send_from_bank(session: Session, part: RefundPart, *, at: datetime) -> None:
    """Finance has sent it from our bank account."""
    entry = Entry(_clearing(part), bank(part.currency), part.amount)
    post(session, "brief.refund_by_hand", f"refund_by_hand:{part.id}", [entry], at=at)


def _stands_at_stripe(session: Session, part: RefundPart, left: BalanceMovement) -> bool:
    """Whether what left our balance is booked as taken by Stripe, and the brand does not have it yet."""
    is_there = exists().where(
        ProviderMovement.id == left.id, LedgerEntry.journal_id == ProviderMovement.journal_id,
        LedgerAccount.id == LedgerEntry.debit_id, LedgerAccount.kind == _at_stripe(part).kind,
    )  # fmt: skip
    return bool(session.scalar(select(is_there & ~exists().where(Journal.key == _arrival(part)))))


def _arrival(part: RefundPart) -> str:
    return f"refund_part:{part.id}:arrived"


def _clearing(part: RefundPart) -> Account:
    return refund_clearing(part.campaign_id, part.currency)


def _at_stripe(part: RefundPart) -> Account:
    return refunds_at_stripe(part.campaign_id, part.currency)
