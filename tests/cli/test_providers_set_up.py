"""`callboard providers set-up`: what it makes at Stripe and SendGrid, what it leaves alone, and what it says once."""

import re
from typing import Any

import pytest
from typer.testing import Result

from campaigns.core.settings import settings
from campaigns.payments.stripe_gateway import API_VERSION
from notifications.event_webhook import HEARD as HEARD_OF_EMAILS
from sandbox.stripe.published import EVENT_TYPES
from tests.cli.both_providers import sdk, treasury
from tests.cli.test_commands import run, words
from tests.treasury import Treasury
from workers.provider.event_origins import EventOrigin
from workers.provider_events import HEARD

__all__ = ["sdk", "treasury"]


def at_stripe(treasury: Treasury) -> list[dict[str, Any]]:
    return [each.to_dict() for each in treasury.stripe.client.v1.webhook_endpoints.list().data]


def at_sendgrid(sdk: Any) -> tuple[Any, Any]:
    return sdk.user.webhooks.event.settings.all.get().to_dict["webhooks"], sdk.asm.groups.get().to_dict


def forget_own_webhook(sdk: Any) -> None:
    (own,) = at_sendgrid(sdk)[0]
    sdk.user.webhooks.event.settings._(own["id"]).delete()


def by_hand(said: Result) -> list[str]:
    """What a person is told to do, line by line."""
    return re.findall(r"^by hand +(.+)$", said.output, re.MULTILINE)


def in_dashboards() -> list[str]:
    """What no command does at a fresh installation."""
    return [
        "Stripe, Settings → Payouts: set the payout schedule to manual, or payouts to your bank take what you owe to artists.",
        "Stripe, Settings → Payment methods: turn on bank transfers, or invoices can be paid by card only.",
        "Stripe, Settings → Connect: fill in the platform profile and the branding that artists see on the form.",
        f"SendGrid, Settings → Sender Authentication: authenticate the domain of {settings().mail_from}.",
    ]


def test_without_apply_it_says_what_it_would_do_and_does_nothing(treasury: Treasury, sdk: Any) -> None:
    forget_own_webhook(sdk)
    said = run("providers", "set-up")
    assert (said.exit_code, at_stripe(treasury), at_sendgrid(sdk)) == (0, [], ([], []))
    home = settings().loopback
    for sentence in (
        f"would do Create an endpoint for the platform's own events at {home}/webhooks/stripe.",
        f"would do Create an endpoint for events of connected accounts at {home}/webhooks/stripe/connect.",
        f"would do Create a signed event webhook at {home}/webhooks/sendgrid.",
        "would do Create the unsubscribe group “Monday letter”.",
        "Nothing was changed. Run it again with --apply to do this.",
    ):
        assert sentence in words(said)
    assert "whsec_" not in words(said)


def test_it_makes_what_is_needed_says_each_secret_once_and_a_second_time_does_nothing(treasury: Treasury, sdk: Any) -> None:
    forget_own_webhook(sdk)
    said = run("providers", "set-up", "--apply")
    made, (webhooks, groups) = at_stripe(treasury), at_sendgrid(sdk)
    by_url = {each["url"].removeprefix(settings().loopback): each for each in made}
    assert {url: set(each["enabled_events"]) for url, each in by_url.items()} == {side.path: set(HEARD[side]) for side in EventOrigin}
    assert {each["api_version"] for each in made} == {API_VERSION}
    assert words(said).count("whsec_") == 2
    (webhook,) = webhooks
    assert (webhook["enabled"], {name for name in HEARD_OF_EMAILS if not webhook[name]}, webhook["open"]) == (True, set(), False)
    assert webhook["public_key"] in words(said).replace(" ", "")
    assert [each["name"] for each in groups] == ["Open calls", "Monday letter", "Your work"]
    again = run("providers", "set-up", "--apply")
    assert "Nothing is missing at Stripe or SendGrid." in words(again)
    assert ("whsec_" in words(again), at_stripe(treasury), at_sendgrid(sdk)) == (False, made, (webhooks, groups))


def test_the_connect_endpoint_hears_the_accounts(treasury: Treasury, sdk: Any) -> None:
    run("providers", "set-up", "--apply")
    account = treasury.stripe.account().id
    (event,) = treasury.stripe.client.v1.events.list(options={"stripe_account": account}).data
    assert event.pending_webhooks == 1


def test_what_has_gone_wrong_since_is_put_right_and_other_endpoints_are_left_alone(treasury: Treasury, sdk: Any) -> None:
    run("providers", "set-up", "--apply")
    client, hooks = treasury.stripe.client.v1.webhook_endpoints, sdk.user.webhooks.event.settings
    other = client.create({"url": "https://elsewhere.example/hook", "enabled_events": ["charge.failed"]})
    before = at_stripe(treasury)
    ours = next(each for each in before if each["url"].endswith("/webhooks/stripe"))
    client.update(ours["id"], {"enabled_events": ["invoice.paid"], "disabled": True})
    (webhook,), _groups = at_sendgrid(sdk)
    hooks._(webhook["id"]).patch(request_body={"bounce": False, "enabled": False})
    hooks.signed._(webhook["id"]).patch(request_body={"enabled": False})
    said = words(run("providers", "set-up", "--apply"))
    assert "done Enable the endpoint at" in said
    assert "webhooks/stripe to balance.available, charge.dispute.closed" in said
    assert "done Turn on signatures for the event webhook at" in said
    assert "done Send bounce to" in said
    after = at_stripe(treasury)
    assert [{**each, "enabled_events": sorted(each["enabled_events"])} for each in after] == [
        {**each, "enabled_events": sorted(each["enabled_events"])} for each in before
    ]
    assert client.retrieve(other.id).enabled_events == ["charge.failed"]
    (put_right,), _groups = at_sendgrid(sdk)
    assert (put_right["enabled"], put_right["bounce"], put_right["public_key"] != "") == (True, True, True)


def test_what_cannot_be_changed_is_replaced_and_its_new_secret_shown(treasury: Treasury, sdk: Any) -> None:
    client, home = treasury.stripe.client.v1.webhook_endpoints, settings().loopback
    at_platform, at_connect = home + EventOrigin.PLATFORM.path, home + EventOrigin.CONNECT.path
    marked: dict[str, str] = {"callboard": "platform"}
    old = [
        client.create({"url": at_platform, "api_version": "2024-06-20", "enabled_events": ["*"]}).id,
        client.create({"url": at_connect, "connect": False, "metadata": marked, "enabled_events": ["*"]}).id,
    ]
    dry = words(run("providers", "set-up"))
    assert {each["id"] for each in at_stripe(treasury)} == {*old}
    assert "would do Replace the endpoint at" in dry
    said = words(run("providers", "set-up", "--apply"))
    assert "uses version 2024-06-20" in said
    assert "was created for the other type of events" in said
    assert said.count("whsec_") == 2
    made = at_stripe(treasury)
    assert {each["url"].removeprefix(home): each["api_version"] for each in made} == {side.path: API_VERSION for side in EventOrigin}
    assert {each["id"] for each in made}.isdisjoint(old)
    assert "Nothing is missing at Stripe" in words(run("providers", "set-up", "--apply"))


def test_a_fresh_installation_is_told_what_a_person_does_and_again_each_time_though_all_else_is_done(treasury: Treasury, sdk: Any) -> None:
    forget_own_webhook(sdk)
    first, applied, again = (run("providers", "set-up", *options) for options in ((), ("--apply",), ()))
    assert [by_hand(each) for each in (first, applied, again)] == [in_dashboards()] * 3
    assert "Nothing is missing at Stripe or SendGrid." in words(again)


def test_a_person_says_which_of_two_endpoints_at_one_address_is_right_and_then_is_asked_no_more(treasury: Treasury, sdk: Any) -> None:
    client, url = treasury.stripe.client.v1.webhook_endpoints, settings().loopback + EventOrigin.CONNECT.path
    run("providers", "set-up", "--apply")
    other = client.create({"url": url, "connect": False, "enabled_events": ["*"]})
    two, before = f"2 endpoints post to {url}: delete all but one.", at_stripe(treasury)
    said = [run("providers", "set-up", *options) for options in ((), ("--apply",))]
    assert [by_hand(each) for each in said] == [[two, *in_dashboards()]] * 2
    assert [word in words(each) for each in said for word in ("Run it again", "several secrets")] == [False] * 4, "no command does it"
    assert at_stripe(treasury) == before, "neither is touched"
    client.delete(other.id)
    assert by_hand(run("providers", "set-up")) == in_dashboards()


def test_a_secret_is_shown_although_the_next_step_goes_wrong(treasury: Treasury, sdk: Any) -> None:
    forget_own_webhook(sdk)
    sdk.user.webhooks.event.settings.post(request_body={"url": f"{settings().loopback}/other", "enabled": False})
    for number in range(5):
        sdk.user.webhooks.event.settings.post(request_body={"url": f"https://full.example/{number}", "enabled": True})
    said = run("providers", "set-up", "--apply")
    assert (said.exit_code, words(said).count("whsec_")) == (2, 2)
    assert "SendGrid refused or failed" in words(said)


def test_a_lost_secret_is_replaced_on_request_alone(treasury: Treasury, sdk: Any) -> None:
    run("providers", "set-up", "--apply")
    before, url = {each["url"]: each["id"] for each in at_stripe(treasury)}, settings().loopback + EventOrigin.CONNECT.path
    dry = words(run("providers", "set-up", "--new-secret", "connect"))
    assert f"would do Replace the endpoint at {url}, whose secret is lost." in dry
    assert {each["url"]: each["id"] for each in at_stripe(treasury)} == before
    said = words(run("providers", "set-up", "--new-secret", "connect", "--apply"))
    assert (f"done Replace the endpoint at {url}, whose secret is lost." in said, said.count("whsec_")) == (True, 1)
    after = {each["url"]: each["id"] for each in at_stripe(treasury)}
    assert [at for at in before if after[at] != before[at]] == [url]
    assert "Nothing is missing at Stripe" in words(run("providers", "set-up", "--apply"))


def test_real_providers_are_given_no_address_that_they_cannot_reach(treasury: Treasury, sdk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
    settings.cache_clear()
    said = run("providers", "set-up")
    assert (said.exit_code, "CALLBOARD_PUBLIC_URL is http://localhost" in words(said)) == (2, True)
    monkeypatch.delenv("STRIPE_API_KEY")
    settings.cache_clear()


def test_every_event_that_is_asked_for_is_one_that_stripe_has() -> None:
    assert {name for names in HEARD.values() for name in names} <= set(EVENT_TYPES)
