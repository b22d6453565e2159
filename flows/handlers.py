"""What does what was enqueued: the one table of the outbox's kinds and their handlers, and how long each is tried."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from campaigns.core import outbox
from campaigns.core.outbox_kinds import OutboxKind
from flows import wakes
from workers.brief.bank_refunds import send_refund_on
from workers.brief.dispute_answers import answer_dispute
from workers.brief.invoices import send_invoice, void_invoice
from workers.brief.refunds import send_refund
from workers.emails import announce, chunks, outcomes, sending
from workers.payout import reconciliation
from workers.payout.arrivals import look_at_arrivals
from workers.provider import missed_events, received_events
from workers.provider.account_looks import look_at_due_account
from workers.provider.accounts import create_payout_account
from workers.provider.reach import look_at_reach
from workers.provider.top_ups import make_top_up

# Each is safe to run twice.
Handler = Callable[[outbox.Claimed], None]

HANDLERS: Mapping[str, Handler] = {
    OutboxKind.WAKE: wakes.wake,
    OutboxKind.START_FLOW: wakes.start_flow,
    OutboxKind.EVENT: announce.announce,
    OutboxKind.EMAIL: sending.send_email,
    OutboxKind.EMAIL_CHUNK: chunks.send_chunk,
    OutboxKind.BATCH_OVER: chunks.forget_batch,
    OutboxKind.SENDGRID_EVENT: outcomes.take_event,
    OutboxKind.BRIEF_INVOICE: send_invoice,
    OutboxKind.BRIEF_INVOICE_VOID: void_invoice,
    OutboxKind.BRIEF_REFUND: send_refund,
    OutboxKind.DISPUTE_ANSWER: answer_dispute,
    OutboxKind.BRIEF_REFUND_ON: send_refund_on,
    OutboxKind.PAYOUT_ACCOUNT: create_payout_account,
    OutboxKind.TOP_UP: make_top_up,
    OutboxKind.STRIPE_EVENT: received_events.look_into,
    OutboxKind.ACCOUNT_LOOK: look_at_due_account,
    OutboxKind.MISSED_EVENTS: missed_events.fetch_missed,
    OutboxKind.REACH_LOOK: look_at_reach,
    OutboxKind.ARRIVALS_LOOK: look_at_arrivals,
    OutboxKind.REVERSE_TRANSFER: reconciliation.take_back,
}

# A run that goes to sleep looks once more by itself, and the sweep sees whom both missed: to ask more often would be to no avail.
LONGEST: Mapping[str, timedelta] = {OutboxKind.WAKE: timedelta(seconds=30), OutboxKind.START_FLOW: timedelta(seconds=2)}
