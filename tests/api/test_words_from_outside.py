"""What comes from outside without a sign-in: providers' words, and the click that ends announcements."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import make_app
from campaigns.core import clock
from campaigns.core.inbox import Received
from campaigns.core.settings import settings
from workers.transactions import unit_of_work

EVENT = {"id": "evt_1", "type": "account.updated", "data": {}}


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with TestClient(make_app(), base_url="https://testserver") as client:
        yield client


def signed(body: bytes, age: int = 0) -> dict[str, str]:
    stamp = str(int(clock.process_now().timestamp()) - age)
    right = hmac.new(settings().stripe_webhook_secrets[0].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={right}"}


def kept() -> int:
    with unit_of_work() as session:
        return session.execute(select(func.count()).select_from(Received)).scalar_one()


def test_an_event_of_stripes_is_kept_once_however_often_it_comes(client: TestClient) -> None:
    body = json.dumps(EVENT).encode()
    answers = [client.post("/webhooks/stripe", content=body, headers=signed(body)).status_code for _time in range(2)]
    assert (answers, kept()) == ([204, 204], 1)


def test_what_one_endpoint_hears_of_the_other_side_is_refused_and_said(client: TestClient) -> None:
    connected = json.dumps(EVENT | {"account": "acct_1"}).encode()
    for path, body in (("/webhooks/stripe", connected), ("/webhooks/stripe/connect", json.dumps(EVENT).encode())):
        answer = client.post(path, content=body, headers=signed(body))
        assert (answer.status_code, answer.json()["code"], kept()) == (400, "OtherSide", 0)
    assert client.post("/webhooks/stripe/connect", content=connected, headers=signed(connected)).status_code == 204
    assert kept() == 1


@pytest.mark.parametrize("wrong", ["unsigned", "malformed", "of another body", "old"])
def test_an_event_that_stripe_did_not_sign_just_now_is_refused(client: TestClient, wrong: str) -> None:
    body = json.dumps(EVENT).encode()
    headers = {
        "unsigned": {},
        "malformed": {"Stripe-Signature": "t=1,v1=00"},
        "of another body": signed(b"{}"),
        "old": signed(body, age=600),
    }[wrong]
    answer = client.post("/webhooks/stripe", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"], kept()) == (400, "UnsignedWebhook", 0)


def test_a_batch_that_sendgrid_did_not_sign_is_refused(client: TestClient) -> None:
    answer = client.post("/webhooks/sendgrid", content=b"[]")
    assert (answer.status_code, answer.json()["code"], kept()) == (400, "UnsignedWebhook", 0)


def test_a_link_that_is_not_ours_unsubscribes_nobody(client: TestClient) -> None:
    page = client.get("/unsubscribe/whatever")
    assert (page.status_code, '<form method="post" action="/unsubscribe/whatever">' in page.text) == (200, True)
    answer = client.post("/unsubscribe/whatever")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "This link is not one of ours or is incomplete; use the whole link from the email.",
    )
