"""What does what was enqueued: the one table of the outbox's kinds and their handlers, and how long each is tried."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from flows import wakes
from workers.brief.bank_refunds import send_refund_on
from workers.brief.dispute_answers import answer_dispute
from workers.brief.invoices import send_invoice, void_invoice
from workers.brief.refunds import send_refund
from workers.emails import announce, chunks, outcomes, sending
from workers.gateways import event_feed, money_in, money_out
from workers.payout import reconciliation
from workers.payout.arrivals import look_at_arrivals
from workers.provider import missed_events, received_events
from workers.provider.account_looks import look_at_due_account
from workers.provider.accounts import create_payout_account
from workers.provider.reach import look_at_reach
from workers.provider.top_ups import make_top_up

# Each is safe to run twice.
Handler = Callable[[outbox.Claimed], None]
Door = TypeVar("Door")


def _with(door: Callable[[], Door], handler: Callable[[Door, outbox.Claimed], None]) -> Handler:
    """The handler, given the door to the provider that is configured when it is called."""
    return lambda claimed: handler(door(), claimed)


HANDLERS: Mapping[str, Handler] = {
    OutboxKind.WAKE: wakes.wake,
    OutboxKind.START_FLOW: wakes.start_flow,
    OutboxKind.EVENT: announce.announce,
    OutboxKind.EMAIL: sending.send_email,
    OutboxKind.EMAIL_CHUNK: chunks.send_chunk,
    OutboxKind.BATCH_OVER: chunks.forget_batch,
    OutboxKind.SENDGRID_EVENT: outcomes.take_event,
    OutboxKind.BRIEF_INVOICE: _with(money_in, send_invoice),
    OutboxKind.BRIEF_INVOICE_VOID: _with(money_in, void_invoice),
    OutboxKind.BRIEF_REFUND: _with(money_in, send_refund),
    OutboxKind.DISPUTE_ANSWER: _with(money_in, answer_dispute),
    OutboxKind.BRIEF_REFUND_ON: _with(money_in, send_refund_on),
    OutboxKind.PAYOUT_ACCOUNT: _with(money_out, create_payout_account),
    OutboxKind.TOP_UP: _with(money_out, make_top_up),
    OutboxKind.STRIPE_EVENT: received_events.look_into,
    OutboxKind.ACCOUNT_LOOK: _with(money_out, look_at_due_account),
    OutboxKind.MISSED_EVENTS: lambda claimed: missed_events.fetch_missed(money_out(), event_feed(), claimed),
    OutboxKind.REACH_LOOK: _with(money_out, look_at_reach),
    OutboxKind.ARRIVALS_LOOK: _with(money_out, look_at_arrivals),
    OutboxKind.REVERSE_TRANSFER: _with(money_out, reconciliation.take_back),
}

# A run that goes to sleep looks once more by itself, and the sweep sees whom both missed: to ask more often would be to no avail.
LONGEST: Mapping[str, timedelta] = {OutboxKind.WAKE: timedelta(seconds=30), OutboxKind.START_FLOW: timedelta(seconds=2)}
