"""What SendGrid posts to us, believed only when it signed it, and no longer ago than it repeats a post."""

from collections.abc import Mapping
from datetime import datetime

from campaigns.core.inbox import VerifiedEvent
from notifications.sendgrid_sender import BadSignature, signed_events

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def verified(body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[VerifiedEvent] | None:
    """The events of a post, `headers` in lower case, at process time `at`; None when SendGrid did not sign it, or too long ago."""
    try:
        events = signed_events(body, headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, ""), now=at)
    except BadSignature:
        return None
    return [VerifiedEvent(event["sg_event_id"], event["event"], event) for event in events]
