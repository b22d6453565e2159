"""What lies in the database is called by the glossary's words, and by its old ones again where a step is taken back."""

import alembic.command
import pytest
from alembic.config import Config
from sqlalchemy import text

from tests.campaigns.test_migrations import bare as bare  # a fixture
from tests.campaigns.test_migrations import config as config
from workers.transactions import unit_of_work

LYING = """
    create schema sendgrid_sandbox;
    create table sendgrid_sandbox.letter (id bigint primary key, address text);
    create index letter_newest on sendgrid_sandbox.letter (address);
    insert into person (id, email, name, locale, time_zone) values (gen_random_uuid(), 'ana@example.org', 'Ana', 'en', 'UTC');
    insert into mail (id, event_id, recipient_id, notice, address, subject, text, html, state, promised_at, sends)
    select gen_random_uuid(), gen_random_uuid(), id, 'nudged', email, '', '', '', 'promised', now(), 0 from person;
    insert into outbox (id, kind, lane, key, body)
    select gen_random_uuid(), 'mail', 'emails', 'one', jsonb_build_object('mail', id) from mail;
    insert into outbox (id, kind, lane, key, body)
    select gen_random_uuid(), kind, 'emails', kind, '{}' from unnest(array['mail_chunk', 'nudge']) kind;
    insert into put_aside (person_id, notice, put_at) select person.id, 'letter ' || mail.id, now() from person, mail;
    insert into put_aside (person_id, notice, put_at) select id, 'need no_cut 7', now() from person;
"""
NAMES = text("""
    select relname || ' ' || attname from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace in ('public'::regnamespace, 'sendgrid_sandbox'::regnamespace) and attnum > 0
    union all select conname from pg_constraint union all select proname from pg_proc where pronamespace = 'public'::regnamespace union all
    select tgname from pg_trigger where not tgisinternal order by 1
""")
OLD = text("select kind, key, body = jsonb_build_object('mail', (select id from mail)) from outbox order by kind")
NEW = text("select kind, key, body = jsonb_build_object('email', (select id from email)) from outbox_message order by kind")
PUT_ASIDE = text("select replace(notice, (select id::text from mail), 'ID') from put_aside order by 1")
DISMISSED = text("select replace(notification, (select id::text from email), 'ID') from dismissal order by 1")


@pytest.fixture
def before(bare: None, config: Config) -> Config:
    """A database of the time before, in which something waits to be sent and something is put aside."""
    alembic.command.upgrade(config, "0098")
    with unit_of_work() as session:
        for statement in LYING.split(";\n"):
            if statement.strip():
                session.execute(text(statement))
    return config


def test_what_waits_or_was_dismissed_is_known_by_the_new_words_and_by_the_old_ones_again(before: Config) -> None:
    with unit_of_work() as session:
        named = session.scalars(NAMES).all()
    alembic.command.upgrade(before, "head")
    with unit_of_work() as session:
        waiting, dismissed = session.execute(NEW).all(), session.scalars(DISMISSED).all()
        told = session.scalars(text("select notification from email")).all()
        assert session.scalars(text("select count(*) from sendgrid_sandbox.email")).one() == 0
    assert [tuple(row) for row in waiting] == [("email", "one", True), ("email_chunk", "mail_chunk", False), ("wake", "nudge", False)]
    assert (dismissed, told) == (["email ID", "need no_version 7"], ["reminded"])
    alembic.command.downgrade(before, "0098")
    with unit_of_work() as session:
        waiting, aside = session.execute(OLD).all(), session.scalars(PUT_ASIDE).all()
        assert session.scalars(NAMES).all() == named
    assert [tuple(row) for row in waiting] == [("mail", "one", True), ("mail_chunk", "mail_chunk", False), ("nudge", "nudge", False)]
    assert aside == ["letter ID", "need no_cut 7"]
