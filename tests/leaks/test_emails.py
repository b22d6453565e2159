"""Emails, as they are kept and as the carrier gets them, say nothing that their reader may not see."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from api.sandbox.sendgrid.tables import messages
from campaigns.core.db import unit_of_work
from campaigns.core.ids import new_id
from campaigns.core.mail import Mail, MailChunk
from campaigns.core.outbox import Claimed
from campaigns.core.settings import Settings
from notifications.chunks import send_chunk
from notifications.post import send_mail
from notifications.sendgrid_sender import one_click, sender
from notifications.unsubscribing import unsubscribe_url
from tests.browser.town import within
from tests.leaks.asking import undone
from tests.leaks.readers import ELSEWHERE, SIGNED_IN
from tests.leaks.sights import may_read
from tests.leaks.walk import Sight
from tests.leaks.world import PLACES, World
from tests.ports import free_port
from tests.postroom import simulator

pytestmark = pytest.mark.xdist_group("leaks")
# The first of each kind to each reader: the envelopes of further ones are made alike.
ONE_OF_EACH = "select distinct on (notice, recipient_id) id from mail where chunk_id is null and recipient_id = any(:readers)"


def readers_of(world: World) -> dict[UUID, tuple[str, str]]:
    """Whoever gets emails, and as what and in which place they read them."""
    return {world.who(role, place).person: (role, place) for place in PLACES for role in SIGNED_IN if role not in ELSEWHERE}


def test_no_email_says_what_its_reader_may_not_see(in_world: World) -> None:
    readers = readers_of(in_world)
    with unit_of_work() as session:
        emails = [(mail, readers[mail.recipient_id]) for mail in session.scalars(select(Mail)) if mail.recipient_id in readers]
    said = [(mail, Sight(*to, mark)) for mail, to in emails for mark in in_world.pen.found(f"{mail.subject}{mail.text}{mail.html}")]
    assert len({mail.notice for mail, _to in emails}) > 10
    assert {(mail.notice, sight) for mail, sight in said if not may_read(sight)} == set()


@pytest.fixture
def posted(in_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What the carrier was given, one for each addressee: an email of each kind to each reader, and every announcement."""
    with within({"CALLBOARD_PORT": str(free_port())}), simulator() as beyond, undone() as connection:
        monkeypatch.setattr(Settings, "sendgrid_url", property(lambda _settings: beyond))
        sender.cache_clear()
        connection.execute(delete(messages))  # of an earlier test
        with unit_of_work() as session:
            emails = session.scalars(text(ONE_OF_EACH), {"readers": list(readers_of(in_world))}).all()
            announcements = session.scalars(select(MailChunk.id)).all()
        for email in emails:
            send_mail(Claimed(new_id(), "mail", "", {"mail": str(email)}, 1))
        for announcement in announcements:
            send_chunk(Claimed(new_id(), "mail_chunk", "", {"chunk": str(announcement)}, 1))
        taken = connection.scalars(select(messages.c.body)).all()
        yield [{**body, "personalizations": one} for body in taken for one in body["personalizations"]]
    sender.cache_clear()


def test_what_the_carrier_is_given_tells_no_reader_what_is_not_for_them(in_world: World, posted: list[dict[str, Any]]) -> None:
    readers = readers_of(in_world)
    sent = [(mail, body) for body in posted if (mail := _mail_of(body)).recipient_id in readers]
    said = [(mail, Sight(*readers[mail.recipient_id], mark)) for mail, body in sent for mark in in_world.pen.found(json.dumps(body))]
    assert {(mail.notice, sight) for mail, sight in said if not may_read(sight)} == set()
    assert {category for _mail, body in sent for category in body["categories"]} == {"work", "announcement"}


def test_an_email_goes_to_its_reader_alone_and_ends_by_a_link_of_its_own(posted: list[dict[str, Any]]) -> None:
    for body in posted:
        mail, envelope = _mail_of(body), body["personalizations"]
        ends = {"headers": one_click(unsubscribe_url(mail.id))} if mail.chunk_id else {}
        assert (envelope["to"], envelope.get("headers")) == ([{"email": mail.address}], ends.get("headers"))
        assert envelope.keys() - {"substitutions"} == {"to", "custom_args", *ends}
    assert {bool(_mail_of(body).chunk_id) for body in posted} == {True, False}


def _mail_of(body: dict[str, Any]) -> Mail:
    with unit_of_work() as session:
        return session.get_one(Mail, UUID(body["personalizations"]["custom_args"]["mid"]))
