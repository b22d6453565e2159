"""The command line: what each command prints, and the sentence with which it refuses."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from campaigns.core import clock, outbox
from campaigns.core.campaign import Campaign
from campaigns.core.emails import Email
from campaigns.core.ids import new_id
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import settings
from campaigns.open_call.media.enclosure import Enclosure
from cli.main import app
from notifications.registry import NOTIFICATIONS
from tests import factories
from tests.campaigns.payout.runs.bureau import released, send
from tests.factories import Partnership
from tests.ports import free_ports
from tests.treasury import Treasury, told, treasury
from workers.gateways import by_stripe
from workers.payout import reconciliation
from workers.transactions import engine, unit_of_work

__all__ = ["treasury"]
NOBODY = "0199a1b2-0000-7000-8000-000000000000"
NEEDS_DATABASE = [
    ["check", "--offline"],
    ["providers", "check"],
    ["campaign", "list"],
    ["campaign", "show", "1"],
    ["campaign", "pause", "1", "--reason", "A week more."],
    ["campaign", "resume", "1"],
    ["campaign", "cancel", "1", "--reason", "It is over."],
    ["person", "list"],
    ["person", "grant", "ana@example.org", "operator"],
    ["person", "locked-out", "ana@example.org"],
    ["clock", "show"],
    ["clock", "move", "--days", "1"],
    ["emails", "--undelivered"],
    ["outbox", "list"],
    ["outbox", "retry", NOBODY],
    ["payouts", "quote", "--key", "k1"],
    ["payouts", "reconcile", "--key", "k1"],
]


def run(*arguments: str, answer: str = "y\n") -> Result:
    return CliRunner().invoke(app, arguments, input=answer, env={"COLUMNS": "240", "NO_COLOR": "1"})


def words(result: Result) -> str:
    """What was printed, without the lines of its tables."""
    return " ".join(re.sub(r"[│┃┏┓┗┛━┳┻┡╇┩─┼└┴┘├┤]", " ", result.output).split())


def every_command() -> list[list[str]]:
    def within(group: Any, path: list[str]) -> Iterator[list[str]]:
        yield path
        for name, command in getattr(group, "commands", {}).items():
            yield from within(command, [*path, name])

    return list(within(typer.main.get_command(app), []))


@pytest.fixture
def made(fresh_database: str) -> Partnership:
    """A campaign whose call is open."""
    with unit_of_work() as session:
        return factories.opened_call(session, at=clock.business_now(session))


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_explains_itself(path: list[str]) -> None:
    shown = run(*path, "--help")
    explanation = words(shown).partition("Options")[0].partition("callboard")[2] or words(shown)
    assert (shown.exit_code, len(explanation.split()) > 5) == (0, True)


@pytest.mark.parametrize(
    "url",
    ["nonsense", "postgresql://nobody@127.0.0.1:1/nothing", "mysql://nobody@127.0.0.1/nothing", "postgresql://nobody@[nowhere"],
)
@pytest.mark.parametrize("command", NEEDS_DATABASE, ids=" ".join)
def test_a_broken_database_url_ends_every_command_with_a_sentence(command: list[str], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        engine.cache_clear()
        result = run(*command)
    settings.cache_clear()
    engine.cache_clear()
    assert (result.exit_code, "DATABASE_URL" in result.stderr, "Traceback" in result.output) == (2, True, False)
    assert (len(result.stderr.strip().splitlines()), type(result.exception)) == (1, SystemExit)


def test_a_database_without_our_tables_is_told_how_it_gets_them(fresh_database: str) -> None:
    with unit_of_work() as session:
        session.execute(text("drop table clock_move"))
    result = run("clock", "show")
    assert (result.exit_code, "callboard up" in result.stderr) == (2, True)


def test_a_setting_that_makes_no_sense_is_named(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_PORT", "front door")
    settings.cache_clear()
    result = run("clock", "show")
    assert (result.exit_code, result.stderr.startswith("CALLBOARD_PORT: ")) == (2, True)


def test_a_clean_installation_passes_every_check(treasury: Treasury) -> None:
    treasury.payee()
    result = run("check")
    assert (result.exit_code, words(result)) == (0, "All checks passed.")


def test_a_check_warns_where_the_programs_that_open_files_are_not_isolated(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.check.enclosure", lambda: Enclosure("They are isolated.", "They run as root."))
    result = run("check", "--offline")
    assert (result.exit_code, words(result)) == (0, "warning They are isolated. They run as root. All checks passed.")


def test_payouts_that_stripe_has_otherwise_are_named_and_nothing_is_put_right(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "SECONDS_BETWEEN_LOOKS", 0.0)
    treasury.payee(), treasury.payee(6_000)
    send(released(treasury))
    assert run("check").exit_code == 0
    short = treasury.stripe.client.v1.transfers.list({"limit": 1}).data[0]
    treasury.stripe.client.v1.transfers.reversals.create(short.id, {"amount": 1})
    foreign = treasury.stripe.transfer(treasury.stripe.payable(), 700)
    as_stripe_has_them = treasury.transfers()
    results = [run("check"), run("check"), run("check", "--offline")]
    named = f"foreign {foreign.id}, amount_differs {short.id}, balance USD:available"
    rule = "payouts_are_as_the_provider_has_them: Every payout and balance matches the provider's."
    assert [(r.exit_code, words(r)) for r in results] == [*[(1, f"broken {rule} Violated by: {named}")] * 2, (0, "All checks passed.")]
    assert (treasury.transfers(), told("payout.discrepancy_found")) == (as_stripe_has_them, [])


@pytest.fixture
def _stripe_is_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    [port] = free_ports(1)
    with monkeypatch.context() as patch:
        patch.setenv("CALLBOARD_STRIPE_SANDBOX_PORT", port)
        settings.cache_clear()
        by_stripe.cache_clear()
        yield
    settings.cache_clear()
    by_stripe.cache_clear()


@pytest.mark.usefixtures("_stripe_is_away")
def test_a_check_that_stripe_does_not_answer_says_so_after_what_the_database_shows(made: Partnership) -> None:
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text("update deliverable set visit = 7"))
    result = run("check")
    assert (result.exit_code, "broken deliverables_stand_where_they_entered:" in words(result)) == (2, True)
    assert (result.stderr.startswith("Stripe could not be asked ("), "--offline" in result.stderr, "Traceback" in result.output) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("damage", "names"),
    [
        ("update deliverable set visit = 7", "deliverables_stand_where_they_entered"),
        ("update event set reason = 'Otherwise.' where number = 2", "facts_are_chained"),
        ("update entry set amount = amount + 1", "balances_are_sums"),
    ],
)
def test_what_is_broken_is_named(made: Partnership, damage: str, names: str) -> None:
    assert run("check", "--offline").exit_code == 0
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(damage))
    result = run("check", "--offline")
    assert (result.exit_code, f"broken {names}:" in words(result), "Violated by:" in words(result)) == (1, True, True)


def test_the_campaigns_are_listed_with_their_numbers(made: Partnership) -> None:
    shown = run("campaign", "list")
    assert (shown.exit_code, words(shown)) == (0, f"Campaigns number id title state 1 {made.id} Holiday traditions active")


def test_a_campaign_shows_what_each_deliverable_waits_for_on_whom_since_when_and_the_slack(made: Partnership) -> None:
    by_id, by_number = run("campaign", "show", str(made.id)), run("campaign", "show", "1")
    with unit_of_work() as session:
        since = clock.business_now(session)
    shown = words(by_id)
    assert (by_id.exit_code, by_number.output) == (0, by_id.output)
    assert shown.startswith("Holiday traditions (active, open_call) Go-live ")
    assert re.search(r": \d+ days of slack\. deliverable stage \(visit\) waiting for on whom since Holiday film open_call \(2\) ", shown)
    assert shown.count(f"artist {since:%d %b %Y}") == 3


def test_a_campaign_without_a_deliverable_shows_what_its_brief_waits_for(fresh_database: str) -> None:
    with unit_of_work() as session:
        factories.new_campaign(session)
    shown = words(run("campaign", "show", "1"))
    assert "since brief The brief has no deliverables yet. Add at least one. manager 02 Nov 2026 09:00 UTC brief " in shown


@pytest.mark.parametrize("which", [NOBODY, "2", "seven"])
def test_a_campaign_that_is_not_there_is_said_to_be_missing(made: Partnership, which: str) -> None:
    result = run("campaign", "show", which)
    assert (result.exit_code, result.stderr.startswith("There is no ")) == (1, True)


def test_a_campaign_is_paused_and_resumed_and_one_with_money_is_not_cancelled_by_the_machine_alone(made: Partnership) -> None:
    deeds = [run("campaign", "pause", "1", "--reason", "A week more."), run("campaign", "pause", "1", "--reason", "Again.")]
    assert [(d.exit_code, d.stdout.strip()) for d in deeds] == [(0, "Paused."), (1, "")]
    assert words(run("campaign", "list")).endswith("paused")
    assert run("campaign", "resume", "1").stdout.strip() == "Resumed."
    assert run("campaign", "cancel", "1", "--reason", "It is over.", answer="n\n").exit_code == 1
    assert words(run("campaign", "list")).endswith("active")
    refused = run("campaign", "cancel", "1", "--reason", "It is over.")
    assert (refused.exit_code, "so canceling it takes two people" in " ".join(refused.stderr.split())) == (1, True)


def test_a_campaign_without_money_is_cancelled_on_the_command_line(fresh_database: str) -> None:
    with unit_of_work() as session:
        factories.signed_brief(session, at=clock.business_now(session))
    assert run("campaign", "cancel", "1", "--reason", "It is over.").stdout.strip().endswith("Canceled.")
    assert (words(run("campaign", "list")), words(run("campaign", "list", "--ended"))[-8:]) == (
        "Campaigns number id title state",
        "canceled",
    )


def test_the_first_operator_is_appointed_on_the_command_line(fresh_database: str) -> None:
    granted = run("person", "grant", "odile@example.org", "operator", "--name", "Odile Okonkwo")
    assert (granted.exit_code, granted.stdout.strip()) == (0, "odile@example.org is operator.")
    assert words(run("person", "list")) == "Staff name email role Odile Okonkwo odile@example.org operator"


@pytest.mark.parametrize(
    ("arguments", "code"), [(("odile", "operator"), 2), (("odile@example.org", "king"), 2), (("odile@example.org", "artist"), 1)]
)
def test_nobody_is_appointed_under_a_wrong_address_or_role(fresh_database: str, arguments: tuple[str, str], code: int) -> None:
    result = run("person", "grant", *arguments)
    assert (result.exit_code, bool(result.stderr), words(run("person", "list"))) == (code, True, "Staff name email role")


def test_the_clock_moves_forward_only(fresh_database: str) -> None:
    assert words(run("clock", "show")).endswith("UTC, 0:00:00 ahead of real time.")
    assert run("clock", "move", "--days", "2", "--hours", "3").exit_code == 0
    assert words(run("clock", "show")).endswith("UTC, 2 days, 3:00:00 ahead of real time.")
    refused = run("clock", "move", "--days", "-1")
    assert (refused.exit_code, refused.stderr.strip()) == (1, "You can only move the clock forward.")


@pytest.mark.parametrize("key", ["STRIPE_API_KEY", "SENDGRID_API_KEY"])
def test_the_clock_stands_once_a_provider_is_real(fresh_database: str, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv(key, "a key of the provider's own")
    settings.cache_clear()
    refused = run("clock", "move", "--days", "1")
    assert (refused.exit_code, refused.stderr.strip()) == (1, "The clock only moves in a sandbox: a provider's own key is configured.")
    assert words(run("clock", "show")).endswith("UTC, 0:00:00 ahead of real time.")


def test_a_failed_message_is_listed_first_and_retried(fresh_database: str) -> None:
    with unit_of_work() as session:
        for key in ("one", "two"):
            outbox.enqueue(session, OutboxKind.EMAIL, key=key)
        failed = session.scalars(select(OutboxMessage).where(OutboxMessage.key == "two")).one()
        failed.failed_at, failed.attempts, failed.last_error = clock.process_now(), 12, "[no answer]"
    listed = words(run("outbox", "list"))
    assert listed.startswith(f"Outbox id kind attempts state last error {failed.id} email 12 failed [no answer] ")
    assert run("outbox", "retry", str(failed.id)).exit_code == 0
    assert words(run("outbox", "list")).count("open") == 2
    refused = run("outbox", "retry", str(failed.id))
    assert (refused.exit_code, refused.stderr.strip()) == (1, "There is no failed job with this id.")


def test_runs_are_asked_for_once_under_one_key(fresh_database: str) -> None:
    asked = [run("payouts", name, "--key", "k1").exit_code for name in ("quote", "quote", "reconcile")]
    with unit_of_work() as session:
        enqueued = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.START_FLOW).order_by(OutboxMessage.id)
        ).all()
    assert asked == [0, 0, 0]
    assert [(p.body["deployment"], p.body["parameters"]) for p in enqueued] == [
        ("quote-payouts/quote-payouts", {"sequence": "k1"}),
        ("reconcile/reconcile", {}),
    ]
    refused = run("payouts", "quote", "--key", "k" * 300)
    assert (refused.exit_code, refused.stderr.strip()) == (1, "A text or number is too long to be stored.")


def test_every_email_is_shown_with_sample_data() -> None:
    shown = run("emails")
    assert shown.exit_code == 0
    assert [f"{notification.stage} / {notification.name}" for notification in NOTIFICATIONS.values()] == re.findall(
        r"─ (\w+ / \w+) ─", shown.stdout
    )


def test_one_email_is_shown_alone_and_as_html() -> None:
    name = next(iter(NOTIFICATIONS))
    assert "<html" in run("emails", name, "--html").stdout
    assert len(re.findall(r"─ (\w+ / \w+) ─", run("emails", name).stdout)) == 1
    unknown = run("emails", "ransom_note")
    assert (unknown.exit_code, unknown.stderr.startswith("There is no email ransom_note; there are ")) == (1, True)


def test_the_emails_that_did_not_arrive_are_listed_with_their_reasons(made: Partnership) -> None:
    with unit_of_work() as session:
        for state, reason in (("sent", None), ("failed", "550 No such mailbox"), ("uncertain", None)):
            session.add(
                Email(
                    event_id=new_id(), recipient_id=made.manager.person, notification="paid", address=f"{state}@example.org", subject="",
                    text="", html="", state=state, reason=reason, enqueued_at=clock.business_now(session),
                )
            )  # fmt: skip
    listed = words(run("emails", "--undelivered"))
    assert re.findall(r"paid (\w+@example.org \w+)(?: (550 No such mailbox))?", listed) == [
        ("uncertain@example.org uncertain", ""),
        ("failed@example.org failed", "550 No such mailbox"),
    ]


def test_a_pay_rule_is_tried_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    missing = run(
        "pay-rule", "try", *(f"--{name}={tmp_path / name}" for name in ("lineage", "components", "rule")), "--pool=1.00", "--currency=USD"
    )
    assert (missing.exit_code, bool(missing.stderr), missing.stdout) == (2, True, "")


def test_a_moved_clock_makes_a_campaign_late(made: Partnership) -> None:
    run("clock", "move", "--days", "60")
    assert re.search(r"late by \d+ days", words(run("campaign", "show", "1")))
    with unit_of_work() as session:
        assert clock.offset(session) == timedelta(days=60)
        assert session.get_one(Campaign, made.id).is_live
