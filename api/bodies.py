"""How large a request may be, and how long it may take to come: by who sends it and where to, before anything looks into it.

The bytes of an upload have a cap of their own.
"""

import anyio
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import credentials, json_shape
from api.same_origin import FROM_OUTSIDE
from api.writing import SIGNED, is_form

KB = 1024
OF_A_STRANGER = 8 * KB
# As much of a form as is kept for somebody whose session ended while they wrote.
OF_A_FORM = 64 * KB
OF_A_PROVIDER = 1024 * KB
LARGEST = 8 * 1024 * KB
SLOWEST_SECONDS = 30
UPLOADS = "/api/v1/uploads/"
AT_THE_DOOR = ("/sign-in", "/api/v1/sign-in", *FROM_OUTSIDE)


class BoundedBodies:
    """Has a body come whole before anything is done with it; one too large or too intricate is refused with 413, one too slow with 408.

    Whoever sends a byte a minute holds neither a thread nor a connection to the database meanwhile.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_bounded = scope["type"] == "http" and not scope["path"].startswith(UPLOADS)
        await self.app(scope, await _come_whole(Request(scope), receive) if is_bounded else receive, send)


async def _come_whole(request: Request, receive: Receive) -> Receive:
    """What `receive` would say piece by piece, once all of it is there; a fault is raised only to whoever asks for the body."""
    last: Message | None = None
    fault: HTTPException | None = HTTPException(408)
    with anyio.move_on_after(SLOWEST_SECONDS):
        last, fault = await _gather(request, receive)
    whole = iter([last])

    async def receive_again() -> Message:
        if fault:
            raise fault
        return next(whole, None) or await receive()

    return receive_again


async def _gather(request: Request, receive: Receive) -> tuple[Message | None, HTTPException | None]:
    """The whole body as one message, or why it is refused."""
    body, most, is_over = bytearray(), most_of_a_stranger(request), False
    while not is_over:
        message = await receive()
        if message["type"] == "http.disconnect":
            return message, None
        body += message.get("body", b"")
        if len(body) > most:
            most = LARGEST if most < LARGEST and await _may_send_more(request) else 0
        if len(body) > most:
            return None, HTTPException(413)
        is_over = not message.get("more_body", False)
    whole = bytes(body)
    return {"type": "http.request", "body": whole, "more_body": False}, _intricate(request, whole)


def most_of_a_stranger(request: Request) -> int:
    """How many bytes are read there of somebody whom we do not know."""
    path = request.url.path
    if path.startswith(SIGNED):
        return OF_A_PROVIDER
    is_page = is_form(request) and not path.startswith(("/api/", *AT_THE_DOOR))
    return OF_A_FORM if is_page else OF_A_STRANGER


async def _may_send_more(request: Request) -> bool:
    """Whether it goes somewhere where more is expected, and somebody sends it whom we know."""
    return not request.url.path.startswith(AT_THE_DOOR) and await credentials.is_sender_known(request)


def _intricate(request: Request, body: bytes) -> HTTPException | None:
    is_read_elsewhere = request.url.path.startswith(SIGNED) or is_form(request)
    if is_read_elsewhere or json_shape.is_plain(body):
        return None
    return HTTPException(413 if json_shape.is_text(body) else 400)
