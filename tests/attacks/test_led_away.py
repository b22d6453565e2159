"""A provider's name that somebody took over, or its proxy, may answer with another address: nothing of ours goes there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from campaigns.core.ids import new_id
from campaigns.core.settings import Settings
from campaigns.payments.money_out import TransferOrder
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.stripe_gateway import StripeGateway
from notifications.sender import EmailKind, NotTaken, Outgoing
from notifications.sendgrid_sender import SendgridSender


@contextmanager
def listening(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[int]:
    """A port at which every request gets this answer."""
    methods = {f"do_{method}": answer for method in ("GET", "POST")}
    handler = type("Handler", (BaseHTTPRequestHandler,), methods | {"log_message": lambda *_said: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_whoever_stands_where_a_provider_stood_leads_no_key_and_no_email_elsewhere(status: int) -> None:
    came: list[str] = []

    def note(request: BaseHTTPRequestHandler) -> None:
        came.append(f"{request.command} {request.headers.get('authorization')}")
        request.send_response(200)
        request.end_headers()

    with ExitStack() as ports:
        elsewhere = ports.enter_context(listening(note))

        def lead_away(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", f"http://127.0.0.1:{elsewhere}{request.path}")
            request.end_headers()

        port = ports.enter_context(listening(lead_away))
        stripe = StripeGateway("sk_sandbox_callboard", f"http://127.0.0.1:{port}")
        with pytest.raises(Unknown):
            stripe.balance()
        with pytest.raises(Unknown):
            stripe.transfer(TransferOrder(500, "USD", "acct_1", "group", {}), key="1")
        sendgrid = SendgridSender(Settings.model_validate({"sendgrid_sandbox_port": port, "sendgrid_api_key": ""}))
        with pytest.raises(NotTaken):
            sendgrid.send(Outgoing(new_id(), EmailKind.SIGN_IN, "ana@example.org", "Your link", "…", "…", None))
        with pytest.raises(NotTaken):
            next(sendgrid.suppressed())
    assert came == []
