"""A post counts as Stripe's only with its signature, on the raw bytes, made just now."""

import json
from datetime import datetime, timedelta

import pytest
import stripe

from campaigns.core import clock
from campaigns.core.inbox import VerifiedEvent
from campaigns.core.settings import SANDBOX_WEBHOOK_SECRETS, settings
from campaigns.payments.webhooks import verified

EVENT = {"id": "evt_1", "type": "account.updated", "data": {"object": {"object": "account", "id": "acct_1"}}}
BODY = json.dumps(EVENT).encode()
NOT = ("", "whsec_platform,whsec_connect", "whsec_other", *SANDBOX_WEBHOOK_SECRETS)


def sign(body: bytes = BODY, secret: str = SANDBOX_WEBHOOK_SECRETS[0], at: datetime | None = None) -> str:
    """The header as Stripe's own library makes it."""
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int((at or clock.process_now()).timestamp())))


def test_what_stripe_signed_just_now_is_believed() -> None:
    assert verified(BODY, sign(), at=clock.process_now()) == VerifiedEvent("evt_1", "account.updated", EVENT)


def test_while_the_secret_is_being_changed_one_right_signature_is_enough() -> None:
    at = clock.process_now()
    both = f"{sign(secret='whsec_new', at=at)},{sign(at=at).split(',')[1]}"
    assert verified(BODY, both, at=at) == VerifiedEvent("evt_1", "account.updated", EVENT)


@pytest.mark.parametrize("between", [",", " ", ", ", "\n"])
def test_any_of_several_secrets_is_enough_and_no_other(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", between.join(["whsec_platform", "whsec_connect", "whsec_connect_before"]))
    settings.cache_clear()
    at = clock.process_now()
    believed = {
        secret: verified(BODY, sign(secret=secret), at=at) is not None for secret in ("whsec_platform", "whsec_connect_before", *NOT)
    }
    assert believed == {"whsec_platform": True, "whsec_connect_before": True} | dict.fromkeys(NOT, False)
    assert "whsec" not in repr(settings())
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY + b" ", sign()),
        (BODY, sign(secret="whsec_other")),
        (BODY, sign().replace("v1=", "v0=")),
        (BODY, ""),
        (BODY, "t=,v1="),
        (BODY, "t=٣,v1=é"),
        (BODY, "t=99999999999999999999,v1=00"),
        (BODY, "nonsense"),
    ],
    ids=["one byte more", "another's secret", "an older scheme", "none", "empty", "not ascii", "no time", "nonsense"],
)
def test_anything_else_is_not(body: bytes, header: str) -> None:
    assert verified(body, header, at=clock.process_now()) is None


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=9000)])
def test_an_old_signature_is_not_believed_however_right(age: timedelta) -> None:
    at = clock.process_now()
    assert verified(BODY, sign(at=at - age), at=at) is None


def test_a_real_key_without_a_secret_beside_it_has_every_post_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
    settings.cache_clear()
    assert verified(BODY, sign(secret=""), at=clock.process_now()) is None
    monkeypatch.undo()
    settings.cache_clear()
