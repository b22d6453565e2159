import base64
import json
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from python_http_client.exceptions import BadRequestsError, NotFoundError
from sqlalchemy import text

from campaigns.core import clock
from notifications.sendgrid_sender import BadSignature, sender, signed_events
from sandbox.sendgrid.webhook import SIGNATURE, TIMESTAMP, signing_key
from tests.postroom import emails_to, listening, wait_for
from workers.transactions import unit_of_work

LISTS = ("bounces", "blocks", "spam_reports", "unsubscribes", "invalid_emails")


def write_to(sdk: Any, *addresses: str, **more: Any) -> None:
    sdk.mail.send.post(
        request_body={
            "personalizations": [{"to": [{"email": address}], "custom_args": {"mid": str(n)}} for n, address in enumerate(addresses)],
            "from": {"email": "callboard@example.org"},
            "subject": "Hello",
            "content": [{"type": "text/plain", "value": "Hi"}],
        }
        | more
    )


def test_events_are_posted_signed_with_the_ids_that_the_mail_carried(sdk: Any) -> None:
    with listening() as posts:
        write_to(sdk, "ada@example.org", "bounce@example.net", "spam@example.net", "invalid@example.net", "deferred@example.net")
        wait_for(lambda: sum(map(len, posts)) == 11)
    told = [(event["mid"], event["event"]) for post in posts for event in post]
    assert told == [
        ("0", "processed"), ("0", "delivered"), ("1", "processed"), ("1", "bounce"), ("2", "processed"), ("2", "delivered"),
        ("2", "spamreport"), ("3", "dropped"), ("4", "processed"), ("4", "deferred"), ("4", "delivered"),
    ]  # fmt: skip
    assert len({event["sg_event_id"] for post in posts for event in post}) == 11


def test_events_wait_until_somebody_takes_them(sdk: Any, beyond: str) -> None:
    write_to(sdk, "ada@example.org")
    wait_for(lambda: emails_to(beyond))
    with listening() as posts:
        wait_for(lambda: sum(map(len, posts)) == 2, seconds=20)


def test_who_bounced_complained_or_left_is_on_a_list_and_gets_no_more(sdk: Any, beyond: str) -> None:
    addresses = ["bounce@example.net", "blocked@example.net", "spam@example.net", "unsubscribe@example.net", "invalid@example.net"]
    write_to(sdk, *addresses)
    wait_for(lambda: len(emails_to(beyond)) == 2)
    lists = {name: [one["email"] for one in sdk.suppression._(name).get().to_dict] for name in LISTS}
    assert lists == dict(zip(LISTS, [[address] for address in addresses], strict=True))
    group = sdk.asm.groups.post(request_body={"name": "Open calls", "description": "New calls."}).to_dict
    sdk.asm.groups._(group["id"]).suppressions.post(request_body={"recipient_emails": ["ada@example.org"]})
    write_to(sdk, *addresses, "ada@example.org", "grace@example.org", asm={"group_id": group["id"]})
    wait_for(lambda: emails_to(beyond, "grace@example.org"))
    assert [email["address"] for email in emails_to(beyond)] == ["grace@example.org", "unsubscribe@example.net", "spam@example.net"]


def test_a_suppression_can_be_lifted_and_bypassed(sdk: Any, beyond: str) -> None:
    sdk.asm.suppressions._("global").post(request_body={"recipient_emails": ["ada@example.org"]})
    assert sdk.asm.suppressions._("global")._("ada@example.org").get().to_dict == {"recipient_email": "ada@example.org"}
    write_to(sdk, "ada@example.org", mail_settings={"bypass_unsubscribe_management": {"enable": True}})
    wait_for(lambda: emails_to(beyond, "ada@example.org"))
    assert sdk.asm.suppressions._("global")._("ada@example.org").delete().status_code == 204
    assert sdk.asm.suppressions._("global")._("ada@example.org").get().to_dict == {}
    with pytest.raises(NotFoundError):
        sdk.suppression.bounces._("ada@example.org").delete()


def test_groups_are_kept_under_names_of_their_own(sdk: Any) -> None:
    group = sdk.asm.groups.post(request_body={"name": "Your work", "description": "Money."}).to_dict
    assert sdk.asm.groups.get().to_dict == [group]
    with pytest.raises(BadRequestsError):
        sdk.asm.groups.post(request_body={"name": "Your work", "description": "Again."})
    changed = sdk.asm.groups._(group["id"]).patch(request_body={"name": "Contribution"}).to_dict
    assert changed == group | {"name": "Contribution"}
    assert sdk.asm.groups._(group["id"]).delete().status_code == 204
    with pytest.raises(NotFoundError):
        sdk.asm.groups._(group["id"]).get()


def test_a_post_that_is_old_forged_or_unreadable_is_not_believed(beyond: str) -> None:
    now = clock.process_now()
    stamp = str(int(now.timestamp()))
    for signature in ("junk!", base64.b64encode(b"junk").decode()):
        with pytest.raises(BadSignature):
            signed_events(b"[]", signature, stamp, now=now)
    with pytest.raises(BadSignature):
        signed_events(b"[]", "", "yesterday", now=now)
    assert len(sender().webhook_key) > 100


def test_a_genuine_post_is_believed_as_long_as_sendgrid_repeats_it(beyond: str) -> None:
    now = clock.process_now()
    stamp = str(int(now.timestamp()))
    with unit_of_work() as session:
        key = signing_key(session.connection())
    signature = base64.b64encode(key.sign(stamp.encode() + b"[]", ec.ECDSA(hashes.SHA256()))).decode()
    for later in (timedelta(minutes=-4), timedelta(), timedelta(minutes=6), timedelta(hours=24, minutes=30)):
        assert signed_events(b"[]", signature, stamp, now=now + later) == []
    for body, later in ((b"[ ]", timedelta()), (b"[]", timedelta(hours=25, minutes=1)), (b"[]", timedelta(minutes=-6))):
        with pytest.raises(BadSignature):
            signed_events(body, signature, stamp, now=now + later)


def has_more(posts: Sized, than: int) -> bool:
    return len(posts) > than


def test_a_post_that_is_repeated_carries_the_same_events_and_the_first_timestamp(sdk: Any) -> None:
    with heard_at(status=500) as (url, posts):
        hooks = sdk.user.webhooks.event.settings
        made = hooks.post(request_body={"url": url, "enabled": True, "bounce": True, "processed": True}).to_dict
        hooks.signed._(made["id"]).patch(request_body={"enabled": True})
        write_to(sdk, "bounce@example.net")
        wait_for(lambda: posts)
        first = time.time()
        write_to(sdk, "ada@example.org")
        for _each in range(3):
            wait_for(lambda: time.time() > first + 1.1)
            with unit_of_work() as session:
                session.execute(text("update sendgrid_sandbox.event set due_at = now() where attempts > 0"))
            wait_for(partial(has_more, posts, len(posts)))
    same = [(headers[TIMESTAMP], json.loads(body)) for headers, body in posts if b'"bounce"' in body]
    assert len(same) > 1
    assert all(each == same[0] for each in same)
    assert int(same[0][0]) <= first


def test_what_an_endpoint_does_not_know_is_refused_by_its_name(sdk: Any) -> None:
    batch = sdk.mail.batch.post().to_dict["batch_id"]
    refused: dict[str, Callable[[], object]] = {
        "page": lambda: sdk.suppression.bounces.get(query_params={"limit": 5, "page": 2}),
        "reason": lambda: sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel", "reason": "Late."}),
        "emails": lambda: sdk.asm.suppressions._("global").post(request_body={"emails": ["ada@example.org"]}),
    }
    for name, call in refused.items():
        with pytest.raises(BadRequestsError) as refusal:
            call()
        assert [error["field"] for error in json.loads(refusal.value.body)["errors"]] == [name]
    assert (sdk.user.scheduled_sends.get().to_dict, sdk.suppression.unsubscribes.get().to_dict) == ([], [])


ALL = ("processed", "deferred", "delivered", "bounce", "dropped", "spam_report", "unsubscribe", "group_unsubscribe", "group_resubscribe")


def test_an_event_webhook_hears_what_it_asked_for_and_signs_once_it_is_told_to(sdk: Any) -> None:
    hooks = sdk.user.webhooks.event.settings
    with listening() as own, heard_at() as (url, posts):
        made = hooks.post(request_body={"url": url, "enabled": True, "bounce": True, "friendly_name": "Ours"}).to_dict
        write_to(sdk, "bounce@example.net")
        wait_for(lambda: posts and own)
        key = hooks.signed._(made["id"]).patch(request_body={"enabled": True}).to_dict["public_key"]
        write_to(sdk, "bounce@example.net", "b2@example.org")
        hooks._(made["id"]).patch(request_body={"enabled": False})
        listed = {each["id"]: each for each in hooks.all.get().to_dict["webhooks"]}
    assert [(event["event"], SIGNATURE in headers) for headers, body in posts for event in json.loads(body)][:1] == [("bounce", False)]
    assert (made["friendly_name"], made["bounce"], made["delivered"], listed[made["id"]]["enabled"]) == ("Ours", True, False, False)
    assert listed[made["id"]]["public_key"] == key != ""
    assert len({each["public_key"] for each in listed.values()}) == 2
    assert hooks.signed._(made["id"]).patch(request_body={"enabled": False}).to_dict["public_key"] == ""


def test_at_first_there_is_the_installations_own_webhook_which_signs_and_hears_everything(sdk: Any) -> None:
    hooks = sdk.user.webhooks.event.settings
    (own,) = hooks.all.get().to_dict["webhooks"]
    assert (own["enabled"], [name for name in ALL if not own[name]]) == (True, [])
    assert own["url"].endswith("/webhooks/sendgrid")
    assert own["public_key"] == hooks.signed.get().to_dict["public_key"] == sender().webhook_key
    hooks._(own["id"]).delete()
    assert hooks.all.get().to_dict["webhooks"] == []
    with pytest.raises(NotFoundError):
        hooks._(own["id"]).get()


@pytest.mark.parametrize(
    "wrong", [{}, {"url": "nowhere"}, {"url": "http://a.example", "opened": True}, {"url": "http://a.example", "bounce": "yes"}]
)
def test_an_event_webhook_is_made_only_as_sendgrid_makes_one(sdk: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequestsError):
        sdk.user.webhooks.event.settings.post(request_body=wrong)


def test_two_event_webhooks_never_share_an_address(sdk: Any) -> None:
    hooks = sdk.user.webhooks.event.settings
    hooks.post(request_body={"url": "http://a.example", "enabled": False})
    other = hooks.post(request_body={"url": "http://b.example", "enabled": False}).to_dict
    with pytest.raises(BadRequestsError):
        hooks.post(request_body={"url": "http://a.example"})
    with pytest.raises(BadRequestsError):
        hooks._(other["id"]).patch(request_body={"url": "http://a.example"})


@contextmanager
def heard_at(status: int = 204) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Another listener: its address, and what was posted to it with which headers."""
    posts: list[tuple[dict[str, str], bytes]] = []

    class Receiving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests need no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiving) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/events", posts
        server.shutdown()
