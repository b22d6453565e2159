"""Providers are told nothing, whatever they post: no answer, log or outbox message repeats what stood in it."""

import base64
import json
import logging
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Response
from sqlalchemy import select

from campaigns.core.emails import Email
from campaigns.core.ids import new_id
from campaigns.core.outbox import Claimed, OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person
from campaigns.payments.models import PayoutAccount
from notifications.sendgrid_sender import sender
from tests.aside import waited_for
from tests.attacks.test_forged_posts import SENDGRID, STRIPE, Signed, signed_by, signed_with
from tests.browser.town import within
from tests.leaks.asking import Asking, undone
from tests.leaks.texts import text_of
from tests.leaks.world import World
from workers.emails.outcomes import take_event
from workers.transactions import unit_of_work

pytestmark = pytest.mark.xdist_group("leaks")
OURS = "whsec_of_our_own"
KEY, ANOTHER = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
KEYS = {"STRIPE_WEBHOOK_SECRET": OURS, "SENDGRID_WEBHOOK_PUBLIC_KEY": base64.b64encode(PUBLIC).decode()}


def planted() -> list[tuple[str, Any, Signed | None]]:
    """Events of both providers about someone: signed and sent again, signed and no event, signed by another, and not signed."""
    with unit_of_work() as session:
        account = session.scalars(select(PayoutAccount).limit(1)).one()
        person = session.get_one(Person, account.person_id)
        email = session.scalars(select(Email).where(Email.recipient_id == person.id).limit(1)).one()
    about = {"email": person.email, "mid": str(email.id), "reason": f"550 {person.name} <{person.email}> is unknown"}
    updated = {"id": "evt_1", "type": "account.updated", "data": {"object": {"id": account.provider_id, "email": person.email}}}
    bounced = [{"sg_event_id": "1", "event": "bounce", **about}]
    return [
        (path, told, sign)
        for path, event, right, wrong in (
            (STRIPE, updated, signed_by(OURS), signed_by("whsec_of_another")),
            (SENDGRID, bounced, signed_with(KEY), signed_with(ANOTHER)),
        )
        for told, sign in ((event, right), (event, right), (about, right), (event, wrong), (event, None))
    ]


async def post(path: str, told: Any, sign: Signed | None) -> Response:
    body = json.dumps(told).encode()
    return await Asking().request("POST", path, content=body, headers=sign(body, 0) if sign else {})


def test_what_providers_post_is_repeated_in_no_answer_no_log_and_no_message(in_world: World, caplog: pytest.LogCaptureFixture) -> None:
    with within(KEYS), undone(), caplog.at_level(logging.DEBUG):
        sender.cache_clear()
        posts = planted()
        answers = [waited_for(post(*each)) for each in posts]
        take_event(Claimed(new_id(), OutboxKind.SENDGRID_EVENT, "1", {"event": "1"}, 1))
        with unit_of_work() as session:
            enqueued = [f"{each.key}{each.body}{each.last_error}" for each in session.scalars(select(OutboxMessage))]
    sender.cache_clear()
    assert [answer.status_code for answer in answers] == [204, 204, 400, 400, 400] * 2
    assert {mark.where for mark in in_world.pen.found(json.dumps([told for _path, told, _sign in posts]))} == {
        "payout_account.provider_id", "person.name of Ana", "person.email of ana",
    }  # fmt: skip
    assert in_world.pen.found("".join([*map(text_of, answers), *caplog.messages, *enqueued])) == set()
