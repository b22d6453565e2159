"""The simulator as a process of its own: when it starts, when it refuses, and what a kill costs."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import stripe
from sqlalchemy import Engine

from campaigns.core.settings import SANDBOX_WEBHOOK_SECRETS
from sandbox.stripe.tables import SCHEMA
from tests.installation import wait_for
from tests.ports import free_ports
from tests.sandbox.stripe.listening import listening
from tests.sandbox.stripe.stage import Simulator

PLATFORM, CONNECT = SANDBOX_WEBHOOK_SECRETS


class Process:
    """`python -m sandbox.stripe`, on a port of its own."""

    def __init__(self, database_url: str, **environment: str) -> None:
        self.port, self.listening_port = free_ports(2)
        own = {"DATABASE_URL": database_url, "CALLBOARD_STRIPE_SANDBOX_PORT": self.port, "CALLBOARD_PORT": self.listening_port}
        self.environment = os.environ | own | environment
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "sandbox.stripe"]
        self.running = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)

    def refusal(self) -> tuple[int, str]:
        """How it ended by itself: its exit code, and what it said."""
        _, said = self.running.communicate(timeout=30)
        return self.running.returncode, said.strip()

    def until_ready(self, engine: Engine) -> Simulator:
        url = f"http://127.0.0.1:{self.port}"
        wait_for(lambda: self._answers(url), within=60)
        return Simulator(engine, url)

    def _answers(self, url: str) -> bool:
        try:
            return httpx.get(f"{url}/health").is_success
        except httpx.TransportError:
            return False

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.running.send_signal(by)
        self.running.communicate(timeout=30)
        return self.running.returncode


def test_it_does_not_start_beside_a_key_of_stripes_own(apart: tuple[str, Engine]) -> None:
    database, _ = apart
    code, said = Process(database, STRIPE_API_KEY="sk_test_real").refusal()
    assert (code, said) == (
        2,
        "STRIPE_API_KEY is set, so Stripe itself is used and its simulator does not start. Remove the key to use it.",
    )


def test_it_says_so_when_its_port_is_in_use(apart: tuple[str, Engine]) -> None:
    database, _ = apart
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = Process(database, CALLBOARD_STRIPE_SANDBOX_PORT=port).refusal()
    assert (code, said) == (2, f"Port {port} is in use. Choose another with CALLBOARD_STRIPE_SANDBOX_PORT.")


def test_it_says_so_when_the_database_cannot_be_used(tmp_path: Path) -> None:
    code, said = Process(f"postgresql://nobody@/nothing?host={tmp_path}").refusal()
    assert (code, said.startswith("The Stripe simulator cannot use the database that DATABASE_URL names:")) == (2, True)


def test_a_kill_loses_nothing_of_what_was_promised(apart: tuple[str, Engine]) -> None:
    database, engine = apart
    process = Process(database)
    simulator = process.until_ready(engine)
    customer = simulator.client.v1.customers.create({"name": "Zappos"}, {"idempotency_key": "brand:1"})
    process.stop(signal.SIGKILL)
    process.start()
    simulator = process.until_ready(engine)
    with listening(int(process.listening_port)) as listener:
        simulator.hurry()
        listener.wait_for(1)
    assert [event.data.object["id"] for event in listener.verified(PLATFORM)] == [customer.id]
    assert simulator.client.v1.customers.create({"name": "Zappos"}, {"idempotency_key": "brand:1"}).id == customer.id
    registered = [(each.url, each.status) for each in simulator.client.v1.webhook_endpoints.list().data]
    home = f"http://127.0.0.1:{process.listening_port}/webhooks/stripe"
    assert registered == [(f"{home}/connect", "enabled"), (home, "enabled")]
    process.stop()


def test_it_tells_the_installation_of_the_platform_and_of_its_accounts_at_two_addresses(apart: tuple[str, Engine]) -> None:
    database, engine = apart
    process = Process(database)
    with listening(int(process.listening_port)) as listener:
        simulator = process.until_ready(engine)
        account = simulator.account().id
        simulator.customer()
        listener.wait_for(2)
    heard = []
    for path, (body, mark) in zip(listener.paths, listener.arrived, strict=True):
        event = stripe.Webhook.construct_event(body, mark, CONNECT if path.endswith("/connect") else PLATFORM)
        heard.append((path, event.type, getattr(event, "account", None)))
    assert sorted(heard) == [("/webhooks/stripe", "customer.created", None), ("/webhooks/stripe/connect", "account.updated", account)]
    process.stop()


def test_its_tables_are_in_a_schema_of_its_own(apart: tuple[str, Engine]) -> None:
    _, engine = apart
    with engine.begin() as connection:
        schemas = connection.exec_driver_sql("select distinct schemaname from pg_tables where schemaname !~ '^(pg_|information)'").scalars()
        assert set(schemas) == {SCHEMA, "public"}
        assert connection.exec_driver_sql("select tablename from pg_tables where schemaname = 'public'").scalars().all() == ["clock_move"]
