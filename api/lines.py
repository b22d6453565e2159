"""How long a line to the web process may stay open without a request, and how much may be said on it before one is there."""

import asyncio
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from api.headers import safe_headers
from api.heads import is_endless

SECONDS_TO_ASK = 20


class PromptLine(H11Protocol):
    """HTTP/1.1 in which the head of each request must have come within SECONDS_TO_ASK of its first byte, or of dialling.

    Without it as many silent connections as the process may have files open stop it (measured in decision 23).
    """

    hanging_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        super().connection_made(transport)
        self._expect_a_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_a_request()

    def handle_events(self) -> None:
        """As its parent, once the head that comes is known to be no endless one."""
        if self.conn.their_state is h11.IDLE and is_endless(self.conn.trailing_data[0]):
            self.send_400_response("The head of this request is too large.")
            return
        super().handle_events()

    def send_400_response(self, msg: str) -> None:
        """What is no request is told so with the headers of every answer, and is hung up on."""
        head = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"} | safe_headers()
        answer = h11.Response(status_code=400, headers=list(head.items()), reason="Bad Request")
        for event in (answer, h11.Data(data=msg.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_a_request(self) -> None:
        asked = cast("RequestResponseCycle | None", self.cycle)
        if asked and not asked.response_complete:
            self._expect_nothing()
        elif self.hanging_up is None:
            self.hanging_up = self.loop.call_later(SECONDS_TO_ASK, self.transport.close)

    def _expect_nothing(self) -> None:
        if self.hanging_up is not None:
            self.hanging_up.cancel()
        self.hanging_up = None

    def on_response_complete(self) -> None:
        self._expect_nothing()
        super().on_response_complete()
