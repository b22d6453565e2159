"""Posts that say they come from Stripe or SendGrid: unsigned, signed by another, old, or sent again."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from campaigns.core import clock
from campaigns.core.inbox import Received
from campaigns.core.outbox import OutboxMessage
from campaigns.core.settings import SANDBOX_WEBHOOK_SECRETS, settings
from notifications.sendgrid_sender import sender
from workers.transactions import unit_of_work

STRIPE = "/webhooks/stripe"
SENDGRID = "/webhooks/sendgrid"
SECRET = "whsec_of_our_own"
Signed = Callable[[bytes, int], dict[str, str]]


@dataclass(frozen=True)
class Provider:
    """One that posts to us: where, what, how it signs a body that is so many seconds old, and for how long it repeats one."""

    path: str
    event: bytes
    sign: Signed
    repeats_for: int


def signed_by(secret: str) -> Signed:
    def sign(body: bytes, age: int) -> dict[str, str]:
        stamp = str(int(clock.process_now().timestamp()) - age)
        right = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={stamp},v1={right}"}

    return sign


def signed_with(key: ec.EllipticCurvePrivateKey) -> Signed:
    def sign(body: bytes, age: int) -> dict[str, str]:
        stamp = str(int(clock.process_now().timestamp()) - age)
        name = "X-Twilio-Email-Event-Webhook-"
        signature = key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {f"{name}Signature": base64.b64encode(signature).decode(), f"{name}Timestamp": stamp}

    return sign


@pytest.fixture
def providers(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Provider]]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.of.our.own")
    monkeypatch.setenv("SENDGRID_WEBHOOK_PUBLIC_KEY", base64.b64encode(public).decode())
    settings.cache_clear()
    sender.cache_clear()
    updated = json.dumps({"id": "evt_1", "type": "account.updated", "data": {}}).encode()
    delivered = json.dumps([{"sg_event_id": "1", "event": "delivered", "email": "a@example.org"}]).encode()
    yield [Provider(STRIPE, updated, signed_by(SECRET), 300), Provider(SENDGRID, delivered, signed_with(key), 25 * 3600)]
    monkeypatch.undo()
    settings.cache_clear()
    sender.cache_clear()


@pytest.fixture
def client() -> TestClient:
    return TestClient(make_app(), base_url="https://testserver")


def kept() -> tuple[int, int]:
    """How many events are kept, and how many of them are enqueued to be looked into."""
    with unit_of_work() as session:
        counted = select(func.count()).select_from(Received), select(func.count()).select_from(OutboxMessage)
        return session.scalars(counted[0]).one(), session.scalars(counted[1]).one()


def test_what_a_provider_signed_just_now_is_kept_once_however_often_it_is_sent_again(client: TestClient, providers: list[Provider]) -> None:
    for provider in providers:
        headers = provider.sign(provider.event, 0)
        again = provider.sign(provider.event, provider.repeats_for - 60)
        told = [client.post(provider.path, content=provider.event, headers=given).status_code for given in (headers, headers, again)]
        assert (provider.path, told) == (provider.path, [204, 204, 204])
    assert kept() == (2, 2)


def test_nothing_else_is_kept(client: TestClient, providers: list[Provider]) -> None:
    stripe, sendgrid = providers
    other = signed_with(ec.generate_private_key(ec.SECP256R1()))
    forged = [
        *((each, each.event, {}) for each in providers),
        *((each, each.event, each.sign(each.event, age)) for each in providers for age in (each.repeats_for + 2, -360, 10**6)),
        *((each, each.event + b" ", each.sign(each.event, 0)) for each in providers),
        *((each, b"", each.sign(each.event, 0)) for each in providers),
        *((each, each.event, dict.fromkeys(each.sign(each.event, 0), b"\xff")) for each in providers),
        (stripe, stripe.event, sendgrid.sign(stripe.event, 0)),
        (sendgrid, sendgrid.event, stripe.sign(sendgrid.event, 0)),
        (stripe, stripe.event, signed_by("")(stripe.event, 0)),
        (stripe, stripe.event, signed_by(SANDBOX_WEBHOOK_SECRETS[0])(stripe.event, 0)),
        (sendgrid, sendgrid.event, other(sendgrid.event, 0)),
    ]
    answers = [client.post(each.path, content=body, headers=headers) for each, body, headers in forged]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "UnsignedWebhook")}
    assert kept() == (0, 0)


def test_what_a_provider_signed_and_nobody_can_read_breaks_nothing(client: TestClient, providers: list[Provider]) -> None:
    for provider in providers:
        for body in (b"", b"{", b"[]", b"null", b"[1]", b'{"id": 1}', b'"\\ud800"', b"[" * 10_000):
            answer = client.post(provider.path, content=body, headers=provider.sign(body, 0))
            assert (provider.path, body[:20], answer.status_code < 500) == (provider.path, body[:20], True)
