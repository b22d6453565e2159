"""A web server that listens for webhooks, and answers as a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import stripe

from tests.installation import wait_for


@dataclass
class Listener:
    """What arrived, as (body, signature), at which paths, with which headers in lower case, and which status each is answered with."""

    url: str = ""
    status: int = 200
    arrived: list[tuple[bytes, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def verified(self, secret: str) -> list[stripe.Event]:
        """The events that arrived, each checked by Stripe's own client."""
        return [stripe.Webhook.construct_event(body, mark, secret) for body, mark in self.arrived]

    def wait_for(self, count: int) -> None:
        wait_for(lambda: len(self.arrived) >= count, within=60)


@contextmanager
def listening(port: int = 0) -> Iterator[Listener]:
    listener = Listener()

    class Receiving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.paths.append(self.path)
            listener.headers.append({name.lower(): value for name, value in self.headers.items()})
            listener.arrived.append((body, self.headers.get("Stripe-Signature", "")))
            self.send_response(listener.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests need no log."""

    with ThreadingHTTPServer(("127.0.0.1", port), Receiving) as server:
        listener.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
        Thread(target=server.serve_forever, daemon=True).start()
        yield listener
        server.shutdown()
