"""What waits in the outbox from before there were lanes is given its lane, and what was called with line breaks one line."""

import alembic.command
import pytest
from alembic.config import Config
from sqlalchemy import text

from tests.campaigns.test_migrations import bare as bare  # a fixture
from tests.campaigns.test_migrations import config as config
from workers.transactions import unit_of_work

OPEN = """
    insert into event (id, chain_id, number, name, actor_name, at, facts, previous_hash, hash)
    select gen_random_uuid(), gen_random_uuid(), 1, name, 'Ana', now(), '{}', '', ''
    from unnest(array['access.link_asked', 'people.role_granted', 'brief.launched', 'campaign.paused']) name;
    insert into outbox (id, kind, key, body)
    select gen_random_uuid(), 'event', name, jsonb_build_object('event', id) from event;
    insert into outbox (id, kind, key, body)
    select gen_random_uuid(), kind, kind, '{}' from unnest(array['nudge', 'start_flow', 'brief_refund', 'mail_chunk', 'batch_over',
    'stripe_event', 'sendgrid_event', 'payout_account']) kind;
    insert into person (id, email, name, locale, time_zone) values (gen_random_uuid(), 'ana@example.org', E'Ana\\r\\n\\tevil', 'en', 'UTC');
    insert into person (id, email, name, locale, time_zone) values (gen_random_uuid(), 'ben@example.org', 'Ben', 'en', 'UTC');
    insert into web_session (digest, person_id, created_at, last_seen_at, expires_at)
    select 'd', id, now(), now(), now() from person where email = 'ben@example.org';
    insert into mail (id, event_id, recipient_id, notice, address, subject, text, html, state, promised_at, sends)
    select gen_random_uuid(), gen_random_uuid(), id, notice, email, '', '', '', 'promised', now(), 0
    from person cross join unnest(array['sign_in', 'paused']) notice where email = 'ana@example.org';
    insert into outbox (id, kind, key, body) select gen_random_uuid(), 'mail', notice, jsonb_build_object('mail', id) from mail;
"""


@pytest.fixture
def before(bare: None, config: Config) -> Config:
    """A database of the time before, with something of every kind."""
    alembic.command.upgrade(config, "0039")
    with unit_of_work() as session:
        for statement in OPEN.split(";\n"):
            if statement.strip():
                session.execute(text(statement))
    return config


def test_what_waited_before_there_were_lanes_is_in_its_lane_and_names_are_one_line(before: Config) -> None:
    alembic.command.upgrade(before, "head")
    with unit_of_work() as session:
        lanes = {row.key: row.lane for row in session.execute(text("select key, lane from outbox_message"))}
        people = session.execute(text("select name, known_since is not null from person order by email")).all()
    assert lanes == {
        "access.link_asked": "sign_in", "people.role_granted": "sign_in", "brief.launched": "announcements", "campaign.paused": "events",
        "nudge": "wakes", "start_flow": "wakes", "brief_refund": "payments", "payout_account": "payments", "mail_chunk": "announcements",
        "batch_over": "announcements", "stripe_event": "stripe_events", "sendgrid_event": "sendgrid_events", "sign_in": "sign_in",
        "paused": "emails",
    }  # fmt: skip
    assert [tuple(person) for person in people] == [("Ana evil", False), ("Ben", True)]
