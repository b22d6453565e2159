"""Which code wants to know when something changed at the provider: a table that the stages above fill at import."""

from collections.abc import Callable

from campaigns.core import outbox
from campaigns.core.db import unit_of_work
from campaigns.core.inbox import Received
from campaigns.payments.sides import Side

Look = Callable[[str], None]
# An object of a connected account is found only together with that account: its id, and whose it is.
LookThere = Callable[[str, str], None]

LOOKS: dict[str, list[Look]] = {}
LOOKS_AT_ACCOUNTS: dict[str, list[LookThere]] = {}


def on(kind: str, side: Side = Side.PLATFORM) -> Callable[[Look], Look]:
    """Have a function called with the id of each object of `kind` (invoice, refund, transfer …) that an event of this side is about.

    Events come twice, late and out of order: the function fetches the object as it now stands, opens its own transactions, and is safe
    to run again. What has no id, as our balance, comes as an empty one.
    """

    def registered(look: Look) -> Look:
        if side is Side.PLATFORM:
            LOOKS.setdefault(kind, []).append(look)
        else:
            LOOKS_AT_ACCOUNTS.setdefault(kind, []).append(lambda provider_id, _account_id: look(provider_id))
        return look

    return registered


def on_connected(kind: str) -> Callable[[LookThere], LookThere]:
    """The same for what belongs to a connected account: called with its id, and with the id of the account."""

    def registered(look: LookThere) -> LookThere:
        LOOKS_AT_ACCOUNTS.setdefault(kind, []).append(look)
        return look

    return registered


def look_into(claimed: outbox.Claimed) -> None:
    """Keeper of `stripe_event`: have all who asked look at the object that the event is about."""
    with unit_of_work() as session:
        received = session.get_one(Received, ("stripe", claimed.body["event"]))
    about = received.body["data"]["object"]
    if received.name.endswith(".deleted"):
        return  # there is nothing to fetch any more
    if Side.of(received.body) is Side.CONNECT:
        for look_there in LOOKS_AT_ACCOUNTS.get(about["object"], ()):
            look_there(about.get("id", ""), received.body["account"])
        return
    for look in LOOKS.get(about["object"], ()):
        look(about.get("id", ""))
