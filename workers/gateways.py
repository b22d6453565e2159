"""Which provider money comes in and goes out by, by route: a second provider is a file with its gateway, and a line here."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from campaigns.payments.gateway import EventFeed
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.money_out import MoneyOut
from campaigns.payments.routes import STRIPE_CONNECT
from campaigns.payments.stripe_gateway import StripeGateway

STRIPE_BILLING = "stripe_billing"


@lru_cache
def by_stripe() -> StripeGateway:
    """Stripe, or the simulator that speaks its protocol at another address."""
    return StripeGateway.configured()


MONEY_IN: Mapping[str, Callable[[], MoneyIn]] = {STRIPE_BILLING: by_stripe}
MONEY_OUT: Mapping[str, Callable[[], MoneyOut]] = {STRIPE_CONNECT: by_stripe}


def money_in(route: str = STRIPE_BILLING) -> MoneyIn:
    """Who takes money in by this route."""
    return MONEY_IN[route]()


def money_out(route: str = STRIPE_CONNECT) -> MoneyOut:
    """Who sends money out by this route."""
    return MONEY_OUT[route]()


def event_feed() -> EventFeed:
    """Who tells of events: its webhooks are those that we hear."""
    return by_stripe()
