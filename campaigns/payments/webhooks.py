"""What Stripe posts to us, believed only when it signed it just now."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from campaigns.core.inbox import Told
from campaigns.core.settings import settings

TOLERANCE = timedelta(minutes=5)


def verified(body: bytes, signature: str, *, at: datetime) -> Told | None:
    """The event of a post, from its raw bytes and its Stripe-Signature, at process time `at`; None when it is not Stripe's, or old.

    While a secret is being changed the header carries a signature by each: one that is right is enough. Without a secret none is.
    """
    parts = [part.partition("=") for part in signature.split(",")]
    stamp = next((value for name, _equals, value in parts if name == "t"), "")
    secret = settings().stripe_webhook_key
    if not secret or not _is_recent(stamp, at):
        return None
    right = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
    if not any(name == "v1" and hmac.compare_digest(value.encode(), right) for name, _equals, value in parts):
        return None
    event = json.loads(body)
    return Told(event["id"], event["type"], event)


def _is_recent(stamp: str, at: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(at - datetime.fromtimestamp(int(stamp), UTC)) <= TOLERANCE
