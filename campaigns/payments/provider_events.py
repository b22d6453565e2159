"""Which code wants to know when something changed at the provider: a table that the stages above fill at import."""

from collections.abc import Callable

from campaigns.core import outbox
from campaigns.core.db import unit_of_work
from campaigns.core.inbox import Received
from campaigns.payments.sides import Side

Look = Callable[[str], None]

LOOKS: dict[str, list[Look]] = {}
# Beside them those that look at objects of connected accounts, which the platform would not find under their ids.
LOOKS_AT_ACCOUNTS: dict[str, list[Look]] = {}


def on(kind: str, side: Side = Side.PLATFORM) -> Callable[[Look], Look]:
    """Have a function called with the id of each object of `kind` (invoice, refund, transfer …) that an event of this side is about.

    Events come twice, late and out of order: the function fetches the object as it now stands, opens its own transactions, and is safe
    to run again. What has no id, as our balance, comes as an empty one.
    """

    def registered(look: Look) -> Look:
        (LOOKS if side is Side.PLATFORM else LOOKS_AT_ACCOUNTS).setdefault(kind, []).append(look)
        return look

    return registered


def look_into(claimed: outbox.Claimed) -> None:
    """Keeper of `stripe_event`: have all who asked look at the object that the event is about."""
    with unit_of_work() as session:
        received = session.get_one(Received, ("stripe", claimed.body["event"]))
    about = received.body["data"]["object"]
    if received.name.endswith(".deleted"):
        return  # there is nothing to fetch any more
    looks = LOOKS if Side.of(received.body) is Side.PLATFORM else LOOKS_AT_ACCOUNTS
    for look in looks.get(about["object"], ()):
        look(about.get("id", ""))
