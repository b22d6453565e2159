"""The text that a signer has read, carried by the form itself, so that whoever signs too late sees what has changed since."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from campaigns.core.settings import settings

SEAL = 64


def carried(content: Mapping[str, Any]) -> str:
    """The brief's content as a form carries it, under our seal."""
    text = urlsafe_b64encode(json.dumps(content).encode()).decode()
    return _seal(text) + text


def read_before(carried: str) -> Mapping[str, Any] | None:
    """The content that a form brought back; None for what we have not sealed."""
    seal, text = carried[:SEAL], carried[SEAL:]
    if not hmac.compare_digest(seal.encode(), _seal(text).encode()):
        return None
    found: Mapping[str, Any] = json.loads(urlsafe_b64decode(text))
    return found


def _seal(text: str) -> str:
    return hmac.digest(settings().secret.get_secret_value().encode(), b"read " + text.encode(), "sha256").hex()
