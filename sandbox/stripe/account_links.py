"""Account links: the single-use, short-lived way into Stripe's hosted onboarding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from sandbox.stripe import verification
from sandbox.stripe.endpoints import Call, endpoint
from sandbox.stripe.errors import Body
from sandbox.stripe.parameters import TEXT, one_of, shape
from sandbox.stripe.store import keep, named, new_id, save, token
from sandbox.stripe.tables import objects

LIVES_FOR = 300
# What was handed in, where somebody does so; whoever does none of these leaves for now.
HANDED_IN: Mapping[str, Mapping[str, Any]] = {
    "complete": {},
    "another": {"another": True},
    "refusing": {"another": True, "last4": "1116"},
    "check": {"takes": 3600},
}
# What Stripe does by itself at other times.
BY_STRIPE: Mapping[str, Callable[[Call, str], object]] = {
    "more": verification.ask_for_more,
    "announce": verification.announce,
    "review": partial(verification.switch_off, reason="under_review"),
    "pause": partial(verification.switch_off, reason="platform_paused"),
    "reject": partial(verification.reject, reason="other"),
}

LINK = {
    "account": TEXT.must(),
    "type": one_of("account_onboarding").must(),
    "refresh_url": TEXT.must(),
    "return_url": TEXT.must(),
    "collection_options": shape(
        fields=one_of("currently_due", "eventually_due"),
        future_requirements=one_of("include", "omit"),
    ),
}


@endpoint("POST", "/v1/account_links", LINK)
def create_account_link(call: Call) -> Body:
    account = named(call, "account", "account")
    link = {
        "object": "account_link",
        "created": call.now,
        "expires_at": call.now + LIVES_FOR,
        "url": f"{call.base_url}/sandbox/onboarding/{(secret := token())}",
    }
    addresses = {name: call.given[name] for name in ("refresh_url", "return_url")}
    asks_ahead = call.get("collection_options", {}).get("future_requirements") == "include"
    # An account link has no id of its own for the world to see.
    keep(call, {**link, "id": new_id("link")}, token=secret, on=account["id"], used=False, asks_ahead=asks_ahead, **addresses)
    return link


@dataclass(frozen=True)
class Onboarding:
    """A link that someone follows: whose it is, where it leads back to, whether it still works, and asks for what is only announced."""

    link: Body
    account: str
    return_url: str
    refresh_url: str
    works: bool
    asks_ahead: bool


def onboarding(call: Call, secret: str) -> Onboarding | None:
    """What the link of this token opens, its row locked; None for a token that never was."""
    query = select(objects.c.body, objects.c.hidden).where(objects.c.kind == "account_link", objects.c.hidden["token"].astext == secret)
    found = call.connection.execute(query.with_for_update()).one_or_none()
    if found is None:
        return None
    works = not found.hidden["used"] and call.now < found.body["expires_at"]
    hidden = found.hidden
    return Onboarding(found.body, hidden["on"], hidden["return_url"], hidden["refresh_url"], works, hidden.get("asks_ahead", False))


def finish(call: Call, visit: Onboarding, outcome: str) -> str:
    """Use the link up; returns where Stripe sends the person. Coming back does not mean that everything was handed in."""
    save(call, visit.link, used=True)
    if outcome in HANDED_IN:
        verification.hand_in(call, visit.account, ahead=visit.asks_ahead, **HANDED_IN[outcome])
    elif outcome in BY_STRIPE:
        BY_STRIPE[outcome](call, visit.account)
    return visit.return_url
