"""Secrets planted wherever there is one, and looked for in every log, answer, page and database where they have no business to be."""

import base64
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import pyotp
import pytest
from sqlalchemy import create_engine, select, text

from api.deps import COOKIE
from campaigns.core import access, clock
from campaigns.core.events import Event
from campaigns.core.factors import codes
from campaigns.core.files import FileLink, link_to
from campaigns.core.outbox import OutboxMessage
from campaigns.core.permissions import Role
from campaigns.core.settings import Settings, settings
from campaigns.payments.actions import open_payout_account
from campaigns.payments.reach import note_reach
from campaigns.payments.routes import SHIPPED
from flows import relay
from flows.supervise.postgres import Cluster
from notifications.sendgrid_sender import sender
from tests import factories
from tests.api.caller import token_of
from tests.api.visiting import be, browser
from tests.attacks.server import Server, serving
from tests.browser.town import within
from tests.flows.prefects_knowledge import all_that_prefect_knows
from tests.installation import Installation, wait_for
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

INSTALLATION = {
    "STRIPE_API_KEY": "sk_test_PlantedStripeKey000",
    "STRIPE_WEBHOOK_SECRET": "whsec_PlantedWebhookSecret",
    "SENDGRID_API_KEY": "SG.PlantedSendgridKey.000",
    "CALLBOARD_SECRET": "PlantedSecretOfTheInstallation",
    "CALLBOARD_PREFECT_PASSWORD": "PlantedPrefectPassword",
}
PASSWORD = "PlantedDatabasePassword"


def found(secrets: Mapping[str, str], *places: str) -> set[str]:
    """The names of the secrets that stand in any of these texts, as they are or as an address or a header would have them."""
    forms = {name: {secret, quote(secret), base64.b64encode(secret.encode()).decode()} for name, secret in secrets.items()}
    return {name for name, written in forms.items() for place in places if any(form in place for form in written)}


@pytest.fixture
def planted(cluster: Cluster, fresh_database: str, tmp_path: Path) -> Iterator[tuple[dict[str, str], Server]]:
    """A web process whose every secret is known: the installation's, and those of a person with one of each kind."""
    environment = INSTALLATION | {"DATABASE_URL": fresh_database.replace("@/", f":{PASSWORD}@/")}
    with within(environment), serving(tmp_path, **environment) as server:
        with unit_of_work() as session:
            ana = factories.someone(session, Role.OPERATOR, "Ana")
            link, cookie, token = access.make_link(session, ana.person), access.open_session(session, ana.person), token_of(session, ana)
            codes.begin(session, by=ana, at=clock.business_now(session))
            key = codes.key_in(codes.address(session, by=ana)).replace(" ", "")
        file = link_to(FileLink(sha256="0" * 64, mime="image/png", name="x")).rpartition("/")[2]
        own = {"link": link, "cookie": cookie, "token": token, "app": key, "code": pyotp.TOTP(key).now(), "file": file}
        yield own | INSTALLATION | {"password": PASSWORD}, server


def knock(server: Server, own: Mapping[str, str]) -> list[httpx.Response]:
    """Every door at which one shows a secret."""
    signed_in = {"Cookie": f"{COOKIE}={own['cookie']}", "Sec-Fetch-Site": "same-origin"}
    bearer = {"Authorization": f"Bearer {own['token']}"}
    a_line_for_each = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=server.url, timeout=60, limits=a_line_for_each) as client:
        return [
            each
            for accept in ("text/html", "application/json")
            for each in (
                client.get("/api/v1/me", headers=bearer),
                client.get("/api/v1/status", headers=bearer),
                client.get("/status", headers=signed_in | {"Accept": accept}),
                client.get(f"/me?token={own['token']}", headers=signed_in | {"Accept": accept}),
                client.post("/prove", data={"code": own["code"]}, headers=signed_in | {"Accept": accept}),
                client.post("/api/v1/sign-in/token", json={"secret": own["link"]}, headers={"Accept": accept}),
                client.post(f"/sign-in/{own['link']}", headers={"Accept": accept, "Sec-Fetch-Site": "same-origin"}),
                client.get(f"/files/{own['file']}", headers={"Accept": accept}),
                client.post(f"/unsubscribe/{own['file']}", headers={"Accept": accept}),
            )
        ]


def test_no_log_and_no_answer_tells_a_secret_however_it_goes_wrong(
    planted: tuple[dict[str, str], Server], cluster: Cluster, fresh_database: str
) -> None:
    secrets, server = planted
    engine = create_engine(settings().sqlalchemy_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in ("sign_in_link", "code_app", "suppression"):
            connection.execute(text(f"alter table {table} rename to {table}_is_gone"))
    engine.dispose()
    told = knock(server, secrets)
    assert 500 in {answer.status_code for answer in told}
    cluster.drop_database(fresh_database.partition("@/")[2].partition("?")[0])
    told += knock(server, secrets)
    assert 503 in {answer.status_code for answer in told}
    assert ("Traceback" in server.said, "/sign-in/{secret}" in server.said) == (True, True)
    assert found(secrets, server.said) == set()
    assert {(str(a.url.path), name) for a in told for name in found(secrets, a.text, str(a.headers))} == set()


@pytest.fixture
def providers_away(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both providers are real as far as the settings go, and cannot be reached."""
    nowhere = property(lambda _settings: "http://127.0.0.1:1")
    for name, secret in INSTALLATION.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setattr(Settings, "stripe_url", nowhere)
    monkeypatch.setattr(Settings, "sendgrid_url", nowhere)
    for kept in (settings, by_stripe, sender):
        kept.cache_clear()
    yield
    monkeypatch.undo()
    for kept in (settings, by_stripe, sender):
        kept.cache_clear()


def test_what_an_operator_reads_of_messages_that_failed_tells_no_secret(providers_away: None, caplog: pytest.LogCaptureFixture) -> None:
    with unit_of_work() as session:
        operator = factories.someone(session, Role.OPERATOR, "Oda")
        at = clock.business_now(session)
        access.ask_for_link(session, "ben@example.org", at=at)
        note_reach(session, SHIPPED, now=at, at=at)
        open_payout_account(session, by=factories.person(session, "Ana"), at=at)
    secrets = dict(INSTALLATION)
    with caplog.at_level(logging.INFO):
        for _round in range(2):
            for claimed in relay.claim(20):
                relay.handle(claimed)
            secrets |= links_in_emails()
    with unit_of_work() as session:
        failed = [error for error in session.scalars(select(OutboxMessage.last_error)) if error is not None]
        session.execute(text("update outbox_message set failed_at = now() where last_error is not null"))
    assert (len(failed) >= 1, "link" in secrets) == (True, True)
    with browser() as client:
        be(client, operator)
        pages = [client.get(path).text for path in ("/status", "/status/failed", "/status/failed.csv", "/status/emails", "/notifications")]
    assert found(secrets, caplog.text, *failed, *pages) == set()


def links_in_emails() -> dict[str, str]:
    """The secrets of the links in the emails that wait to be sent."""
    with unit_of_work() as session:
        emails = "\n".join(session.scalars(text("select text from email")))
        enqueued = str(session.execute(text("select key, body from outbox_message")).all())
    links = re.findall(r"/sign-in/(\S+)", emails)
    assert [link for link in links if link in enqueued] == []
    return {"link": links[0]} if links else {}


def test_prefect_the_logs_and_the_record_of_facts_know_no_secret(on_stack: Installation) -> None:
    up, name = on_stack.settings, "secretive@example.org"
    with httpx.Client(base_url=up.public_url, timeout=20) as client:
        assert client.post("/api/v1/sign-in", json={"email": name}).status_code == 202
        mailbox = f"{up.sendgrid_url}/sandbox/mailbox"
        wait_for(lambda: client.get(mailbox, params={"to": name}).json(), 30)
        link = client.get(mailbox, params={"to": name}).json()[0]["text"].partition("/sign-in/")[2].split()[0]
        token = client.post("/api/v1/sign-in/token", json={"secret": link}).json()["secret"]
        assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}x"})
        client.post("/api/v1/sign-in/token", json={"secret": link})
    own = {"installation": up.secret.get_secret_value(), "prefect": up.prefect_password.get_secret_value(), "link": link, "token": token}
    sign_in = {"header": f"{up.prefect_user}:{up.prefect_password.get_secret_value()}"}
    with unit_of_work() as session:
        facts = "\n".join(str(fact) for fact in session.execute(select(Event.name, Event.facts)).all())
        messages = str(session.execute(select(OutboxMessage.kind, OutboxMessage.body, OutboxMessage.last_error)).all())
    logs = [log.read_text(errors="replace") for log in (on_stack.home / "logs").iterdir()]
    assert len(logs) > 5
    assert found(own | sign_in, all_that_prefect_knows(), facts, messages, *logs) == set()
