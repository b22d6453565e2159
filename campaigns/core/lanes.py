"""Lanes of the outbox: each has hands of its own, so that what is urgent never waits behind what is many."""

from enum import StrEnum


class Lane(StrEnum):
    """What waits together, the most urgent first."""

    SIGN_IN = "sign_in"
    PAYMENTS = "payments"
    WAKES = "wakes"
    EVENTS = "events"
    EMAILS = "emails"
    BULK_EMAILS = "bulk_emails"
    ANNOUNCEMENTS = "announcements"
    STRIPE_EVENTS = "stripe_events"
    SENDGRID_EVENTS = "sendgrid_events"


LANES = tuple(Lane)
# A kind that stands nowhere here is a message to one person.
OF_KIND = {
    "event": Lane.EVENTS,
    "email": Lane.EMAILS,
    "email_chunk": Lane.ANNOUNCEMENTS,
    "batch_over": Lane.ANNOUNCEMENTS,
    "wake": Lane.WAKES,
    "start_flow": Lane.WAKES,
    "brief_invoice": Lane.PAYMENTS,
    "brief_invoice_void": Lane.PAYMENTS,
    "brief_refund": Lane.PAYMENTS,
    "dispute_answer": Lane.PAYMENTS,
    "brief_refund_on": Lane.PAYMENTS,
    "payout_account": Lane.PAYMENTS,
    "reverse_transfer": Lane.PAYMENTS,
    "top_up": Lane.PAYMENTS,
    "stripe_event": Lane.STRIPE_EVENTS,
    "account_look": Lane.STRIPE_EVENTS,
    "missed_events": Lane.STRIPE_EVENTS,
    "reach_look": Lane.STRIPE_EVENTS,
    "arrivals_look": Lane.STRIPE_EVENTS,
    "sendgrid_event": Lane.SENDGRID_EVENTS,
}
# Events about who gets in and where money goes, by how their names begin: somebody waits for the email, or has to stop what it tells of.
URGENT_EVENTS = ("access.", "people.", "payout.destination_")
# Events that write to everyone there is, which takes a minute.
EVENTS_FOR_ALL = frozenset({"brief.launched"})
# One event that writes to more people than these is told after those that write to few.
FEW = 50


def lane_of(kind: str) -> Lane:
    """The lane of a message of this kind, where nothing else is said."""
    return OF_KIND.get(kind, Lane.EMAILS)


def lane_of_event(name: str) -> Lane:
    """The lane in which an event of this name waits to be told."""
    if name.startswith(URGENT_EVENTS):
        return Lane.SIGN_IN
    return Lane.ANNOUNCEMENTS if name in EVENTS_FOR_ALL else Lane.EVENTS


def lane_of_email(event_name: str, recipients: int) -> Lane:
    """The lane of an email that tells `recipients` people of an event of this name."""
    if event_name.startswith(URGENT_EVENTS):
        return Lane.SIGN_IN
    return Lane.EMAILS if recipients <= FEW else Lane.BULK_EMAILS
