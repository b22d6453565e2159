"""SendGrid's event webhook and unsubscribe groups as we need them: planned, made, and put right; never a webhook that posts elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.core.installing import InstallationStep
from campaigns.core.settings import settings
from campaigns.core.words import _
from notifications.sendgrid_sender import GROUPS, SendgridSender

PATH = "/webhooks/sendgrid"
SETTING = "SENDGRID_WEBHOOK_PUBLIC_KEY"
# The events that one of us learns from, as SendGrid's settings name them; opens and clicks are nobody's business.
HEARD = ("processed", "deferred", "delivered", "bounce", "dropped", "spam_report", "unsubscribe", "group_unsubscribe", "group_resubscribe")


@dataclass(frozen=True, slots=True)
class EventWebhook:
    """A webhook as SendGrid has it; without a public key it does not sign."""

    id: str
    url: str
    is_enabled: bool
    public_key: str
    hears: frozenset[str]

    @property
    def misses(self) -> list[str]:
        """What it would have to hear and does not."""
        return [name for name in HEARD if name not in self.hears]


def address() -> str:
    """Where SendGrid posts events to; its simulator, on this machine, straight to our port."""
    return (settings().loopback if settings().sendgrid_is_played else settings().public_url) + PATH


def there(sendgrid: SendgridSender) -> Sequence[EventWebhook]:
    """Every event webhook that SendGrid has."""
    return [_read(each) for each in sendgrid.ask(lambda client: client.user.webhooks.event.settings.all.get())["webhooks"]]


def missing_groups(sendgrid: SendgridSender) -> Sequence[tuple[str, str]]:
    """The unsubscribe groups that our emails belong to and that SendGrid does not have, each with its description."""
    names = {each["name"] for each in sendgrid.ask(lambda client: client.asm.groups.get())}
    return [(name, description) for name, description in GROUPS.values() if name not in names]


def set_up(sendgrid: SendgridSender, *, apply: bool) -> Iterator[InstallationStep]:
    """What is missing or wrong at SendGrid, step by step; with `apply` each is done before it is told of. A second time there is none."""
    found = next((each for each in there(sendgrid) if each.url == address()), None)
    yield from _put_right(sendgrid, found, apply=apply) if found else _make(sendgrid, apply=apply)
    for name, description in missing_groups(sendgrid):
        if apply:
            _make_group(sendgrid, {"name": name, "description": description})
        yield InstallationStep(_("Create the unsubscribe group “{name}”.", name=name))


def _make(sendgrid: SendgridSender, *, apply: bool) -> Iterator[InstallationStep]:
    sentence = _("Create a signed event webhook at {url}.", url=address())
    if not apply:
        return (yield InstallationStep(sentence))
    # It is made silent: until it signs, whatever it posts is refused.
    made = sendgrid.ask(lambda client: client.user.webhooks.event.settings.post(request_body=_wanted(enabled=False)))
    key = _sign(sendgrid, made["id"])
    _change(sendgrid, made["id"])
    yield InstallationStep(sentence, {SETTING: key})


def _put_right(sendgrid: SendgridSender, found: EventWebhook, *, apply: bool) -> Iterator[InstallationStep]:
    if not found.public_key:
        key = {SETTING: _sign(sendgrid, found.id)} if apply else {}
        yield InstallationStep(_("Turn on signatures for the event webhook at {url}.", url=found.url), key)
    if not found.misses and found.is_enabled:
        return
    if apply:
        _change(sendgrid, found.id)
    if found.misses:
        yield InstallationStep(_("Send {events} to {url}.", url=found.url, events=", ".join(found.misses)))
    if not found.is_enabled:
        yield InstallationStep(_("Enable the event webhook at {url}.", url=found.url))


def _make_group(sendgrid: SendgridSender, body: Mapping[str, str]) -> None:
    sendgrid.ask(lambda client: client.asm.groups.post(request_body=body))


def _sign(sendgrid: SendgridSender, webhook_id: str) -> str:
    signed = sendgrid.ask(lambda client: client.user.webhooks.event.settings.signed._(webhook_id).patch(request_body={"enabled": True}))
    return str(signed["public_key"])


def _change(sendgrid: SendgridSender, webhook_id: str) -> None:
    sendgrid.ask(lambda client: client.user.webhooks.event.settings._(webhook_id).patch(request_body=_wanted(enabled=True)))


def _wanted(*, enabled: bool) -> Mapping[str, Any]:
    return {"enabled": enabled, "url": address(), "friendly_name": "Callboard", **dict.fromkeys(HEARD, True), "open": False, "click": False}


def _read(said: Mapping[str, Any]) -> EventWebhook:
    heard = frozenset(name for name in HEARD if said.get(name))
    return EventWebhook(str(said["id"]), said["url"], bool(said["enabled"]), said.get("public_key") or "", heard)
