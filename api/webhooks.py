"""Where providers tell us what happened: verified on the raw bytes, kept once, looked into by the relay."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from campaigns.core import clock, inbox
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.words import _
from campaigns.payments import webhooks as payments_webhooks
from notifications import webhooks as emails_webhooks
from workers.provider.event_origins import EventOrigin
from workers.transactions import unit_of_work

router = APIRouter()
Reading: TypeAlias = Callable[[bytes, Mapping[str, str]], list[inbox.VerifiedEvent] | None]


NO_EVENT = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class UnsignedWebhook(Forbidden):
    """The provider's signature is missing, wrong or too old."""

    status = 400


class UnreadableWebhook(Invalid):
    """The request is signed but is not an event."""


class OtherSide(Invalid):
    """Stripe signed it, but its endpoint receives events of the other side than this address expects."""

    status = 400


@router.post(EventOrigin.PLATFORM.path)
async def from_stripe(request: Request) -> Response:
    """Receive a Stripe event about the platform itself."""
    read = partial(_told_by_stripe, EventOrigin.PLATFORM)
    return await run_in_threadpool(_keep, "stripe", read, await request.body(), dict(request.headers))


@router.post(EventOrigin.CONNECT.path)
async def from_connected_accounts(request: Request) -> Response:
    """Receive a Stripe event about a connected account."""
    read = partial(_told_by_stripe, EventOrigin.CONNECT)
    return await run_in_threadpool(_keep, "stripe", read, await request.body(), dict(request.headers))


@router.post("/webhooks/sendgrid")
async def from_sendgrid(request: Request) -> Response:
    """Receive a batch of SendGrid events."""
    return await run_in_threadpool(_keep, "sendgrid", _told_by_sendgrid, await request.body(), dict(request.headers))


def _told_by_stripe(side: EventOrigin, body: bytes, headers: Mapping[str, str]) -> list[inbox.VerifiedEvent] | None:
    event = payments_webhooks.verified(body, headers.get("stripe-signature", ""), at=clock.process_now())
    if event and EventOrigin.of(event.body) is not side:
        raise OtherSide(_("This endpoint belongs to Stripe's other side: `callboard providers set-up` says which one belongs here."))
    return [event] if event else None


def _told_by_sendgrid(body: bytes, headers: Mapping[str, str]) -> list[inbox.VerifiedEvent] | None:
    return emails_webhooks.verified(body, headers, at=clock.process_now())


def _keep(provider: str, read: Reading, body: bytes, headers: Mapping[str, str]) -> Response:
    """Keep what the provider tells; raises UnsignedWebhook, and UnreadableWebhook where it signed something else than events."""
    try:
        told = read(body, headers)
    except NO_EVENT:
        raise UnreadableWebhook(_("The request is signed, but is not an event that we can read.")) from None
    if told is None:
        raise UnsignedWebhook(_("The signature is missing, wrong or too old."))
    _receive(provider, told)
    return Response(status_code=204)


def _receive(provider: str, told: list[inbox.VerifiedEvent]) -> None:
    with unit_of_work() as session:
        for event in told:
            inbox.receive(session, provider, event.id, event.name, event.body)
