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
# One event that writes to more people than these is told after those that write to few.
FEW = 50
