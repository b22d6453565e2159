"""PostgreSQL out of connections: a sentence and the time to try again, nothing half done, and everything goes on when it is over."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Never

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.core import clock, outbox
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from campaigns.open_call.models import Upload
from flows import relay
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.test_upload_routes import TUS
from workers.transactions import POOL_SIZE, engine, unit_of_work

SENTENCE = "Callboard cannot do this right now and has changed nothing; try again in 5 seconds."
BEGIN = TUS | {"Upload-Length": "9", "Upload-Metadata": "filename bGFudGVybnMuanBn"}


def hold_every_connection(held: ExitStack) -> Never:
    while True:
        held.enter_context(psycopg.connect(settings().libpq_url))


@contextmanager
def no_connection_left() -> Iterator[None]:
    """Others hold every connection that PostgreSQL has."""
    engine().dispose()
    with ExitStack() as held:
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            hold_every_connection(held)
        yield


@pytest.fixture
def ana(fresh_database: str) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, factories.person(session, "Ana")))


def test_out_of_connections_every_answer_says_when_to_try_again_and_nothing_is_half_done(ana: TestClient) -> None:
    with no_connection_left():
        program = ana.post("/api/v1/uploads", headers=BEGIN)
        health = ana.get("/health")
        page = ana.get("/calls", headers={"Accept": "text/html"})
    said = program.json()
    assert (program.status_code, said["code"], said["detail"], program.headers["Retry-After"]) == (503, "Unavailable", SENTENCE, "5")
    assert (health.status_code, health.json()["code"], health.headers["Retry-After"]) == (503, "Unavailable", "5")
    assert (page.status_code, page.headers["Retry-After"], SENTENCE in page.text) == (503, "5", True)
    with unit_of_work() as session:
        assert session.scalars(select(Upload)).all() == []
    assert (ana.get("/health").json()["status"], ana.post("/api/v1/uploads", headers=BEGIN).status_code) == ("ok", 201)


def test_a_process_whose_own_connections_are_all_busy_says_the_same(ana: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine().pool, "_timeout", 0.05)
    with ExitStack() as busy:
        for _connection in range(POOL_SIZE):
            busy.enter_context(engine().connect())
        answer = ana.post("/api/v1/uploads", headers=BEGIN)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "Unavailable", "5")
    assert ana.post("/api/v1/uploads", headers=BEGIN).status_code == 201


def test_a_message_that_could_not_be_handled_meanwhile_is_handled_afterwards(fresh_database: str) -> None:
    with unit_of_work() as session:
        outbox.enqueue(session, OutboxKind.BATCH_OVER, key="b1", batch="b1")
    [claimed] = relay.claim(1)
    with no_connection_left():
        with pytest.raises(Exception, match="too many clients"):
            relay.handle(claimed)
        with pytest.raises(Exception, match="too many clients"):  # that ends its process, and the supervisor starts another
            relay.run(Event())
    with unit_of_work() as session:
        message = session.scalars(select(OutboxMessage)).one()
        assert (message.done_at, message.failed_at, message.attempts) == (None, None, 1)
        message.leased_until = clock.process_now()
    assert [again.key for again in relay.claim(1)] == ["b1"]
