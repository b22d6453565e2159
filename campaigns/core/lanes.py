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
# Events about who gets in and where money goes, by how their names begin: somebody waits for the email, or has to stop what it tells of.
URGENT_EVENTS = ("access.", "people.", "payout.destination_")
# Events that write to everyone there is, which takes a minute.
EVENTS_FOR_ALL = frozenset({"brief.launched"})
# One event that writes to more people than these is told after those that write to few.
FEW = 50


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
