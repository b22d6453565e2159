"""The id of a request: in its answer, and in every line that it logs."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaigns.core.ids import new_id
from campaigns.core.logs import logging_for

REQUEST_ID = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NamedRequests:
    """Gives each request the id that its caller sent, or one of ours, before anything else sees it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = request_id(Headers(scope=scope).get(REQUEST_ID, ""))

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = name
            await send(message)

        with logging_for(name):
            await self.app(scope, receive, send_named)


def request_id(sent: str) -> str:
    """The caller's own id if it is short and plain, otherwise a new one."""
    return sent if SANE.fullmatch(sent) else str(new_id())
