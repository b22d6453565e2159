"""The provider's events, looked into: each object that one is about is fetched and noted by all who look at it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from campaigns.core import outbox
from campaigns.core.inbox import Received
from campaigns.core.settings import settings
from campaigns.payments.provider_errors import MISSING, Definite, unless_gone
from workers.provider.event_origins import EventOrigin
from workers.provider_events import PROVIDER_EVENTS, Look
from workers.transactions import unit_of_work

# Why nobody looked into an event.
OTHER_MODE, NOT_ASKED_FOR, GONE = "other_mode", "not_asked_for", "gone"
THIN = "v2.core.event"
SURE_AFTER = 3  # tries, which are seconds apart
WITHOUT_ID = frozenset({"balance"})


def look_into(claimed: outbox.Claimed) -> None:
    """Handler of `stripe_event`: have all who look at the object that the event is about do so; why nobody did is noted.

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


def looks_at(event: Mapping[str, Any]) -> Sequence[Callable[[], None]]:
    """The looks at what the event is about; an account of Accounts v2 is one of those that are connected, whoever's event it is."""
    kind, named = about(event)
    if EventOrigin.of(event) is EventOrigin.PLATFORM and not (event.get("object") == THIN and kind == "account"):
        return [partial(look, named, "") for look in _looks(EventOrigin.PLATFORM, kind)]
    account = str(event.get("account") or event.get("context") or named)
    return [partial(look, named, account) for look in _looks(EventOrigin.CONNECT, kind)]


def _looks(origin: EventOrigin, kind: str) -> Sequence[Look]:
    events = PROVIDER_EVENTS[origin].get(kind)
    return events.looks if events else ()


def look_at_each(objects: Iterable[tuple[str, str]]) -> None:
    """Have all who look at them look at each object of the platform's, by kind and id, but those that are not there any more.

    Any other refusal is raised once all of them were looked at: with a wrong key of ours nothing has been seen.
    """
    refusals = []
    for kind, named in objects:
        for look in _looks(EventOrigin.PLATFORM, kind):
            try:
                with unless_gone():
                    look(named, "")
            except Definite as refused:
                refusals.append(refused)
    if refusals:
        raise refusals[0]


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
    for look in looks_at(event):
        try:
            look()
        except Definite as refused:
            if refused.code not in MISSING or attempts < SURE_AFTER:
                raise
            return GONE
    return None
