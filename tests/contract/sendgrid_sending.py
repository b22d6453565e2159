"""Mail as Callboard writes it: what our own sender would post is put to SendGrid, which only checks it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from campaigns.core.settings import settings
from notifications.sender import UNSUBSCRIBE_TAG, Addressee, EmailKind, Outgoing, OutgoingChunk
from notifications.sendgrid_sender import SendgridSender
from tests.contract.cases import sendgrid
from tests.contract.lines import SendgridLine
from tests.contract.sendgrid_mail import SEND, complaints

CHECKED_ONLY = {"sandbox_mode": {"enable": True}}


class Written(SendgridSender):
    """What our sender would post, kept instead."""

    def __init__(self, group: int) -> None:
        super().__init__(settings())
        self.bodies: list[dict[str, Any]] = []
        self._group_id = group

    def _post(self, body: dict[str, Any]) -> str:
        self.bodies.append(body)
        return ""

    def _group(self, _kind: EmailKind) -> int:
        return self._group_id


def as_we_send(line: SendgridLine, given: Outgoing | OutgoingChunk, group: int = 1) -> dict[str, Any]:
    """The mail that our sender makes of it, from an address that mail may come from."""
    written = Written(group)
    if isinstance(given, OutgoingChunk):
        written.send_chunk(given)
    else:
        written.send(given)
    (body,) = written.bodies
    return {**body, "from": {"email": line.address}, "mail_settings": {**body.get("mail_settings", {}), **CHECKED_ONLY}}


def email(line: SendgridLine, kind: EmailKind, leave: str | None = None) -> Outgoing:
    return Outgoing(uuid4(), kind, line.address, "Hello", "Hello", "<p>Hello</p>", leave)


def group(line: SendgridLine) -> int:
    """The id of a new unsubscribe group, which is gone after the case."""
    asked = {"name": f"Contract {uuid4().hex[:8]}", "description": "Made by a contract suite."}
    made = int(line.ask("POST", "/v3/asm/groups", asked).body["id"])
    line.later("DELETE", f"/v3/asm/groups/{made}")
    return made


@sendgrid("ui/sending-email/index-suppressions#bypass-suppressions")
def an_email_as_we_send_it_is_right(line: SendgridLine) -> None:
    """Our emails are taken: to sign in past those who left and complained but not past every list as well, others in a group to leave."""
    assert line.ask("POST", SEND, as_we_send(line, email(line, EmailKind.SIGN_IN))).status == 200
    to_leave = email(line, EmailKind.WORK, "https://callboard.example/leave")
    assert line.ask("POST", SEND, as_we_send(line, to_leave, group(line))).status == 200
    past_all = as_we_send(line, email(line, EmailKind.SIGN_IN))
    past_all["mail_settings"]["bypass_list_management"] = {"enable": True}
    assert complaints(line.ask("POST", SEND, past_all))


@sendgrid("for-developers/sending-email/scheduling-parameters")
def an_announcement_as_we_send_it_is_right(line: SendgridLine) -> None:
    """An announcement of ours is taken: to each a link, a substitution and arguments, in a batch that is known, within 72 hours."""
    words, soon = f"Leave: {UNSUBSCRIBE_TAG}", datetime.now(UTC) + timedelta(minutes=20)
    to = [Addressee(uuid4(), f"person{number}@example.org", f"https://callboard.example/{number}") for number in range(2)]
    batch, whose = str(line.ask("POST", "/v3/mail/batch").body["batch_id"]), group(line)
    given = OutgoingChunk(uuid4(), batch, soon, "Hello", words, f"<p>{words}</p>", to)
    right = as_we_send(line, given, whose)
    assert {"substitutions", "headers", "custom_args"} < right["personalizations"][0].keys()
    assert line.ask("POST", SEND, right).status == 200
    for wrong in (replace(given, batch_id="nothing"), replace(given, send_at=soon + timedelta(hours=73))):
        assert line.ask("POST", SEND, as_we_send(line, wrong, whose)).status == 400
