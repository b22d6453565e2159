"""`callboard providers check` finds what would keep an installation from working, each thing by a sentence that says what to do."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select, text

from campaigns.core.inbox import receive
from campaigns.core.settings import settings
from campaigns.payments.models import PayoutAccount
from campaigns.payments.routes import LAUNCH, payable_currencies
from campaigns.payments.stripe_gateway import API_VERSION, StripeGateway
from cli import providers
from flows import relay
from notifications.sendgrid_sender import sender
from tests.api.test_two_endpoints import listening as listening_api
from tests.cli.both_providers import sdk, treasury
from tests.cli.test_commands import run, words
from tests.cli.test_providers_set_up import by_hand, in_dashboards
from tests.postroom import listening
from tests.treasury import Treasury
from workers.provider.event_origins import EventOrigin
from workers.provider.installation import _has_come, _of_settings
from workers.provider.trial_events import NAME, try_events
from workers.provider_events import HEARD
from workers.transactions import unit_of_work

__all__ = ["sdk", "treasury"]


@pytest.fixture
def ready(treasury: Treasury, sdk: Any) -> "Ready":
    """An installation that was set up, at which nothing is wrong; what the treasury needed came before it."""
    said = run("providers", "set-up", "--apply").output
    with treasury.stripe.engine.begin() as connection:
        connection.execute(text("delete from stripe_sandbox.object where kind = 'event'"))
    return Ready(treasury, sdk, re.findall(r"whsec_\w+", said))


class Ready:
    """Both providers, and what a test does to them behind our back."""

    def __init__(self, treasury: Treasury, sdk: Any, secrets: list[str]) -> None:
        self.treasury, self.secrets = treasury, secrets
        self.endpoints = treasury.stripe.client.v1.webhook_endpoints
        self.hooks, self.groups = sdk.user.webhooks.event.settings, sdk.asm.groups

    def endpoint(self, side: EventOrigin) -> str:
        return next(each.id for each in self.endpoints.list().data if each.url == settings().loopback + side.path)

    def replace(self, side: EventOrigin, **wrong: Any) -> None:
        """Another endpoint in the place of that of a side."""
        self.endpoints.delete(self.endpoint(side))
        right = {"url": settings().loopback + side.path, "enabled_events": list(HEARD[side]), "connect": side is EventOrigin.CONNECT}
        self.endpoints.create({**right, **wrong})  # type: ignore[typeddict-item]

    def account(self, path: str, value: str) -> None:
        """Something of the platform's own account, by its place in the JSON."""
        self.treasury.stripe.raw("GET", "/v1/account")
        change = (
            "update stripe_sandbox.object set body = jsonb_set(body, cast(:path as text[]), cast(:value as jsonb)) where kind = 'platform'"
        )
        self.execute(change, path="{" + path + "}", value=value)

    def identity(self, domain: str) -> None:
        self.execute("delete from sendgrid_sandbox.identity")
        self.execute("insert into sendgrid_sandbox.identity (kind, name, valid) values ('domain', :name, true)", name=domain)

    @property
    def webhook(self) -> str:
        """The id of our event webhook."""
        return str(self.hooks.all.get().to_dict["webhooks"][0]["id"])

    def an_hour_passes(self) -> None:
        """Every event is an hour older."""
        self.execute(
            "update stripe_sandbox.object set body = jsonb_set(body, '{created}', to_jsonb((body ->> 'created')::bigint - 3600)) "
            "where kind = 'event'"
        )

    def execute(self, statement: str, **values: str) -> None:
        with self.treasury.stripe.engine.begin() as connection:
            connection.execute(text(statement), values)


def found(*options: str) -> list[str]:
    """The codes of what is wrong, and that the command ends accordingly."""
    said = run("providers", "check", *options)
    codes = re.findall(r"^wrong +(\w+):", said.output, re.MULTILINE)
    assert said.exit_code == (1 if codes else 0), said.output
    return codes


def test_nothing_is_wrong_with_what_was_set_up(ready: Ready) -> None:
    assert found() == []
    assert "--email-to" in run("providers", "check").output


Plant = Callable[[Ready], object]
PLANTED: Mapping[str, Plant] = {
    "endpoint_missing_platform": lambda at: at.endpoints.delete(at.endpoint(EventOrigin.PLATFORM)),
    "endpoint_missing_connect": lambda at: at.endpoints.delete(at.endpoint(EventOrigin.CONNECT)),
    "endpoint_disabled_connect": lambda at: at.endpoints.update(at.endpoint(EventOrigin.CONNECT), {"disabled": True}),
    "endpoint_events_platform": lambda at: at.endpoints.update(at.endpoint(EventOrigin.PLATFORM), {"enabled_events": ["invoice.paid"]}),
    "endpoint_version_platform": lambda at: at.replace(EventOrigin.PLATFORM, api_version="2024-06-20"),
    "endpoint_side_connect": lambda at: at.replace(EventOrigin.CONNECT, connect=False, metadata={"callboard": "platform"}),
    "endpoint_twice_platform": lambda at: at.endpoints.create(
        {"url": settings().loopback + EventOrigin.PLATFORM.path, "enabled_events": ["*"]}
    ),
    "capabilities": lambda at: at.account("capabilities,transfers", '"inactive"'),
    "bank_transfers": lambda at: at.account("capabilities,us_bank_transfer_payments", '"pending"'),
    "payouts": lambda at: at.account("payouts_enabled", "false"),
    "schedule": lambda at: at.account("settings,payouts,schedule,interval", '"daily"'),
    "currency": lambda at: at.account("default_currency", '"isk"'),
    "currencies": lambda at: at.treasury.stripe.bank_in("usd", "eur"),
    "country": lambda at: at.account("country", '"JP"'),
    "countries": lambda at: at.execute(
        "update provider_reach set (since, fetched_at) = (since - interval '9 days', since - interval '4 days')"
    ),
    "webhook_missing": lambda at: at.hooks._(at.webhook).delete(),
    "webhook_disabled": lambda at: at.hooks._(at.webhook).patch(request_body={"enabled": False}),
    "webhook_unsigned": lambda at: at.hooks.signed._(at.webhook).patch(request_body={"enabled": False}),
    "webhook_events": lambda at: at.hooks._(at.webhook).patch(request_body={"bounce": False}),
    "group_missing": lambda at: at.groups._(at.groups.get().to_dict[0]["id"]).delete(),
    "sendgrid_permissions": lambda at: at.execute("insert into sendgrid_sandbox.taken_scope values ('user.scheduled_sends.delete')"),
    "sender_unverified": lambda at: at.identity("other.example"),
    "stripe": lambda at: at.treasury.line.faults.append(("/v1/account", "429")),
    "stripe_permissions": lambda at: at.treasury.line.faults.append(("/v1/disputes", "403")),
}  # fmt: skip


@pytest.mark.parametrize("code", PLANTED)
def test_each_thing_that_is_wrong_is_found_alone(ready: Ready, code: str) -> None:
    PLANTED[code](ready)
    assert found() == [code]


@pytest.mark.parametrize(
    ("code", "setting", "value"),
    [("stripe_secrets", "STRIPE_WEBHOOK_SECRET", "whsec_1"), ("webhook_key", "SENDGRID_WEBHOOK_PUBLIC_KEY", "another")],
)
def test_a_setting_that_does_not_fit_is_found(ready: Ready, monkeypatch: pytest.MonkeyPatch, code: str, setting: str, value: str) -> None:
    monkeypatch.setenv(setting, value)
    settings.cache_clear()
    assert found() == [code]
    monkeypatch.delenv(setting)
    settings.cache_clear()


def test_whoever_says_in_which_currencies_campaigns_may_be_is_believed(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.treasury.stripe.bank_in("usd")
    assert "wrong currencies: Campaigns may be in EUR, GBP, and Stripe names no bank account" in words(run("providers", "check"))
    monkeypatch.setenv("CALLBOARD_CURRENCIES", "USD, eur")
    settings.cache_clear()
    assert (found(), payable_currencies(LAUNCH)) == ([], ["EUR", "USD"])
    monkeypatch.delenv("CALLBOARD_CURRENCIES")
    settings.cache_clear()


def test_where_stripe_sends_money_is_found_when_it_was_asked_for_too_long_ago_and_asked_for_on_the_way(ready: Ready) -> None:
    ready.execute("update provider_reach set fetched_at = fetched_at - interval '4 days', since = since - interval '4 days'")
    said = words(run("providers", "check"))
    assert "wrong countries: Stripe was last asked on" in said
    assert found() == [], "it was asked just now"
    ready.execute("delete from provider_reach")
    assert "calls used the table of 2025-06-30 that ships with Callboard" in words(run("providers", "check"))


def test_an_event_of_the_other_mode_is_found(ready: Ready) -> None:
    for number, is_live in enumerate((True, False)):
        with unit_of_work() as session:
            receive(session, "stripe", f"evt_{number}", "invoice.paid", {"id": f"evt_{number}", "livemode": is_live})
        assert found() == (["mode"] if is_live else [])


def test_a_test_event_of_an_account_says_nothing_of_the_key(ready: Ready) -> None:
    with unit_of_work() as session:
        receive(session, "stripe", "evt_1", "account.updated", {"id": "evt_1", "livemode": True, "account": "acct_1"})
    assert found() == []


def test_events_in_another_version_and_events_that_had_to_be_fetched_are_found_by_side(ready: Ready) -> None:
    with unit_of_work() as session:
        for number, version, is_fetched in ((1, "2024-06-20", False), (2, API_VERSION, False), (3, "2024-06-20", True)):
            event = {"id": f"evt_{number}", "livemode": False, "api_version": version}
            receive(session, "stripe", f"evt_{number}", "invoice.paid", event, is_fetched=is_fetched)
        session.execute(text("update inbox set received_at = now() - interval '1 hour'"))
    assert found() == ["event_version_platform", "fetched_platform"]
    with unit_of_work() as session:
        session.execute(text("update inbox set received_at = now() - interval '2 days'"))
    assert found() == []


def test_a_fetched_event_does_not_prove_that_webhooks_come(fresh_database: str) -> None:
    for is_fetched in (True, False):
        with unit_of_work() as session:
            receive(session, "stripe", "evt_1", "invoice.paid", {"id": "evt_1"}, is_fetched=is_fetched)
        assert _has_come("evt_1") is not is_fetched


def test_a_key_that_is_not_secret_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "pk_live_1")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_1,whsec_2")
    settings.cache_clear()
    assert [each.code for each in _of_settings()] == ["stripe_key"]
    monkeypatch.undo()
    settings.cache_clear()


def test_an_endpoint_made_by_hand_for_the_wrong_side_is_found_by_what_did_not_come(ready: Ready) -> None:
    ready.replace(EventOrigin.CONNECT, connect=False)
    ana = ready.treasury.person()
    ready.treasury.open_account(ana)
    ready.treasury.submit(ana)
    assert found() == [], "it may be on its way"
    ready.an_hour_passes()
    assert found() == ["delivery_connect"]


def test_an_event_that_nobody_took_is_found(ready: Ready) -> None:
    ready.treasury.stripe.invoice()
    ready.an_hour_passes()
    assert found() == ["delivery_platform"]


def test_an_email_to_oneself_proves_that_mail_goes_out_and_its_event_comes_back(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as posts:
        assert found("--email-to", "me@example.org") == []
        assert found("--email-to", "bounce@example.net") == ["email_undelivered"]
    assert posts
    monkeypatch.setattr(providers, "WORD_COMES_WITHIN", timedelta(seconds=1))
    assert found("--email-to", "me@example.org") == ["email_unheard"]
    assert run("providers", "check", "--email-to", "nobody").exit_code == 2


def test_what_a_person_does_in_the_dashboards_is_listed_though_nothing_is_wrong(ready: Ready) -> None:
    assert by_hand(run("providers", "check")) == in_dashboards()


def test_an_account_that_stripe_does_not_show_us_hides_nothing_of_the_others(ready: Ready) -> None:
    ana, ben = (ready.treasury.person(), ready.treasury.person())
    for each in (ana, ben):
        ready.treasury.open_account(each)
    ready.treasury.submit(ana)
    with unit_of_work() as session:
        session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == ben.person)).one().provider_id = "acct_elsewhere"
    ready.an_hour_passes()
    assert found() == ["delivery_connect"]


def test_a_change_at_stripe_proves_that_the_events_of_both_sides_come(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening_api(settings().port), relaying():
        assert unheard(ready, monkeypatch) == []
        ready.endpoints.update(ready.endpoint(EventOrigin.CONNECT), {"enabled_events": ["capability.updated"]})
        assert unheard(ready, monkeypatch) == ["event_unheard_connect"]
    assert unheard(ready, monkeypatch) == ["event_unheard_platform", "event_unheard_connect"]
    monkeypatch.setattr(providers, "WORD_COMES_WITHIN", timedelta(seconds=1))
    said = run("providers", "check", "--events")
    found = re.findall(r"^wrong  (event_unheard\w+)", said.output, re.MULTILINE)
    assert (said.exit_code, found) == (1, ["event_unheard_platform", "event_unheard_connect"])
    invoices, customers = ready.treasury.stripe.client.v1.invoices, ready.treasury.stripe.client.v1.customers
    assert (invoices.list().data, [each.name for each in customers.list().data if each.name == NAME]) == ([], [])
    assert ready.treasury.stripe.client.v1.accounts.list().data == []


def unheard(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", ",".join(ready.secrets))
    settings.cache_clear()
    return [each.code for each in try_events(StripeGateway.configured(), within=timedelta(seconds=8))]


@contextmanager
def relaying() -> Iterator[None]:
    """A relay at work."""
    stop = Event()
    thread = Thread(target=relay.run, args=(stop,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(20)


def test_no_secret_is_said(ready: Ready) -> None:
    ready.replace(EventOrigin.CONNECT, connect=False, metadata={"callboard": "platform"})
    said = run("providers", "check").output
    secrets = [*settings().stripe_webhook_secrets, settings().stripe_key, settings().sendgrid_key]
    assert [secret for secret in secrets if secret in said] == []
    sender.cache_clear()
