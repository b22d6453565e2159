"""Stripe's rate limits: so many requests a second for each endpoint, and for all together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sandbox.stripe.errors import StripeError

PER_ENDPOINT = 25
GLOBAL = 100


@dataclass
class TokenBucket:
    """A bucket of tokens that fills up again in one second."""

    rate: float
    tokens: float
    filled_at: datetime

    def take(self, at: datetime) -> bool:
        elapsed = max(0.0, (at - self.filled_at).total_seconds())
        self.tokens, self.filled_at = min(self.rate, self.tokens + elapsed * self.rate), at
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class BucketLimiter:
    """Refuses what comes too fast, in real time; its state is the process's own, as a limiter's may be."""

    clock: Callable[[], datetime]
    per_endpoint: float = PER_ENDPOINT
    everything: float = GLOBAL
    buckets: dict[str, TokenBucket] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def admit(self, endpoint: str) -> None:
        """Let one request to the endpoint pass, or raise 429 with the reason in `Stripe-Rate-Limited-Reason`."""
        with self.lock:
            at = self.clock()
            if not self._bucket(endpoint, self.per_endpoint, at).take(at):
                raise RateLimitExceeded("endpoint-rate")
            if not self._bucket("", self.everything, at).take(at):
                raise RateLimitExceeded("global-rate")

    def _bucket(self, name: str, rate: float, at: datetime) -> TokenBucket:
        return self.buckets.setdefault(name, TokenBucket(rate, rate, at))


class RateLimitExceeded(StripeError):
    def __init__(self, reason: str):
        super().__init__(
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            code="rate_limit",
            status=429,
        )
        self.reason = reason
