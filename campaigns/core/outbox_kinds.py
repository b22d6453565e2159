"""What the outbox knows how to ask for: each kind of message is declared here once, with its lane and how long it is retried."""

from enum import Enum, StrEnum

from campaigns.core.lanes import Lane


class Retries(Enum):
    """How long a message is retried that went wrong."""

    FOR_EVER = "for ever"
    LIMITED = "limited"


class OutboxKind(StrEnum):
    """A kind of message in the outbox: its `lane` where nothing else is said, and its `retries`.

    An outage ends some time, and what is retried for ever is due after it as before; it is safe to repeat for as long as that takes.
    What gives up asks nobody but our own database, or only tidies up at the carrier.
    """

    lane: Lane
    retries: Retries

    def __new__(cls, value: str, lane: Lane, retries: Retries) -> "OutboxKind":
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.lane, kind.retries = lane, retries
        return kind

    WAKE = "wake", Lane.WAKES, Retries.FOR_EVER
    START_FLOW = "start_flow", Lane.WAKES, Retries.FOR_EVER
    EVENT = "event", Lane.EVENTS, Retries.FOR_EVER
    EMAIL = "email", Lane.EMAILS, Retries.FOR_EVER
    EMAIL_CHUNK = "email_chunk", Lane.ANNOUNCEMENTS, Retries.FOR_EVER
    # One batch's place at the carrier, which it also frees by itself.
    BATCH_OVER = "batch_over", Lane.ANNOUNCEMENTS, Retries.LIMITED
    # Under one key for 23 hours; after that finance is told, and there the message ends.
    BRIEF_INVOICE = "brief_invoice", Lane.PAYMENTS, Retries.FOR_EVER
    BRIEF_REFUND = "brief_refund", Lane.PAYMENTS, Retries.FOR_EVER
    # Looks before each try; what Stripe refuses is told to finance meanwhile.
    BRIEF_INVOICE_VOID = "brief_invoice_void", Lane.PAYMENTS, Retries.FOR_EVER
    # Looks before each try, and what Stripe refuses ends it.
    DISPUTE_ANSWER = "dispute_answer", Lane.PAYMENTS, Retries.FOR_EVER
    # Stripe gives back no more than there is on a cash balance.
    BRIEF_REFUND_ON = "brief_refund_on", Lane.PAYMENTS, Retries.FOR_EVER
    # Is looked for at Stripe once its key may be forgotten.
    TOP_UP = "top_up", Lane.PAYMENTS, Retries.FOR_EVER
    # Stripe takes back no more than there is left of a transfer.
    REVERSE_TRANSFER = "reverse_transfer", Lane.PAYMENTS, Retries.FOR_EVER
    # A second account, should the key be forgotten, is nobody's: nothing is ever paid to it.
    PAYOUT_ACCOUNT = "payout_account", Lane.PAYMENTS, Retries.FOR_EVER
    # These look, and do nothing at Stripe; while few looks at accounts or arrivals are open no more are enqueued.
    STRIPE_EVENT = "stripe_event", Lane.STRIPE_EVENTS, Retries.FOR_EVER
    ACCOUNT_LOOK = "account_look", Lane.STRIPE_EVENTS, Retries.FOR_EVER
    MISSED_EVENTS = "missed_events", Lane.STRIPE_EVENTS, Retries.FOR_EVER
    ARRIVALS_LOOK = "arrivals_look", Lane.STRIPE_EVENTS, Retries.FOR_EVER
    REACH_LOOK = "reach_look", Lane.STRIPE_EVENTS, Retries.FOR_EVER
    SENDGRID_EVENT = "sendgrid_event", Lane.SENDGRID_EVENTS, Retries.LIMITED


RETRIED_FOR_EVER = frozenset(kind for kind in OutboxKind if kind.retries is Retries.FOR_EVER)
