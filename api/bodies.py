"""How large a request may be, and how long it may take to come: all but the bytes of an upload, which has a cap of its own."""

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 8 * 1024 * 1024
SLOWEST_SECONDS = 30
UPLOADS = "/api/v1/uploads/"


class BoundedBodies:
    """Has a body come whole before anything is done with it; one larger than LARGEST is refused with 413, one too slow with 408.

    Whoever sends a byte a minute holds neither a thread nor a connection to the database meanwhile.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_bounded = scope["type"] == "http" and not scope["path"].startswith(UPLOADS)
        await self.app(scope, await _come_whole(receive) if is_bounded else receive, send)


async def _come_whole(receive: Receive) -> Receive:
    """What `receive` would say piece by piece, once all of it is there; a fault is raised only to whoever asks for the body."""
    came: list[Message] = []
    fault: HTTPException | None = HTTPException(408)
    with anyio.move_on_after(SLOWEST_SECONDS):
        fault = await _gather(receive, came)
    pieces = iter(came)

    async def receive_again() -> Message:
        if fault:
            raise fault
        message = next(pieces, None)
        return message if message is not None else await receive()

    return receive_again


async def _gather(receive: Receive, came: list[Message]) -> HTTPException | None:
    size, is_over = 0, False
    while not is_over:
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST:
            return HTTPException(413)
        came.append(message)
        is_over = not message.get("more_body", False)
    return None
