"""The states of a run and of a payout, and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class PayoutRunState(StrEnum):
    """Where a run is: waiting for approval, being sent, stopped, sent, or given up."""

    QUOTED = "quoted"
    RELEASED = "released"
    PAUSED = "paused"
    CLOSED = "closed"
    DISCARDED = "discarded"


class PayoutState(StrEnum):
    """Where a payout is: sent is transferred to the payee's account at Stripe, paid is arrived at their bank."""

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    PAID = "paid"
    BANK_RETURNED = "bank_returned"
    FAILED = "failed"
    RETURNED = "returned"
    DISCARDED = "discarded"


RUN_MOVES: Mapping[PayoutRunState, frozenset[PayoutRunState]] = {
    PayoutRunState.QUOTED: frozenset({PayoutRunState.RELEASED, PayoutRunState.DISCARDED}),
    PayoutRunState.RELEASED: frozenset({PayoutRunState.PAUSED, PayoutRunState.CLOSED}),
    # A pause by finance comes on top of one for want of money.
    PayoutRunState.PAUSED: frozenset({PayoutRunState.PAUSED, PayoutRunState.RELEASED}),
    PayoutRunState.CLOSED: frozenset(),
    PayoutRunState.DISCARDED: frozenset(),
}
# Between sent and paid a bank may send the money back and Stripe send it again; a transfer may be reversed after any of the three.
_AT_STRIPE = frozenset({PayoutState.SENT, PayoutState.PAID, PayoutState.BANK_RETURNED})
# Not settled yet: it may still be sent, or may have been sent without an answer.
OPEN_STATES = (PayoutState.READY, PayoutState.SENDING, PayoutState.UNKNOWN)
_OPEN = frozenset(OPEN_STATES)
PAYOUT_MOVES: Mapping[PayoutState, frozenset[PayoutState]] = {
    PayoutState.READY: _OPEN | {PayoutState.SENT, PayoutState.FAILED, PayoutState.DISCARDED},
    PayoutState.SENDING: _OPEN | {PayoutState.SENT, PayoutState.FAILED},
    PayoutState.UNKNOWN: _OPEN | {PayoutState.SENT, PayoutState.FAILED},
    PayoutState.SENT: _AT_STRIPE - {PayoutState.SENT} | {PayoutState.RETURNED},
    PayoutState.PAID: _AT_STRIPE - {PayoutState.PAID} | {PayoutState.RETURNED},
    PayoutState.BANK_RETURNED: _AT_STRIPE - {PayoutState.BANK_RETURNED} | {PayoutState.RETURNED},
    PayoutState.FAILED: frozenset(),
    PayoutState.RETURNED: frozenset(),
    PayoutState.DISCARDED: frozenset(),
}


State = TypeVar("State", PayoutRunState, PayoutState)


class ImpossibleMoveError(RuntimeError):
    """The code asked for a move that the table of moves does not have: a fault of ours, so nothing is saved."""


def moved(moves: Mapping[State, frozenset[State]], before: State, after: State) -> State:
    """The state after a move; raises ImpossibleMoveError unless the table has the move."""
    if after not in moves[before]:
        raise ImpossibleMoveError(f"{type(before).__name__}: no move leads from {before} to {after}.")
    return after
