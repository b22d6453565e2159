"""Which code wants to know when something changed at the provider: a table that the stages above fill at import."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import outbox
from campaigns.core.db import unit_of_work
from campaigns.core.inbox import Received
from campaigns.core.settings import settings
from campaigns.payments.gateway import Definite
from campaigns.payments.sides import EventOrigin

Look = Callable[[str], None]
# An object of a connected account is found only together with that account: its id, and whose it is.
LookThere = Callable[[str, str], None]

# Why nobody looked into an event.
OTHER_MODE, NOT_ASKED_FOR, GONE = "other_mode", "not_asked_for", "gone"
THIN = "v2.core.event"
MISSING = frozenset({"resource_missing", "account_invalid"})  # the second of accounts that are not, or no longer, ours
SURE_AFTER = 3  # tries, which are seconds apart
WITHOUT_ID = frozenset({"balance"})

LOOKS: dict[str, list[Look]] = {}
LOOKS_AT_ACCOUNTS: dict[str, list[LookThere]] = {}


# What may still change at the provider, asked after where it tells nothing any more.
OPEN: dict[str, Callable[[Session], Sequence[str]]] = {}


def still_open(kind: str) -> Callable[[Callable[[Session], Sequence[str]]], Callable[[Session], Sequence[str]]]:
    """Have a query answer which of the objects of `kind` that `on` looks at may still change at the provider."""

    def registered(query: Callable[[Session], Sequence[str]]) -> Callable[[Session], Sequence[str]]:
        OPEN[kind] = query
        return query

    return registered


def on(kind: str, side: EventOrigin = EventOrigin.PLATFORM) -> Callable[[Look], Look]:
    """Have a function called with the id of each object of `kind` (invoice, refund, transfer …) that an event of this side is about.

    Events come twice, late and out of order: the function fetches the object as it now stands, opens its own transactions, and is safe
    to run again. What has no id, as our balance, comes as an empty one.
    """

    def registered(look: Look) -> Look:
        if side is EventOrigin.PLATFORM:
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
    """Handler of `stripe_event`: have all who asked look at the object that the event is about; why nobody did is noted.

    What the event says of the object is never believed: each look fetches it, in the version that we read, so that neither an older event
    nor one in another version says anything else.
    """
    with unit_of_work() as session:
        received = session.get_one(Received, ("stripe", claimed.body["event"]))
    passed_over = _reason_to_pass(received.name, received.body) or _look(received.body, claimed.attempts)
    if passed_over:
        with unit_of_work() as session:
            session.get_one(Received, ("stripe", claimed.body["event"])).passed_over = passed_over


def about(event: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and id of the object that an event is about, each empty where it names none; a thin event only refers to it."""
    if event.get("object") == THIN:
        related = event.get("related_object") or {}
        return str(related.get("type", "")).removeprefix("v2.core."), str(related.get("id", ""))
    said = (event.get("data") or {}).get("object") or {}
    return str(said.get("object", "")), str(said.get("id") or "")


def looks_at(event: Mapping[str, Any]) -> Sequence[Look]:
    """All who look at what the event is about; an account of Accounts v2 is one of those that are connected, whoever's event it is."""
    kind, named = about(event)
    if EventOrigin.of(event) is EventOrigin.PLATFORM and not (event.get("object") == THIN and kind == "account"):
        return LOOKS.get(kind, ())
    account = str(event.get("account") or event.get("context") or named)
    return [partial(_look_there, look, account) for look in LOOKS_AT_ACCOUNTS.get(kind, ())]


def look_at_each(objects: Iterable[tuple[str, str]]) -> None:
    """Have all who look at them look at each object, by kind and id, but those that are not there any more.

    Any other refusal is raised once all of them were looked at: with a wrong key of ours nothing has been seen.
    """
    refusals = []
    for kind, named in objects:
        for look in LOOKS.get(kind, ()):
            try:
                with unless_gone():
                    look(named)
            except Definite as refused:
                refusals.append(refused)
    if refusals:
        raise refusals[0]


@contextmanager
def unless_gone() -> Iterator[None]:
    """Pass over a refusal that says that something is not there, or not ours, any more."""
    try:
        yield
    except Definite as refused:
        if refused.code not in MISSING:
            raise


def _look_there(look: LookThere, account: str, provider_id: str) -> None:
    look(provider_id, account)


def _reason_to_pass(name: str, event: Mapping[str, Any]) -> str | None:
    # An endpoint of a live platform hears test events of its accounts, too; they are nobody's money.
    if event.get("livemode", settings().moves_real_money) != settings().moves_real_money:
        return OTHER_MODE
    if name.endswith(".deleted"):
        return GONE
    kind, named = about(event)
    is_ours = looks_at(event) and (named or kind in WITHOUT_ID)
    return None if is_ours else NOT_ASKED_FOR


def _look(event: Mapping[str, Any], attempts: int) -> str | None:
    """Have them look; GONE when the provider says more than once that it is not there, which no further try changes."""
    _kind, named = about(event)
    for look in looks_at(event):
        try:
            look(named)
        except Definite as refused:
            if refused.code not in MISSING or attempts < SURE_AFTER:
                raise
            return GONE
    return None
