"""Which operations may be asked for only so often, and how often: said in the API's description, from the limits themselves."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from campaigns.administration import brands
from campaigns.core import access, administrators
from campaigns.core.throttle import Rate


class RateLimit(NamedTuple):
    """One limit of an operation; `per` says whose requests are counted together."""

    per: str
    rate: Rate


LIMITS: Mapping[str, tuple[RateLimit, ...]] = {
    "sign_in_ask_for_link": (
        RateLimit("email address", access.LINKS_TO_ONE_ADDRESS),
        RateLimit("IP address", access.LINKS_FROM_ONE_PLACE),
    ),
    "sign_in_spend_link": (RateLimit("IP address", access.LINKS_FROM_ONE_PLACE),),
    "people_edit_brand": (RateLimit("person who changes billing emails", brands.CHANGED_BY_ONE),),
    "people_ask_administrator": (RateLimit("brand", administrators.ASKED_FOR_ONE_BRAND),),
}


def describe_limits(operation: dict[str, Any]) -> None:
    """Say of an operation how often it may be asked for, to people and, under `x-rate-limits`, to programs."""
    if limits := LIMITS.get(operation["operationId"], ()):
        operation["description"] += "\n\n" + "\n".join(_sentence(limit) for limit in limits)
        operation["x-rate-limits"] = [
            {"per": limit.per, "burst": limit.rate.burst, "every_seconds": round(limit.rate.every.total_seconds())} for limit in limits
        ]


def _sentence(limit: RateLimit) -> str:
    every = round(limit.rate.every.total_seconds())
    return f"At most {limit.rate.burst} at once for each {limit.per}, and one more every {every} seconds; then 429."
