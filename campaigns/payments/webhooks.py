"""What Stripe posts to us, believed only when it signed it just now."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from campaigns.core.inbox import VerifiedEvent
from campaigns.core.settings import settings

TOLERANCE = timedelta(minutes=5)


def verified(body: bytes, signature: str, *, at: datetime) -> VerifiedEvent | None:
    """The event of a post, from its raw bytes and its Stripe-Signature, at process time `at`; None when it is not Stripe's, or old.

    While a secret is being changed the header carries a signature by each, and we know both: any of ours is enough.
    """
    parts = [part.partition("=") for part in signature.split(",")]
    stamp = next((value for name, _equals, value in parts if name == "t"), "")
    if not _is_recent(stamp, at):
        return None
    signed = stamp.encode() + b"." + body
    right = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in settings().stripe_webhook_secrets]
    given = [value.encode() for name, _equals, value in parts if name == "v1"]
    # Every one beside every other, whatever was found before: how long it takes tells nobody which secret was nearly right.
    if not any([hmac.compare_digest(each, one) for each in given for one in right]):  # noqa: C419
        return None
    event = json.loads(body)
    return VerifiedEvent(event["id"], event["type"], event)


def _is_recent(stamp: str, at: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(at - datetime.fromtimestamp(int(stamp), UTC)) <= TOLERANCE
