"""Emails, as they are kept and as the carrier gets them, say nothing that their reader may not see."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from campaigns.core.emails import Email, EmailChunk
from campaigns.core.ids import new_id
from campaigns.core.outbox import Claimed
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.settings import Settings
from notifications.sendgrid_sender import one_click, sender
from notifications.unsubscribing import unsubscribe_url
from sandbox.sendgrid.tables import messages
from tests.browser.town import within
from tests.leaks.asking import undone
from tests.leaks.readers import ELSEWHERE, SIGNED_IN
from tests.leaks.sights import may_read
from tests.leaks.walk import Sight
from tests.leaks.world import PLACES, World
from tests.ports import free_port
from tests.postroom import simulator
from workers.emails.chunks import send_chunk
from workers.emails.sending import send_email
from workers.transactions import unit_of_work

pytestmark = pytest.mark.xdist_group("leaks")
# The first of each kind to each reader: the envelopes of further ones are made alike.
ONE_OF_EACH = "select distinct on (notification, recipient_id) id from email where chunk_id is null and recipient_id = any(:readers)"


def readers_of(world: World) -> dict[UUID, tuple[str, str]]:
    """Whoever gets emails, and as what and in which place they read them."""
    return {world.who(role, place).person: (role, place) for place in PLACES for role in SIGNED_IN if role not in ELSEWHERE}


def test_no_email_says_what_its_reader_may_not_see(in_world: World) -> None:
    readers = readers_of(in_world)
    with unit_of_work() as session:
        emails = [(email, readers[email.recipient_id]) for email in session.scalars(select(Email)) if email.recipient_id in readers]
    said = [(email, Sight(*to, mark)) for email, to in emails for mark in in_world.pen.found(f"{email.subject}{email.text}{email.html}")]
    assert len({email.notification for email, _to in emails}) > 10
    assert {(email.notification, sight) for email, sight in said if not may_read(sight)} == set()


@pytest.fixture
def posted(in_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What the carrier was given, one for each addressee: an email of each kind to each reader, and every announcement."""
    with within({"CALLBOARD_PORT": str(free_port())}), simulator() as beyond, undone() as connection:
        monkeypatch.setattr(Settings, "sendgrid_url", property(lambda _settings: beyond))
        sender.cache_clear()
        connection.execute(delete(messages))  # of an earlier test
        with unit_of_work() as session:
            emails = session.scalars(text(ONE_OF_EACH), {"readers": list(readers_of(in_world))}).all()
            announcements = session.scalars(select(EmailChunk.id)).all()
        for email in emails:
            send_email(Claimed(new_id(), OutboxKind.EMAIL, "", {"email": str(email)}, 1))
        for announcement in announcements:
            send_chunk(Claimed(new_id(), OutboxKind.EMAIL_CHUNK, "", {"chunk": str(announcement)}, 1))
        taken = connection.scalars(select(messages.c.body)).all()
        yield [{**body, "personalizations": one} for body in taken for one in body["personalizations"]]
    sender.cache_clear()


def test_what_the_carrier_is_given_tells_no_reader_what_is_not_for_them(in_world: World, posted: list[dict[str, Any]]) -> None:
    readers = readers_of(in_world)
    sent = [(email, body) for body in posted if (email := _email_of(body)).recipient_id in readers]
    said = [(email, Sight(*readers[email.recipient_id], mark)) for email, body in sent for mark in in_world.pen.found(json.dumps(body))]
    assert {(email.notification, sight) for email, sight in said if not may_read(sight)} == set()
    assert {category for _email, body in sent for category in body["categories"]} == {"work", "announcement"}


def test_an_email_goes_to_its_reader_alone_and_ends_by_a_link_of_its_own(posted: list[dict[str, Any]]) -> None:
    for body in posted:
        email, envelope = _email_of(body), body["personalizations"]
        ends = {"headers": one_click(unsubscribe_url(email.id))} if email.chunk_id else {}
        assert (envelope["to"], envelope.get("headers")) == ([{"email": email.address}], ends.get("headers"))
        assert envelope.keys() - {"substitutions"} == {"to", "custom_args", *ends}
    assert {bool(_email_of(body).chunk_id) for body in posted} == {True, False}


def _email_of(body: dict[str, Any]) -> Email:
    with unit_of_work() as session:
        return session.get_one(Email, UUID(body["personalizations"]["custom_args"]["mid"]))
