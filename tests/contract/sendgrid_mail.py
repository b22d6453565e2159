"""SendGrid's v3 API, as far as emails, lists and the event webhook need it."""

import json
import time
from base64 import b64decode
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.contract.cases import sendgrid
from tests.contract.lines import Answer, SendgridLine
from tests.contract.sides import ADDRESS

NOT_HERE = "SendGrid posts to public addresses alone."
SIGNED = "x-twilio-email-event-webhook"
SEND = "/v3/mail/send"
ONE_CLICK = {"List-Unsubscribe": "<https://a.example/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
HOOKS = "/v3/user/webhooks/event/settings"
FLAGS = ("processed", "deferred", "delivered", "bounce", "dropped", "spam_report", "unsubscribe", "group_unsubscribe", "group_resubscribe")


def complaints(answer: Answer) -> list[dict[str, Any]]:
    """What is wrong, each with a message and the field that it is about."""
    found = answer.body["errors"]
    assert found
    assert all({"message", "field"} <= each.keys() for each in found)
    return list(found)


@sendgrid("api-reference/mail-send/mail-send", needs=ADDRESS)
def a_mail_is_taken_with_an_id_and_nothing_else(line: SendgridLine) -> None:
    """A mail that is right is answered 202, without a body and with the id of the message."""
    answer = line.ask("POST", SEND, line.mail(mail_settings={}))
    assert (answer.status, answer.body) == (202, None)
    assert answer.headers["x-message-id"]


@sendgrid("for-developers/sending-email/sandbox-mode")
def a_mail_in_sandbox_mode_is_checked_and_goes_nowhere(line: SendgridLine) -> None:
    """In sandbox mode a right mail is answered 200, and a wrong one as always."""
    assert line.ask("POST", SEND, line.mail()).status == 200
    assert line.ask("POST", SEND, line.mail(personalizations=[])).status == 400


@sendgrid("api-reference/mail-send/errors")
def a_mail_to_nobody_is_refused_by_its_field(line: SendgridLine) -> None:
    """A mail without a recipient is a 400 whose errors name the field."""
    answer = line.ask("POST", SEND, line.mail(personalizations=[{"to": []}]))
    assert answer.status == 400
    assert any(str(each["field"]).startswith("personalizations") for each in complaints(answer))


@sendgrid("for-developers/sending-email/sender-identity")
def a_mail_from_an_address_that_was_not_verified_is_refused(line: SendgridLine) -> None:
    """A mail from an address that is not verified, nor of an authenticated domain, is a 403 about its from."""
    answer = line.ask("POST", SEND, line.mail(**{"from": {"email": f"{uuid4().hex}@unverified.example"}}, mail_settings={}))
    assert (answer.status, [each["field"] for each in complaints(answer)]) == (403, ["from"])


@sendgrid("api-reference/mail-send/limitations")
def a_mail_goes_to_at_most_a_thousand(line: SendgridLine) -> None:
    """A request has at most a thousand recipients."""
    many = [{"to": [{"email": f"person{number}@example.org"}]} for number in range(1_001)]
    assert line.ask("POST", SEND, line.mail(personalizations=many)).status == 400


@sendgrid("api-reference/mail-send/limitations", only_here="A mail of 31 MB is not sent over a line that others pay for.")
def a_mail_above_thirty_megabytes_is_a_413(line: SendgridLine) -> None:
    """A mail above 30 MB is a 413 in the shape of every error."""
    answer = line.ask("POST", SEND, line.mail(content=[{"type": "text/plain", "value": "x" * 31 * 1024**2}]))
    assert answer.status == 413
    assert complaints(answer)


@sendgrid("api-reference/mail-send/limitations")
def custom_arguments_are_less_than_ten_thousand_bytes(line: SendgridLine) -> None:
    """Custom arguments come to less than 10,000 bytes."""
    assert line.ask("POST", SEND, line.mail(custom_args={"mid": "x" * 10_001})).status == 400
    assert line.ask("POST", SEND, line.mail(custom_args={"mid": str(uuid4())})).status == 200


@sendgrid("api-reference/how-to-use-the-sendgrid-v3-api/errors")
def a_wrong_key_is_a_401(line: SendgridLine) -> None:
    """A wrong key is a 401 in the shape of every error."""
    for path, method, given in ((SEND, "POST", line.mail()), ("/v3/scopes", "GET", None)):
        answer = line.ask(method, path, given, Authorization="Bearer SG.of.another")
        assert answer.status == 401
        assert complaints(answer)


@sendgrid("api-reference/how-to-use-the-sendgrid-v3-api/errors")
def an_address_that_is_none_is_a_404(line: SendgridLine) -> None:
    """An address that SendGrid does not have is a 404 in the shape of every error."""
    answer = line.ask("GET", "/v3/nothing_here")
    assert (answer.status, bool(answer.body["errors"])) == (404, True)


@sendgrid("api-reference/how-to-use-the-sendgrid-v3-api/rate-limits")
def every_answer_says_what_is_left_of_the_limit(line: SendgridLine) -> None:
    """An answer says how many calls are allowed, how many are left and when that starts anew."""
    headers = line.ask("GET", "/v3/asm/groups").headers
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= headers.keys()


@sendgrid("api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access")
def a_key_says_what_it_may_do(line: SendgridLine) -> None:
    """A key's scopes are a list of names; ours may send mail."""
    scopes = line.ask("GET", "/v3/scopes").body["scopes"]
    assert "mail.send" in scopes


@sendgrid("api-reference/webhooks/get-all-event-webhooks")
def every_event_webhook_is_listed_with_its_events_and_key(line: SendgridLine) -> None:
    """The event webhooks are listed with how many may be enabled; each says what it hears, and with which key it signs."""
    said = line.ask("GET", f"{HOOKS}/all").body
    assert {"max_allowed", "webhooks"} <= said.keys()
    for each in said["webhooks"]:
        assert {"id", "url", "enabled", "public_key", *FLAGS} <= each.keys()


@sendgrid("api-reference/webhooks/toggle-signature-verification-for-an-event-webhook")
def an_event_webhook_is_made_signs_and_goes(line: SendgridLine) -> None:
    """A webhook is made silent, gets a key once it is told to sign, is changed and deleted."""
    made = line.ask("POST", HOOKS, {"enabled": False, "url": "https://callboard.example/contract", "bounce": True})
    assert made.status in (200, 201)
    address = f"{HOOKS}/{made.body['id']}"
    line.later("DELETE", address)
    signed = line.ask("PATCH", f"{HOOKS}/signed/{made.body['id']}", {"enabled": True})
    assert signed.body["public_key"]
    assert line.ask("GET", f"{HOOKS}/signed").status == 200
    assert line.ask("GET", address).body["bounce"] is True
    assert line.ask("PATCH", address, {"url": "https://callboard.example/contract", "enabled": False, "bounce": False}).status == 200


@sendgrid("for-developers/tracking-events/event#custom-arguments", only_here=NOT_HERE)
def custom_arguments_come_back_in_events(line: SendgridLine) -> None:
    """Each event carries the custom arguments of its mail at its top, and an id of its own."""
    with line.listening() as posts:  # type: ignore[attr-defined]
        assert line.ask("POST", SEND, line.mail(mail_settings={}, custom_args={"mid": "42"})).status == 202
        line.until(lambda: sum(map(len, posts)) == 2)
    told = [event for post in posts for event in post]
    assert [(each["event"], each["mid"]) for each in told] == [("processed", "42"), ("delivered", "42")]
    assert len({each["sg_event_id"] for each in told}) == 2


def signing_webhook(line: SendgridLine, url: str) -> EllipticCurvePublicKey:
    """The key that a new webhook says it signs with."""
    made = line.ask("POST", HOOKS, {"enabled": True, "url": url, "processed": True, "delivered": True}).body["id"]
    line.later("DELETE", f"{HOOKS}/{made}")
    key = load_der_public_key(b64decode(line.ask("PATCH", f"{HOOKS}/signed/{made}", {"enabled": True}).body["public_key"]))
    assert isinstance(key, EllipticCurvePublicKey)
    return key


def require_signed(post: tuple[dict[str, str], bytes], key: EllipticCurvePublicKey) -> None:
    """Raise InvalidSignature unless a post is signed with this key, over the timestamp and the body."""
    headers, body = post
    key.verify(b64decode(headers[f"{SIGNED}-signature"]), headers[f"{SIGNED}-timestamp"].encode() + body, ECDSA(SHA256()))


@sendgrid("for-developers/tracking-events/getting-started-event-webhook-security-features#verify-the-signature", only_here=NOT_HERE)
def a_post_is_signed_with_the_key_that_its_webhook_shows(line: SendgridLine) -> None:
    """A post is signed with the key that its own webhook shows, over the timestamp in its headers and the body as it was sent."""
    with line.posted_to() as one, line.posted_to() as other:
        keys = [signing_webhook(line, each.url) for each in (one, other)]
        assert line.ask("POST", SEND, line.mail(mail_settings={})).status == 202
        line.until(lambda: one.arrived and other.arrived)
    posts = [(each.headers[0], each.arrived[0][0]) for each in (one, other)]
    for post, key in zip(posts, keys, strict=True):
        require_signed(post, key)
        assert abs(time.time() - int(post[0][f"{SIGNED}-timestamp"])) < 300
    with pytest.raises(InvalidSignature):
        require_signed(posts[0], keys[1])


@sendgrid("for-developers/tracking-events/getting-started-event-webhook#retry-logic", only_here=NOT_HERE)
def a_post_that_is_not_taken_comes_again(line: SendgridLine) -> None:
    """A post that is not answered with 2xx comes again, signed and with the same events under the same ids."""
    with line.posted_to() as there:
        there.status = 503
        key = signing_webhook(line, there.url)
        assert line.ask("POST", SEND, line.mail(mail_settings={})).status == 202
        line.until(lambda: there.arrived)
        line.until(lambda: line.hurry() or len(there.arrived) > 1)  # type: ignore[attr-defined]
    posts = [(headers, body) for headers, (body, _none) in zip(there.headers[:2], there.arrived[:2], strict=True)]
    for each in posts:
        require_signed(each, key)
    first, second = ([(event["event"], event["sg_event_id"]) for event in json.loads(body)] for _headers, body in posts)
    assert ([name for name, _id in first], second) == (["processed", "delivered"], first)


@sendgrid("api-reference/sender-verification/get-all-verified-senders")
def the_verified_senders_are_listed(line: SendgridLine) -> None:
    """The single senders are listed under results, each with its address and whether it is verified."""
    results = line.ask("GET", "/v3/verified_senders").body["results"]
    assert all({"from_email", "verified"} <= each.keys() for each in results)


@sendgrid("api-reference/domain-authentication/list-all-authenticated-domains")
def the_authenticated_domains_are_listed(line: SendgridLine) -> None:
    """The domains are a list, each with whether its records were found."""
    domains = line.ask("GET", "/v3/whitelabel/domains").body
    assert all({"domain", "valid", "dns"} <= each.keys() for each in domains)


@sendgrid("api-reference/suppressions-unsubscribe-groups/create-a-new-suppression-group")
def an_unsubscribe_group_is_made_under_a_name_of_its_own(line: SendgridLine) -> None:
    """A group is made, found among the others, keeps the addresses that leave it, and is deleted."""
    asked = {"name": f"Contract {uuid4().hex[:8]}", "description": "Made by a contract suite."}
    made = line.ask("POST", "/v3/asm/groups", asked)
    assert made.status == 201
    address = f"/v3/asm/groups/{made.body['id']}"
    line.later("DELETE", address)
    assert made.body["id"] in [each["id"] for each in line.ask("GET", "/v3/asm/groups").body]
    left = line.ask("POST", f"{address}/suppressions", {"recipient_emails": ["contract@example.org"]})
    assert (left.status, left.body) == (201, {"recipient_emails": ["contract@example.org"]})
    assert line.ask("GET", f"{address}/suppressions").body == ["contract@example.org"]


@sendgrid("api-reference/bounces-api/retrieve-all-bounces")
def the_lists_of_those_who_are_not_written_to_are_arrays(line: SendgridLine) -> None:
    """Bounces, blocks, invalid addresses, spam reports and those who left are arrays of addresses with when and why."""
    for name in ("bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes"):
        answer = line.ask("GET", f"/v3/suppression/{name}")
        assert answer.status == 200
        assert all({"email", "created"} <= each.keys() for each in answer.body)


@sendgrid("api-reference/cancel-scheduled-sends/create-a-batch-id")
def a_batch_is_made_and_known(line: SendgridLine) -> None:
    """A batch id is made, found, and another than that is not known."""
    made = line.ask("POST", "/v3/mail/batch")
    assert made.status == 201
    assert line.ask("GET", f"/v3/mail/batch/{made.body['batch_id']}").status == 200
    assert line.ask("GET", "/v3/mail/batch/nothing").status == 400


@sendgrid("api-reference/cancel-scheduled-sends/cancel-or-pause-a-scheduled-send")
def a_batch_is_called_back_and_let_go_again(line: SendgridLine) -> None:
    """A batch that is called off is shown as such, has one status at a time, and is none once that is taken off."""
    batch = line.ask("POST", "/v3/mail/batch").body["batch_id"]
    address, asked = f"/v3/user/scheduled_sends/{batch}", {"batch_id": batch, "status": "cancel"}
    assert line.ask("GET", address).body == []
    made = line.ask("POST", "/v3/user/scheduled_sends", asked)
    assert (made.status, made.body) == (201, asked)
    assert line.ask("POST", "/v3/user/scheduled_sends", asked).status == 400
    assert line.ask("GET", address).body == [asked]
    assert line.ask("DELETE", address).status == 204
    assert line.ask("GET", address).body == []


@sendgrid(
    "api-reference/cancel-scheduled-sends/cancel-or-pause-a-scheduled-send", only_here="It would call off what others have scheduled."
)
def at_most_ten_batches_are_called_back_at_once(line: SendgridLine) -> None:
    """An eleventh batch is not called off while ten are."""
    batches = [line.ask("POST", "/v3/mail/batch").body["batch_id"] for _each in range(11)]
    said = [line.ask("POST", "/v3/user/scheduled_sends", {"batch_id": each, "status": "cancel"}).status for each in batches]
    assert said == [201] * 10 + [400]


@sendgrid("for-developers/sending-email/getting-started-email-activity-api")
def a_mails_activity_is_asked_for_by_its_argument(line: SendgridLine) -> None:
    """Whoever has the add-on asks for what was sent under a custom argument, and gets a list; without it the answer is a 403."""
    answer = line.ask("GET", "/v3/messages?" + urlencode({"query": f"(unique_args['mid']=\"{uuid4()}\")", "limit": "10"}))
    if answer.status == 403:
        assert complaints(answer)
    else:
        assert (answer.status, answer.body) == (200, {"messages": []})
