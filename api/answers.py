"""What an answer of the API says beside its body: where a new thing is, and whether the caller has this answer already."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import UPLOADS
from api.door_log import API

# Where the answer to each route that creates something leads: to the thing, or to the list or the page of facts that it is in.
LOCATIONS: Mapping[str, str] = {
    "/sign-in/token": "/tokens",
    "/tokens": "/tokens",
    "/roles": "/roles",
    "/campaigns/{campaign_id}/roles": "/campaigns/{campaign_id}/roles",
    "/campaigns/{campaign_id}/reminders": "/campaigns/{campaign_id}/reminders",
    "/brands": "/brands/{id}",
    "/brands/{brand_id}/roles": "/brands/{brand_id}/roles",
    "/brands/{brand_id}/administrators": "/brands/{brand_id}/administrators",
    "/campaigns": "/campaigns/{id}",
    "/campaigns/{campaign_id}/deliverables": "/campaigns/{campaign_id}/brief",
    "/campaigns/{campaign_id}/signatures": "/campaigns/{campaign_id}/signatures",
    "/campaigns/{campaign_id}/funding/invoices": "/campaigns/{campaign_id}/funding",
    "/campaigns/{campaign_id}/funding/receipts": "/campaigns/{campaign_id}/funding",
    "/campaigns/{campaign_id}/funding/advances": "/campaigns/{campaign_id}/funding",
    "/campaigns/{campaign_id}/call/extensions": "/campaigns/{campaign_id}/call",
    "/campaigns/{campaign_id}/call/questions": "/campaigns/{campaign_id}/call/questions",
    "/campaigns/{campaign_id}/contributions": "/me/contributions/{id}",
    "/contributions/{contribution_id}/screening": "/contributions/{contribution_id}",
    "/campaigns/{campaign_id}/remixes": "/me/contributions/{id}",
    "/contributions/{contribution_id}/sources": "/contributions/{contribution_id}/sources",
    "/deliverables/{deliverable_id}/assignments": "/deliverables/{deliverable_id}/reviews",
    "/reviews/{assignment_id}/conflict": "/reviews/{assignment_id}",
    "/deliverables/{deliverable_id}/selection": "/deliverables/{deliverable_id}/selection",
    "/deliverables/{deliverable_id}/versions": "/versions/{id}",
    "/versions/{version_id}/annotations": "/versions/{version_id}",
    "/proposals/{proposal_id}/comments": "/proposals/{proposal_id}/comments",
    "/me/payout-account": "/me/payout-account",
    "/payouts/runs": "/payouts/runs/{id}",
    "/payouts/limits": "/payouts/limits",
    "/payouts/holds": "/payouts/holds",
    "/payouts/top-ups": "/payouts/top-ups",
}
OF_A_BODY = ("content-length", "content-type")


class HeadAnswers:
    """Answers HEAD wherever GET is answered: as GET, without the body, of which no more is made than its beginning."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # At the bytes of an upload tus has a HEAD of its own.
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(UPLOADS):
            await self.app(scope, receive, send)
            return
        with anyio.CancelScope() as enough:

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    return
                await send({"type": "http.response.body", "body": b""})
                enough.cancel()

            await self.app({**scope, "method": "GET"}, receive, send_head)


class DescribedAnswers:
    """Adds `Location` to what was created over the API, and `ETag` to what was read; what the caller has already is answered with 304."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        started: list[Message] = []

        async def send_whole(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_described(scope, message):
                started.append(message)
                return
            for start in started:
                await _send_start(scope, start, message, send)
            is_unchanged = bool(started) and started.pop()["status"] == 304
            await send({**message, "body": b""} if is_unchanged else message)

        await self.app(scope, receive, send_whole)


def _is_described(scope: Scope, start: Message) -> bool:
    is_json = Headers(raw=start["headers"]).get("content-type") == "application/json"
    return is_json and (start["status"] == 201 or (scope["method"], start["status"]) == ("GET", 200))


async def _send_start(scope: Scope, start: Message, body: Message, send: Send) -> None:
    headers = MutableHeaders(scope=start)
    if start["status"] == 201:
        headers["Location"] = location(scope["route"].path, scope["path_params"], json.loads(body["body"]))
    elif not body.get("more_body", False):
        headers["ETag"] = tag(headers.get("ETag"), body["body"])
        if is_known(Headers(scope=scope).get("if-none-match", ""), headers["ETag"]):
            start["status"] = 304
            for name in OF_A_BODY:
                del headers[name]
    await send(start)


def location(route: str, asked: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """The address of what a route has created."""
    return API + LOCATIONS[route].format_map({**made, **asked})


def tag(version: str | None, body: bytes) -> str:
    """The answer's ETag: a strong one as it is; otherwise weak, of the version that the route names and of the whole body."""
    if version and not version.startswith("W/"):
        return version
    named = (version or "").removeprefix("W/").strip('"')
    whole = sha256(body).hexdigest()[:16]
    return f'W/"{named}.{whole}"' if named else f'W/"{whole}"'


def is_known(sent: str, tag: str) -> bool:
    """Whether If-None-Match names this tag; weak and strong count alike (RFC 9110, 13.1.2)."""
    known = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
