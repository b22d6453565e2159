"""What an operator sees of the installation, and that nobody else does."""

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from typer.testing import CliRunner

from campaigns.core import clock, heartbeat, inbox, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email
from campaigns.core.heartbeat import Heartbeat
from campaigns.core.ids import new_id
from campaigns.core.lanes import Lane
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.open_call.media import enclosure
from campaigns.open_call.media.walls import InForce, Walls
from cli.main import app
from flows.alive import Alive
from tests.api.caller import caller, token_of
from tests.api.visiting import be, browser, in_one_line, make, seen, statements
from tests.factories import CARD, opened_call, person, someone
from workers import housekeeping
from workers.transactions import unit_of_work

PAGES = ("/status", "/status/failed", "/status/emails", "/status/flows", "/status/failed.csv", "/status/emails.csv", "/status/flows.csv")
ROUTES = ("/api/v1/status", "/api/v1/outbox/failed", "/api/v1/emails/undelivered")


@pytest.fixture
def odile(fresh_database: str) -> Actor:
    with unit_of_work() as session:
        return someone(session, Role.OPERATOR, "Odile")


@pytest.fixture
def client(odile: Actor) -> Iterator[TestClient]:
    """The operator's browser."""
    with browser() as client:
        yield be(client, odile)


def given_up(count: int = 1, why: str = "APIConnectionError: Stripe <b>is away") -> list[UUID]:
    """Messages that were tried for the last time."""
    with unit_of_work() as session:
        for _each in range(count):
            outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key=new_id().hex)
        failed = (
            update(OutboxMessage)
            .values(failed_at=clock.process_now(), attempts=12, last_error=why)
            .where(OutboxMessage.kind == OutboxKind.BRIEF_INVOICE)
        )
        return list(session.scalars(failed.returning(OutboxMessage.id)))


def is_failed(message_id: UUID) -> bool:
    with unit_of_work() as session:
        return session.get_one(OutboxMessage, message_id).failed_at is not None


def email(state: str, reason: str | None = None) -> None:
    with unit_of_work() as session:
        ada = person(session, "Ada")
        session.add(
            Email(
                event_id=new_id(), recipient_id=ada.person, notification="screened", address="ada@example.org", subject="A secret",
                text="t", html="h", state=state, reason=reason, enqueued_at=clock.business_now(session),
            )
        )  # fmt: skip


def test_nobody_but_an_operator_sees_or_does_any_of_it(client: TestClient) -> None:
    [failed] = given_up()
    with unit_of_work() as session:
        others = [someone(session, Role.MANAGER), someone(session, Role.FINANCE), person(session)]
        tokens = [token_of(session, other) for other in others]
    for other in others:
        be(client, other)
        assert {client.get(path).status_code for path in PAGES} == {403}
        assert {client.post(f"/status/failed/{path}").status_code for path in ("retry", f"{failed}/retry")} == {403}
    for token in tokens:
        api = caller(token)
        assert {api.get(path).status_code for path in ROUTES} == {403}
        assert api.post(f"/api/v1/outbox/{failed}/retry").status_code == 403
    client.cookies.clear()
    assert {client.get(path).headers["location"] for path in PAGES} == {"/sign-in"}
    assert is_failed(failed)


def test_every_page_says_when_there_is_nothing_to_worry_about(client: TestClient) -> None:
    for program in heartbeat.PROGRAMS:
        Alive(program).tell()
    said = ("Everything works and nothing is stuck.", "No failed jobs", "All emails arrived", "No active campaigns")
    assert all(sentence in seen(client.get(path)) for path, sentence in zip(PAGES, said, strict=False))


def test_a_program_that_falls_silent_is_told_of_and_one_that_speaks_is_not(client: TestClient) -> None:
    Alive("sweep").tell("settle_emails: TimeoutError: too slow")
    page = seen(client.get("/status"))
    assert ("Relay is not responding" in page, "Sweep is not responding" in page) == (True, False)
    assert "settle_emails: TimeoutError: too slow" in page
    with unit_of_work() as session:
        session.execute(update(Heartbeat).values(beat_at=Heartbeat.beat_at - heartbeat.SILENT_AFTER))
    assert "Sweep is not responding" in seen(client.get("/status"))


def test_an_overload_is_told_with_since_when_and_is_over_when_it_is_over(client: TestClient, odile: Actor) -> None:
    for program in heartbeat.PROGRAMS:
        Alive(program).tell()
    since = clock.process_now() - timedelta(minutes=3)
    with unit_of_work() as session:
        api = caller(token_of(session, odile))
        heartbeat.beat(session, "worker", "here:1", overloaded_since=since)
    page, told = seen(client.get("/status")), api.get("/api/v1/status").json()
    assert ("Overloaded since" in page, "Everything works" in page) == (True, False)
    assert datetime.fromisoformat(told["overloaded_since"]) == since
    with unit_of_work() as session:
        heartbeat.beat(session, "worker", "here:1")
    assert ("Overloaded" in seen(client.get("/status")), api.get("/api/v1/status").json()["overloaded_since"]) == (False, None)


def test_a_loop_tells_of_its_trouble_at_once_and_of_its_health_now_and_then(odile: Actor) -> None:
    alive = Alive("sweep")
    told = []
    for trouble in (None, None, "broken", "broken", None):
        alive.tell(trouble)
        with unit_of_work() as session:
            [beat] = session.scalars(select(Heartbeat)).all()
            told.append((beat.trouble, beat.beat_at))
    assert [trouble for trouble, _at in told] == [None, None, "broken", "broken", None]
    assert (told[0] == told[1], told[2] == told[3]) == (True, True)


def test_what_was_given_up_stands_there_with_its_reason_and_is_tried_again_once(client: TestClient) -> None:
    [failed] = given_up()
    assert "Stripe &lt;b&gt;is away" in seen(client.get("/status/failed"))
    assert "1 job failed." in seen(client.get("/status"))
    again = [client.post(f"/status/failed/{failed}/retry", data={"_page": "/status/failed"}) for _twice in range(2)]
    assert ([answer.status_code for answer in again], is_failed(failed)) == ([303, 404], False)
    with unit_of_work() as session:
        assert [claimed.id for claimed in outbox.claim(session)] == [failed]


def test_all_that_was_given_up_is_tried_again_in_one_act(client: TestClient) -> None:
    failed = given_up(3)
    client.post("/status/failed/retry")
    assert "3 jobs are being tried again." in seen(client.get("/status"))
    assert not any(map(is_failed, failed))


def test_an_email_that_may_not_have_arrived_stands_there_without_what_it_said(client: TestClient) -> None:
    email("failed", "550 no such mailbox")
    email("sent")
    page, table = seen(client.get("/status/emails")), client.get("/status/emails.csv").text
    assert ("550 no such mailbox" in page, page.count("ada@example.org"), "A secret" in page + table) == (True, 1, False)
    assert len(table.splitlines()) == 2


def test_a_campaigns_flow_run_leads_to_prefect(client: TestClient) -> None:
    made, run = make(opened_call, (CARD,), title="Doors at dusk"), new_id()
    with unit_of_work() as session:
        campaign = session.get_one(Campaign, made.id)
        campaign.flow_run_id, campaign.generation = run, 2
    page = seen(client.get("/status/flows"))
    assert (f"{settings().prefect_page}/runs/flow-run/{run}" in page, "run number 2" in page) == (True, True)


def test_what_providers_tell_and_what_waits_to_be_looked_into_is_counted(client: TestClient) -> None:
    with unit_of_work() as session:
        for number in range(3):
            inbox.receive(session, "stripe", f"evt_{number}", "invoice.paid", {})
    page = in_one_line(client.get("/status"))
    assert '<th scope="row">Stripe</th><td class="amount">3</td><td class="amount">3</td>' in page


def test_a_process_that_has_ended_is_shown_as_ended(client: TestClient) -> None:
    gone = 2**22 + 1
    (settings().home / "up.json").write_text(json.dumps({"programs": {"relay": os.getpid(), "sweep": gone}}))
    page = seen(client.get("/status"))
    (settings().home / "up.json").unlink()
    assert ('<span class="chip ok">running</span>' in page, '<span class="chip bad">ended</span>' in page) == (True, True)


UNSAFE = InForce(Walls("limits", as_nobody=False), is_another_user=False, is_offline=False, is_enclosed=False, is_root=True)


def test_what_stands_around_media_programs_is_said_and_what_is_missing_with_how_it_is_mended(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enclosure, "in_force", lambda: InForce(Walls("bubblewrap", as_nobody=True), True, True, True))
    assert (
        "isolated by bubblewrap. They run as another user without network access; they read one file and write to one folder."
        in client.get("/status").text
    )
    monkeypatch.setattr(enclosure, "in_force", lambda: InForce(Walls("bubblewrap", as_nobody=False), False, True, True))
    page = client.get("/status").text
    assert ("run as Callboard’s user without its rights or network access" in page, "another user" in page) == (True, False)
    monkeypatch.setattr(enclosure, "in_force", lambda: UNSAFE)
    page = client.get("/status").text
    for sentence in ("can reach files of this installation", "can reach the network", "run as root", "Install bubblewrap"):
        assert sentence in page
    warned = " ".join(CliRunner().invoke(app, ["check", "--offline"]).output.split())
    assert warned.startswith("warning Programs that open contributors’ files are isolated by memory and time limits only.")


def test_a_program_reads_the_same(odile: Actor) -> None:
    [failed] = given_up()
    email("uncertain")
    Alive("relay").tell()
    with unit_of_work() as session:
        api = caller(token_of(session, odile))
    told = api.get("/api/v1/status").json()
    assert [(each["program"], each["alive"]) for each in told["programs"]] == [("relay", 1), ("sweep", 0), ("worker", 0)]
    assert (told["failed"], told["undelivered_emails"]) == (1, 1)
    assert [item["id"] for item in api.get("/api/v1/outbox/failed").json()["items"]] == [str(failed)]
    assert [item["address"] for item in api.get("/api/v1/emails/undelivered").json()["items"]] == ["ada@example.org"]
    assert (api.post(f"/api/v1/outbox/{failed}/retry").status_code, is_failed(failed)) == (204, False)


def test_thirty_items_cost_as_many_statements_as_one_and_the_older_are_a_page_on(client: TestClient) -> None:
    given_up()
    email("failed")
    few = [statements(lambda path=path: client.get(path)) for path in PAGES[:3]]  # type: ignore[misc]
    given_up(31)
    for _each in range(5):
        email("failed")
    assert [statements(lambda path=path: client.get(path)) for path in PAGES[:3]] == few  # type: ignore[misc]
    assert 'rel="next"' in client.get("/status/failed").text


def test_signs_of_life_are_forgotten_after_a_week(odile: Actor) -> None:
    Alive("relay").tell()
    week_on = clock.process_now() + timedelta(days=8)
    assert housekeeping.forget(Heartbeat, housekeeping.outlived(week_on)[Heartbeat]) == 1


def test_each_lane_shows_how_much_waits_in_it_and_since_when_the_oldest_does(client: TestClient, odile: Actor) -> None:
    with unit_of_work() as session:
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key="now", due_at=clock.process_now() - timedelta(minutes=3))
        outbox.enqueue(session, OutboxKind.BRIEF_INVOICE, key="later", due_at=clock.process_now() + timedelta(hours=1))
        api = caller(token_of(session, odile))
    lanes = {lane["lane"]: lane for lane in api.get("/api/v1/status").json()["lanes"]}
    assert list(lanes) == list(Lane)
    assert (lanes["payments"]["open"], lanes["payments"]["due"], lanes["sign_in"]["waiting_seconds"]) == (2, 1, 0.0)
    assert 180 <= lanes["payments"]["waiting_seconds"] < 240
    page = " ".join(re.sub(r"<[^>]*>", " ", client.get("/status").text).split())
    assert "Payments 1 1 3 minutes ago" in page
    assert "Wake-ups of flow runs 0 0 nothing due" in page
