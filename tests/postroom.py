"""SendGrid's simulator over HTTP, a line to it that can fail, and a relay of one's own."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import clock, inbox, outbox
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from flows.handlers import HANDLERS
from notifications.sender import FateUnknown, NotTaken
from notifications.sendgrid_sender import sender
from notifications.webhooks import verified
from sandbox.sendgrid.app import make_app
from sandbox.sendgrid.tables import create_tables
from tests.engines import engine_of_its_kind
from tests.ports import free_port
from workers.emails.outcomes import settle_unknown
from workers.transactions import unit_of_work

OF_EMAILS = frozenset({OutboxKind.EVENT, OutboxKind.EMAIL, OutboxKind.EMAIL_CHUNK, OutboxKind.SENDGRID_EVENT, OutboxKind.BATCH_OVER})


@contextmanager
def simulator() -> Iterator[str]:
    """The simulator at work on the database of the settings; its address."""
    engine = engine_of_its_kind(settings().sqlalchemy_url)
    create_tables(engine)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(make_app(engine), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    engine.dispose()


@contextmanager
def at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The simulator where the settings have us look for it, with a port of our own that it posts to; its address."""
    monkeypatch.setenv("CALLBOARD_PORT", str(free_port()))
    settings.cache_clear()
    with simulator() as address:
        monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", address.rpartition(":")[2])
        settings.cache_clear()
        sender.cache_clear()
        yield address
    sender.cache_clear()


class Line:
    """The line to the simulator: `faults` befall the next calls whose path contains their key, in order."""

    def __init__(self, beyond: str, port: int) -> None:
        self.faults: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self._beyond = beyond
        line = self

        class Passing(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _pass(self) -> None:
                line.pass_on(self)

            do_GET = do_POST = do_PATCH = do_DELETE = _pass  # noqa: N815  # the names that http.server looks for

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Passing)

    def __enter__(self) -> "Line":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, path: str) -> int:
        """How many calls to this address went out."""
        return sum(called == path for _method, called in self.calls)

    def pass_on(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers.get("Content-Length", 0)))
        self.calls.append((call.command, call.path))
        fault = self._fault(call.path)
        if fault in {"429", "400", "403", "503"}:
            return _answer(call, int(fault), {}, b'{"errors": [{"message": "planted"}]}')
        if fault == "lose the call":
            call.connection.shutdown(socket.SHUT_RDWR)
            return None
        names = ("Authorization", "Content-Type", "Idempotency-Key", "Stripe-Account")
        headers = {name: call.headers[name] for name in names if name in call.headers}
        answer = httpx.request(call.command, self._beyond + call.path, content=body, headers=headers)
        if fault == "lose the answer":
            call.connection.shutdown(socket.SHUT_RDWR)
            return None
        return _answer(call, answer.status_code, dict(answer.headers), answer.content)

    def _fault(self, path: str) -> str | None:
        for planted in self.faults:
            if planted[0] in path:
                self.faults.remove(planted)
                return planted[1]
        return None


def _answer(call: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    call.send_response(status)
    for name, value in headers.items():
        if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
            call.send_header(name, value)
    call.send_header("Content-Length", str(len(body)))
    call.end_headers()
    call.wfile.write(body)


@contextmanager
def listening() -> Iterator[list[list[dict[str, Any]]]]:
    """Our side of the event webhook, as the API will have it; every post that was taken."""
    posts: list[list[dict[str, Any]]] = []

    class Taking(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:  # the name that http.server looks for
            body = self.rfile.read(int(self.headers["Content-Length"]))
            events = verified(body, {name.lower(): value for name, value in self.headers.items()}, at=clock.process_now())
            if events is None:
                return _answer(self, 400, {}, b"")
            receive(events)
            posts.append([event.body for event in events])
            return _answer(self, 200, {}, b"")

    server = ThreadingHTTPServer(("127.0.0.1", settings().port), Taking)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield posts
    server.shutdown()
    server.server_close()


def receive(events: list[inbox.VerifiedEvent]) -> int:
    """Keep the events, each once; how many are new."""
    with unit_of_work() as session:
        return sum(inbox.receive(session, "sendgrid", event.id, event.name, event.body) for event in events)


def _handle(claimed: outbox.Claimed) -> None:
    """Handle a message of the post; others have no contribution here."""
    if claimed.kind in OF_EMAILS:
        HANDLERS[claimed.kind](claimed)


def relay() -> list[Exception]:
    """Handle whatever is due, until nothing is; the errors for which messages are retried later, each of which is then due at once."""
    errors: list[Exception] = []
    while claimed := _claimed():
        for one in claimed:
            try:
                _handle(one)
            except (NotTaken, FateUnknown) as error:
                errors.append(error)
                _retry_later(one, error)
            else:
                _mark_done(one)
    return errors


def make_due() -> None:
    """What was put off is due now."""
    with unit_of_work() as session:
        session.query(outbox.OutboxMessage).filter(outbox.OutboxMessage.done_at.is_(None)).update({"due_at": clock.process_now()})


def settle() -> int:
    """The sweep's part."""
    with unit_of_work() as session:
        return settle_unknown(session, at=clock.business_now(session))


def wait_is_over() -> None:
    """The carrier's word has been waited for long enough."""
    with unit_of_work() as session:
        for kind in (Email, EmailChunk):
            session.query(kind).filter(kind.wait_until.is_not(None)).update({"wait_until": clock.process_now()})


def later(minutes: int) -> None:
    """Move business time forward."""
    with unit_of_work() as session:
        clock.move_clock(session, timedelta(minutes=minutes))


def emails_to(beyond: str, address: str = "") -> list[dict[str, Any]]:
    """What is in the mailbox, newest first."""
    emails: list[dict[str, Any]] = json.loads(httpx.get(f"{beyond}/sandbox/mailbox", params={"to": address}).content)
    return emails


def wait_for(what: Callable[[], object], seconds: float = 8) -> None:
    """Wait until it is so, or fail."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def open_messages(session: Session, kind: str) -> int:
    """How many messages of a kind are open."""
    waiting = select(func.count()).where(outbox.OutboxMessage.kind == kind, outbox.OutboxMessage.done_at.is_(None))
    return session.execute(waiting).scalar_one()


def _claimed() -> list[outbox.Claimed]:
    with unit_of_work() as session:
        return list(outbox.claim(session))


def _mark_done(one: outbox.Claimed) -> None:
    with unit_of_work() as session:
        outbox.mark_done(session, one.id)


def _retry_later(one: outbox.Claimed, error: Exception) -> None:
    with unit_of_work() as session:
        outbox.retry_later(session, outbox.Claimed(one.id, one.kind, one.key, one.body, attempts=8), repr(error), for_ever=True)
