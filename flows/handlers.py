"""What does what was enqueued: the one table of the outbox's kinds and their handlers, and how long each is tried."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from campaigns.core import outbox
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
    "wake": wakes.wake,
    "start_flow": wakes.start_flow,
    "event": announce.announce,
    "email": sending.send_email,
    "email_chunk": chunks.send_chunk,
    "batch_over": chunks.forget_batch,
    "sendgrid_event": outcomes.take_event,
    "brief_invoice": _with(money_in, send_invoice),
    "brief_invoice_void": _with(money_in, void_invoice),
    "brief_refund": _with(money_in, send_refund),
    "dispute_answer": _with(money_in, answer_dispute),
    "brief_refund_on": _with(money_in, send_refund_on),
    "payout_account": _with(money_out, create_payout_account),
    "top_up": _with(money_out, make_top_up),
    "stripe_event": received_events.look_into,
    "account_look": _with(money_out, look_at_due_account),
    "missed_events": lambda claimed: missed_events.fetch_missed(money_out(), event_feed(), claimed),
    "reach_look": _with(money_out, look_at_reach),
    "arrivals_look": _with(money_out, look_at_arrivals),
    "reverse_transfer": _with(money_out, reconciliation.take_back),
}

# A run that goes to sleep looks once more by itself, and the sweep sees whom both missed: to ask more often would be to no avail.
LONGEST = {"wake": timedelta(seconds=30), "start_flow": timedelta(seconds=2)}
# An outage ends some time, and these are due after it as before; each of them is safe to repeat for as long as that takes.
FOR_EVER = frozenset({
    "wake", "start_flow", "event", "email", "email_chunk",
    "brief_invoice", "brief_refund",  # under one key for 23 hours; after that finance is told, and there the message ends
    "brief_invoice_void",  # looks before each try; what Stripe refuses is told to finance meanwhile
    "dispute_answer",  # looks before each try, and what Stripe refuses ends it
    "brief_refund_on",  # Stripe gives back no more than there is on a cash balance
    "top_up",  # is looked for at Stripe once its key may be forgotten
    "reverse_transfer",  # Stripe takes back no more than there is left of a transfer
    "payout_account",  # a second account, should the key be forgotten, is nobody's: nothing is ever paid to it
    "stripe_event",  # looks, and does nothing at Stripe
    "account_look",  # likewise; while few are open no more are enqueued
    "missed_events",  # likewise
    "arrivals_look",  # likewise; while few are open no more are enqueued
    "reach_look",  # likewise; one a day
})  # fmt: skip
# These give up: they ask nobody but our own database, or only tidy up at the carrier.
ENDING = frozenset({"sendgrid_event", "batch_over"})
