"""The two webhook endpoints that Stripe has to have for us: planned, made, and put right; never one that posts elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.core.installing import InstallationStep
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.stripe_gateway import API_VERSION, StripeGateway
from workers.provider.event_origins import EventOrigin
from workers.provider_events import HEARD

MARK = "callboard"
SETTING = "STRIPE_WEBHOOK_SECRET"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An endpoint as Stripe has it; `marked` is the side for which we made it, Stripe itself does not show which it hears."""

    id: str
    url: str
    events: frozenset[str]
    is_enabled: bool
    version: str | None
    marked: str | None

    @property
    def hears_all(self) -> bool:
        """Whether it asks for whatever happens."""
        return "*" in self.events

    def is_of_another(self, side: EventOrigin) -> bool:
        """Whether it hears the other side, as far as it says so, or in another version than we read: neither can be changed."""
        return self.marked not in (None, side.value) or self.version not in (None, API_VERSION)

    def misses(self, side: EventOrigin) -> list[str]:
        """What it would have to hear for this side and does not."""
        return [] if self.hears_all else sorted(set(HEARD[side]) - self.events)


def address(side: EventOrigin) -> str:
    """Where Stripe posts events of this side to; its simulator, on this machine, straight to our port."""
    home = settings().loopback if settings().stripe_is_played else settings().public_url
    return home + side.path


def there(stripe: StripeGateway) -> Sequence[WebhookEndpoint]:
    """Every endpoint that Stripe has."""
    return [_read(each) for each in stripe.ask(lambda client: list(client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter()))]


def set_up(stripe: StripeGateway, *, lost: EventOrigin | None = None, apply: bool) -> Iterator[InstallationStep]:
    """What is missing or wrong at Stripe, step by step; with `apply` each is done before it is told of. A second time there is none.

    Of the side whose secret is `lost` the endpoint is replaced: Stripe shows a secret to no program a second time.
    """
    everything = there(stripe)
    for side in EventOrigin:
        found = [each for each in everything if each.url == address(side)]
        if not found:
            yield _make(stripe, side, apply=apply)
        elif len(found) == 1:
            yield from _put_right(stripe, side, found[0], is_lost=side is lost, apply=apply)
        else:
            yield InstallationStep(
                _("{count} endpoints post to {url}: delete all but one.", count=len(found), url=address(side)), is_persons=True
            )


def _make(stripe: StripeGateway, side: EventOrigin, *, apply: bool) -> InstallationStep:
    url = address(side)
    if side is EventOrigin.CONNECT:
        sentence = _("Create an endpoint for events of connected accounts at {url}.", url=url)
    else:
        sentence = _("Create an endpoint for the platform's own events at {url}.", url=url)
    return InstallationStep(sentence, {SETTING: _made(stripe, side)} if apply else {})


def _made(stripe: StripeGateway, side: EventOrigin) -> str:
    """The secret of a new endpoint."""
    asked: Any = {
        "url": address(side), "enabled_events": list(HEARD[side]), "connect": side is EventOrigin.CONNECT, "api_version": API_VERSION,
        "description": "Callboard", "metadata": {MARK: side.value},
    }  # fmt: skip
    return str(stripe.ask(lambda client: client.v1.webhook_endpoints.create(asked)).secret)


def _put_right(
    stripe: StripeGateway, side: EventOrigin, found: WebhookEndpoint, *, is_lost: bool, apply: bool
) -> Iterator[InstallationStep]:
    if is_lost or found.is_of_another(side):
        return (yield _replace(stripe, side, found, apply=apply))
    change, steps = dict[str, Any](), list[InstallationStep]()
    if found.misses(side):
        change["enabled_events"] = list(HEARD[side])
        steps.append(InstallationStep(_("Subscribe {url} to {events}.", url=found.url, events=", ".join(found.misses(side)))))
    if not found.is_enabled:
        change["disabled"] = False
        steps.append(InstallationStep(_("Enable the endpoint at {url}.", url=found.url)))
    if change and apply:
        asked: Any = change
        stripe.ask(lambda client: client.v1.webhook_endpoints.update(found.id, asked))
    yield from steps


def _replace(stripe: StripeGateway, side: EventOrigin, found: WebhookEndpoint, *, apply: bool) -> InstallationStep:
    """Another endpoint in the place of one whose version or side is wrong, or whose secret is lost: none of them can be changed.

    The new one first, so that at no time nobody hears; what comes to both is kept once. Until its secret is set its posts are refused and
    come again, and what the old one had still to post is fetched.
    """
    if not apply:
        return InstallationStep(_why_replaced(side, found))
    secret = _made(stripe, side)
    stripe.ask(lambda client: client.v1.webhook_endpoints.delete(found.id))
    return InstallationStep(_why_replaced(side, found), {SETTING: secret})


def _why_replaced(side: EventOrigin, found: WebhookEndpoint) -> str:
    if found.version not in (None, API_VERSION):
        return _(
            "Replace the endpoint at {url}, which uses version {theirs} of Stripe's API; Callboard uses {ours}.",
            url=found.url, theirs=found.version, ours=API_VERSION,
        )  # fmt: skip
    if found.is_of_another(side):
        return _("Replace the endpoint at {url}, which was created for the other type of events.", url=found.url)
    return _("Replace the endpoint at {url}, whose secret is lost.", url=found.url)


def _read(said: Any) -> WebhookEndpoint:
    marks = said.metadata.to_dict() if said.metadata else {}
    return WebhookEndpoint(said.id, said.url, frozenset(said.enabled_events), said.status == "enabled", said.api_version, marks.get(MARK))
