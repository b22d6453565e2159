import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from python_http_client.exceptions import BadRequestsError, NotFoundError

from api.sandbox.sendgrid.webhook import signing_key
from campaigns.core import clock
from campaigns.core.db import unit_of_work
from notifications.sendgrid_sender import BadSignature, sender, signed_events
from tests.postroom import letters_to, listening, wait_for

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
    wait_for(lambda: letters_to(beyond))
    with listening() as posts:
        wait_for(lambda: sum(map(len, posts)) == 2, seconds=20)


def test_who_bounced_complained_or_left_is_on_a_list_and_gets_no_more(sdk: Any, beyond: str) -> None:
    addresses = ["bounce@example.net", "blocked@example.net", "spam@example.net", "unsubscribe@example.net", "invalid@example.net"]
    write_to(sdk, *addresses)
    wait_for(lambda: len(letters_to(beyond)) == 2)
    lists = {name: [one["email"] for one in sdk.suppression._(name).get().to_dict] for name in LISTS}
    assert lists == dict(zip(LISTS, [[address] for address in addresses], strict=True))
    group = sdk.asm.groups.post(request_body={"name": "Open calls", "description": "New calls."}).to_dict
    sdk.asm.groups._(group["id"]).suppressions.post(request_body={"recipient_emails": ["ada@example.org"]})
    write_to(sdk, *addresses, "ada@example.org", "grace@example.org", asm={"group_id": group["id"]})
    wait_for(lambda: letters_to(beyond, "grace@example.org"))
    assert [letter["address"] for letter in letters_to(beyond)] == ["grace@example.org", "unsubscribe@example.net", "spam@example.net"]


def test_a_suppression_can_be_lifted_and_bypassed(sdk: Any, beyond: str) -> None:
    sdk.asm.suppressions._("global").post(request_body={"recipient_emails": ["ada@example.org"]})
    assert sdk.asm.suppressions._("global")._("ada@example.org").get().to_dict == {"recipient_email": "ada@example.org"}
    write_to(sdk, "ada@example.org", mail_settings={"bypass_unsubscribe_management": {"enable": True}})
    wait_for(lambda: letters_to(beyond, "ada@example.org"))
    assert sdk.asm.suppressions._("global")._("ada@example.org").delete().status_code == 204
    assert sdk.asm.suppressions._("global")._("ada@example.org").get().to_dict == {}
    with pytest.raises(NotFoundError):
        sdk.suppression.bounces._("ada@example.org").delete()


def test_groups_are_kept_under_names_of_their_own(sdk: Any) -> None:
    group = sdk.asm.groups.post(request_body={"name": "Your work", "description": "Money."}).to_dict
    assert sdk.asm.groups.get().to_dict == [group]
    with pytest.raises(BadRequestsError):
        sdk.asm.groups.post(request_body={"name": "Your work", "description": "Again."})
    changed = sdk.asm.groups._(group["id"]).patch(request_body={"name": "Work"}).to_dict
    assert changed == group | {"name": "Work"}
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


def test_a_genuine_post_is_believed_for_five_minutes(beyond: str) -> None:
    now = clock.process_now()
    stamp = str(int(now.timestamp()))
    with unit_of_work() as session:
        key = signing_key(session.connection())
    signature = base64.b64encode(key.sign(stamp.encode() + b"[]", ec.ECDSA(hashes.SHA256()))).decode()
    assert signed_events(b"[]", signature, stamp, now=now + timedelta(minutes=4)) == []
    for body, at in ((b"[ ]", now), (b"[]", now + timedelta(minutes=6))):
        with pytest.raises(BadSignature):
            signed_events(body, signature, stamp, now=at)


def test_what_an_endpoint_does_not_know_is_refused_by_its_name(sdk: Any) -> None:
    batch = sdk.mail.batch.post().to_dict["batch_id"]
    refused = {
        "page": lambda: sdk.suppression.bounces.get(query_params={"limit": 5, "page": 2}),
        "reason": lambda: sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel", "reason": "Late."}),
        "emails": lambda: sdk.asm.suppressions._("global").post(request_body={"emails": ["ada@example.org"]}),
    }
    for name, call in refused.items():
        with pytest.raises(BadRequestsError) as refusal:
            call()
        assert [error["field"] for error in json.loads(refusal.value.body)["errors"]] == [name]
    assert (sdk.user.scheduled_sends.get().to_dict, sdk.suppression.unsubscribes.get().to_dict) == ([], [])
