import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from python_http_client.exceptions import BadRequestsError, HTTPError, UnauthorizedError
from sendgrid import SendGridAPIClient

from campaigns.core import clock
from campaigns.core.settings import settings
from sandbox.sendgrid.calls import WindowLimiter
from tests.ports import free_port
from tests.postroom import emails_to, later, wait_for
from workers.transactions import unit_of_work


def mail(**changes: Any) -> dict[str, Any]:
    """A mail that SendGrid takes, with changes."""
    return {
        "personalizations": [{"to": [{"email": "ada@example.org"}], "custom_args": {"mid": "1"}}],
        "from": {"email": "callboard@example.org", "name": "Callboard"},
        "subject": "Hello -name-",
        "content": [{"type": "text/plain", "value": "Hi -name-"}, {"type": "text/html", "value": "<p>Hi -name-</p>"}],
    } | changes


def refused(sdk: Any, body: dict[str, Any]) -> list[tuple[str | None, str]]:
    """What is wrong with the mail, by field."""
    with pytest.raises(HTTPError) as refusal:
        sdk.mail.send.post(request_body=body)
    return [(error["field"], error["message"]) for error in json.loads(refusal.value.body)["errors"]]


def in_(**span: int) -> int:
    with unit_of_work() as session:
        return int((clock.business_now(session) + timedelta(**span)).timestamp())


def test_mail_is_taken_with_a_message_id_and_arrives_with_its_substitutions(sdk: Any, beyond: str) -> None:
    one = {"to": [{"email": "Ada@example.org"}], "substitutions": {"-name-": "Ada"}}
    answer = sdk.mail.send.post(request_body=mail(personalizations=[one]))
    assert (answer.status_code, len(answer.headers["X-Message-Id"])) == (202, 22)
    wait_for(lambda: emails_to(beyond, "ada@example.org"))
    (email,) = emails_to(beyond, "ada@example.org")
    assert (email["subject"], email["text"], email["html"]) == ("Hello Ada", "Hi Ada", "<p>Hi Ada</p>")
    page = httpx.get(f"{beyond}/sandbox/mailbox/page", params={"to": "ada@example.org"})
    assert f"/sandbox/mailbox/emails/{email['id']}" in page.text
    assert httpx.get(f"{beyond}/sandbox/mailbox/emails/{email['id']}").text == "<p>Hi Ada</p>"


def many(count: int) -> list[dict[str, Any]]:
    return [{"to": [{"email": f"p{n}@example.org"}]} for n in range(count)]


def to(**changes: Any) -> list[dict[str, Any]]:
    return [{"to": [{"email": "ada@example.org"}]} | changes]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": "x"}, "sender"),
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": many(1001)}, "personalizations"),
        ({"personalizations": to(to=[{"email": f"p{n}@example.org"} for n in range(1001)])}, "personalizations"),
        ({"personalizations": to(to=[])}, "personalizations.0.to"),
        ({"personalizations": to(to=[{"email": "nobody"}])}, "personalizations.0.to.0.email"),
        ({"personalizations": to(to=[{"email": "a@example.org", "name": "A, B"}])}, "personalizations.0.to.0.name"),
        ({"personalizations": to(cc=[{"email": "ADA@example.org"}])}, "personalizations.0"),
        ({"personalizations": to(mid="1")}, "personalizations.0.mid"),
        ({"personalizations": to(custom_args={"mid": 1})}, "personalizations.0.custom_args"),
        ({"personalizations": to(custom_args={"mid": "x" * 9_997})}, "personalizations.0.custom_args"),
        ({"personalizations": to(substitutions={"-a-": "x" * 10_000})}, "personalizations.0.substitutions"),
        ({"from": {"name": "Callboard"}}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "a"}]}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0"),
        ({"categories": [str(n) for n in range(11)]}, "categories"),
        ({"categories": ["a", "a"]}, "categories"),
        ({"headers": {"Subject": "x"}}, "headers.Subject"),
        ({"send_at": "soon"}, "send_at"),
        ({"batch_id": "none"}, "batch_id"),
        ({"asm": {"group_id": "1"}}, "asm.group_id"),
        ({"mail_settings": {"bypass_list_management": {}, "bypass_spam_management": {}}}, "mail_settings"),
        ({"tracking_settings": {"clicks": {}}}, "tracking_settings.clicks"),
    ],
)
def test_what_the_published_description_forbids_is_refused_by_its_field(sdk: Any, beyond: str, changes: dict[str, Any], field: str) -> None:
    assert [where for where, _message in refused(sdk, mail(**changes))] == [field]
    assert emails_to(beyond) == []


def test_a_thousand_recipients_are_taken_and_what_lies_beyond_72_hours_is_not(sdk: Any) -> None:
    assert sdk.mail.send.post(request_body=mail(personalizations=many(1000), send_at=in_(hours=71))).status_code == 202
    assert [field for field, _message in refused(sdk, mail(send_at=in_(hours=73)))] == ["send_at"]


def test_thirty_megabytes_are_too_much(sdk: Any) -> None:
    body = mail(content=[{"type": "text/plain", "value": "x" * 31 * 1024**2}])
    assert refused(sdk, body) == [(None, "The total size of your email must be less than 30MB.")]


def test_a_wrong_key_is_refused(beyond: str) -> None:
    with pytest.raises(UnauthorizedError):
        SendGridAPIClient("SG.wrong", host=beyond).client.mail.send.post(request_body=mail())


def test_scheduled_mail_arrives_when_business_time_has_come_and_not_before(sdk: Any, beyond: str) -> None:
    sdk.mail.send.post(request_body=mail(send_at=in_(minutes=20)))
    later(19)
    assert emails_to(beyond) == []
    later(2)
    wait_for(lambda: emails_to(beyond))


def test_a_batch_cancelled_in_time_reaches_nobody_not_even_by_mail_that_comes_later(sdk: Any, beyond: str) -> None:
    batch = sdk.mail.batch.post().to_dict["batch_id"]
    assert sdk.mail.batch._(batch).get().to_dict == {"batch_id": batch}
    sdk.mail.send.post(request_body=mail(batch_id=batch, send_at=in_(minutes=20)))
    assert sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel"}).status_code == 201
    sdk.mail.send.post(request_body=mail(batch_id=batch, send_at=in_(minutes=20)))
    assert sdk.user.scheduled_sends.get().to_dict == [{"batch_id": batch, "status": "cancel"}]
    sdk.mail.send.post(request_body=mail(send_at=in_(minutes=21), subject="The other"))
    later(30)
    wait_for(lambda: emails_to(beyond))
    assert [email["subject"] for email in emails_to(beyond)] == ["The other"]


def test_a_cancellation_in_the_last_ten_minutes_comes_too_late(sdk: Any, beyond: str) -> None:
    batch = sdk.mail.batch.post().to_dict["batch_id"]
    sdk.mail.send.post(request_body=mail(batch_id=batch, send_at=in_(minutes=20)))
    later(11)
    sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel"})
    later(10)
    wait_for(lambda: emails_to(beyond))


def test_a_paused_batch_waits_until_it_is_let_go(sdk: Any, beyond: str) -> None:
    batch = sdk.mail.batch.post().to_dict["batch_id"]
    sdk.mail.send.post(request_body=mail(batch_id=batch, send_at=in_(minutes=20)))
    sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel"})
    sdk.user.scheduled_sends._(batch).patch(request_body={"status": "pause"})
    later(60)
    assert emails_to(beyond) == []
    assert sdk.user.scheduled_sends._(batch).delete().status_code == 204
    wait_for(lambda: emails_to(beyond))
    assert sdk.user.scheduled_sends._(batch).get().to_dict == []


def test_ten_batches_are_stopped_at_most_and_none_twice(sdk: Any) -> None:
    batches = [sdk.mail.batch.post().to_dict["batch_id"] for _ in range(11)]
    for batch in batches[:10]:
        sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "cancel"})
    for batch in (batches[10], batches[0], "none"):
        with pytest.raises(BadRequestsError):
            sdk.user.scheduled_sends.post(request_body={"batch_id": batch, "status": "pause"})


def test_every_answer_says_what_is_left_of_the_limit(beyond: str) -> None:
    answer = httpx.get(f"{beyond}/v3/asm/groups", headers={"Authorization": f"Bearer {settings().sendgrid_key}"})
    counts = [answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")]
    assert (answer.status_code, counts) == (200, ["600", "599"])


def test_the_call_beyond_the_limit_is_one_too_many_until_the_minute_is_over() -> None:
    limiter, now = WindowLimiter(), datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
    left = [limiter.count("/v3/asm/groups", now)[1] for _ in range(601)]
    assert left[-2:] == [0, -1]
    assert limiter.count("/v3/mail/send", now)[:2] == (600_000, 599_999)
    assert limiter.count("/v3/asm/groups", now + timedelta(seconds=30))[:2] == (600, 599)


def test_it_runs_as_a_process_of_its_own_and_says_when_its_port_is_taken(fresh_database: str) -> None:
    command, port = [sys.executable, "-m", "sandbox.sendgrid"], str(free_port())
    environment = {"PATH": "", "DATABASE_URL": fresh_database, "CALLBOARD_SENDGRID_SANDBOX_PORT": port}
    with subprocess.Popen(command, env=environment) as process:
        wait_for(lambda: is_healthy(port), seconds=30)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        process.terminate()
    assert (second.returncode, second.stderr.strip()) == (
        2,
        f"Port {port} is in use. Choose another with CALLBOARD_SENDGRID_SANDBOX_PORT.",
    )


def is_healthy(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.ConnectError:
        return False


def test_it_refuses_to_start_beside_a_key_of_sendgrids_own(fresh_database: str) -> None:
    command = [sys.executable, "-m", "sandbox.sendgrid"]
    done = subprocess.run(command, env={"SENDGRID_API_KEY": "SG.live", "PATH": ""}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["SENDGRID_API_KEY is set, so SendGrid itself is used and its simulator does not start. Remove the key to use it."],
    )
