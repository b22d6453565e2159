"""Whether SendGrid is as this installation needs it before it is opened: each thing that is not, as a sentence that says what to do."""

from collections.abc import Iterator
from datetime import timedelta
from time import sleep

from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.ids import new_id
from campaigns.core.inbox import Received
from campaigns.core.installing import Finding
from campaigns.core.settings import settings
from campaigns.core.words import _
from notifications.event_webhook import EventWebhook, address, missing_groups, there
from notifications.sender import EmailKind, EmailRefused, FateUnknown, NotTaken, Outgoing
from notifications.sendgrid_sender import SendgridSender
from workers.transactions import unit_of_work

PUT_RIGHT = "`callboard providers set-up --apply`"
BETWEEN_LOOKS = 0.5
# What the sender, the lists and the webhook take, by SendGrid's names:
# https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
SCOPES = (
    "asm.groups.create", "asm.groups.read", "asm.groups.suppressions.read", "mail.batch.create", "mail.send", "suppression.read",
    "user.scheduled_sends.create", "user.scheduled_sends.delete", "user.scheduled_sends.read", "user.webhooks.event.settings.read",
    "whitelabel.read",
)  # fmt: skip
OF_ACTIVITY = "messages.read"


def findings(sendgrid: SendgridSender) -> Iterator[Finding]:
    """All that is wrong at SendGrid or in the settings about it; raises NotTaken or EmailRefused where SendGrid cannot be asked."""
    yield from _of_key(sendgrid)
    found = [each for each in there(sendgrid) if each.url == address()]
    if not found:
        sentence = _("SendGrid has no event webhook at {url}: create it with {command}.", url=address(), command=PUT_RIGHT)
        yield Finding("webhook_missing", sentence)
    for each in found:
        yield from _of_webhook(sendgrid, each)
    for name, _description in missing_groups(sendgrid):
        sentence = _("SendGrid has no unsubscribe group “{name}”: create it with {command}.", name=name, command=PUT_RIGHT)
        yield Finding("group_missing", sentence)
    if not _may_write(sendgrid):
        yield Finding(
            "sender_unverified",
            _(
                "SendGrid has not verified the domain or address of {address} and sends nothing from it: authenticate the domain under "
                "Settings → Sender Authentication.",
                address=settings().mail_from,
            ),
        )


def _of_key(sendgrid: SendgridSender) -> Iterator[Finding]:
    """What the key may not do, of what Callboard does with it every day; an endpoint is made by whoever sets it up."""
    needed = [*SCOPES, OF_ACTIVITY] if settings().sendgrid_activity else SCOPES
    given = set(sendgrid.ask(lambda client: client.scopes.get())["scopes"])
    if lacking := [name for name in needed if name not in given]:
        sentence = _("SENDGRID_API_KEY lacks {names}. Add these permissions to the key at SendGrid.", names=", ".join(lacking))
        yield Finding("sendgrid_permissions", sentence)


def _of_webhook(sendgrid: SendgridSender, found: EventWebhook) -> Iterator[Finding]:
    url = found.url
    if not found.is_enabled:
        sentence = _("The event webhook at {url} is not enabled: enable it with {command}.", url=url, command=PUT_RIGHT)
        yield Finding("webhook_disabled", sentence)
    if not found.public_key:
        sentence = _(
            "The event webhook at {url} does not sign its posts, so Callboard refuses them: fix it with {command}.",
            url=url,
            command=PUT_RIGHT,
        )
        yield Finding("webhook_unsigned", sentence)
    elif sendgrid.webhook_key != found.public_key:
        sentence = _("Callboard has another key for {url}: set SENDGRID_WEBHOOK_PUBLIC_KEY to {key}.", url=url, key=found.public_key)
        yield Finding("webhook_key", sentence)
    if found.misses:
        sentence = _(
            "The event webhook at {url} does not receive {events}: fix it with {command}.",
            url=url,
            events=", ".join(found.misses),
            command=PUT_RIGHT,
        )
        yield Finding("webhook_events", sentence)


def _may_write(sendgrid: SendgridSender) -> bool:
    """Whether the domain that we write from is authenticated, or else the address itself verified."""
    domain = settings().mail_from.rpartition("@")[2].lower()
    domains = sendgrid.ask(lambda client: client.whitelabel.domains.get(query_params={"limit": 500}))
    if any(each["valid"] and (domain == each["domain"] or domain.endswith(f".{each['domain']}")) for each in domains):
        return True
    senders = sendgrid.ask(lambda client: client.verified_senders.get())["results"]
    return any(each["verified"] and each["from_email"].lower() == settings().mail_from.lower() for each in senders)


def email_to(sendgrid: SendgridSender, recipient: str, *, within: timedelta) -> Iterator[Finding]:
    """Write an email to `recipient`, and find whether SendGrid's word that it arrived comes to us in time."""
    email_id, text = new_id(), _("Callboard can send you email.")
    email = Outgoing(email_id, EmailKind.SIGN_IN, recipient, _("Test email from Callboard"), text, f"<p>{text}</p>")
    try:
        sendgrid.send(email)
    except (NotTaken, EmailRefused, FateUnknown) as failure:
        yield Finding("email_refused", _("SendGrid does not send an email to {address}: {reason}", address=recipient, reason=failure))
        return
    until = clock.awake_seconds() + within.total_seconds()
    while (word := _heard_of(str(email_id))) is None and clock.awake_seconds() < until:
        sleep(BETWEEN_LOOKS)
    if word is None:
        sentence = _(
            "SendGrid accepted an email to {address} but reported nothing to {url}: is Callboard up, and can SendGrid reach it?",
            address=recipient, url=address(),
        )  # fmt: skip
        yield Finding("email_unheard", sentence)
    elif word != "delivered":
        yield Finding("email_undelivered", _("The email to {address} did not arrive: {reason}.", address=recipient, reason=word))


def _heard_of(email_id: str) -> str | None:
    """The last word on an email, of those that end its way."""
    ends = Received.name.in_(("delivered", "bounce", "dropped"))
    with unit_of_work() as session:
        of_email = select(Received.name).where(Received.provider == "sendgrid", Received.body["mid"].astext == email_id, ends)
        return session.scalar(of_email.where(Received.received_at > clock.process_now() - timedelta(hours=1)).limit(1))
