"""What artists have sent, and what people were told, has the new names, and the old ones where a step is taken back."""

import alembic.command
from alembic.config import Config
from sqlalchemy import text

from tests.campaigns.test_migrations import bare as bare  # a fixture
from tests.campaigns.test_migrations import config as config
from tests.campaigns.test_words_migration import NAMES as ALL_NAMES
from workers.transactions import unit_of_work

LYING = """
    insert into person (id, email, name, locale, time_zone) values (gen_random_uuid(), 'ana@example.org', 'Ana', 'en', 'UTC');
    insert into email (id, event_id, recipient_id, notification, address, subject, text, html, state, promised_at, sends)
    select gen_random_uuid(), gen_random_uuid(), id, 'your_work_was_used', email, '', '', '', 'promised', now(), 0 from person;
    insert into dismissal (person_id, notification, dismissed_at) select id, 'need works_unscreened 7', now() from person;
    insert into payout_stay (person_id, currency, reason, since) select id, 'USD', 'held', now() from person;
"""
NAMES = text(str(ALL_NAMES).replace(", 'sendgrid_sandbox'::regnamespace", ""))
FUNCTIONS = text("""
    select pg_get_functiondef(pg_proc.oid) from pg_proc join pg_language on pg_language.oid = prolang
    where pronamespace = 'public'::regnamespace and lanname in ('sql', 'plpgsql') order by 1
""")
TOLD = text("select notification from email union all select notification from dismissal union all select reason from blocked_payout")
WAS_TOLD = text("select notification from email union all select notification from dismissal union all select reason from payout_stay")


def test_contributions_payouts_and_what_was_told_of_them_have_the_new_names_and_the_old_ones_again(bare: None, config: Config) -> None:
    alembic.command.upgrade(config, "0100")
    with unit_of_work() as session:
        for statement in LYING.strip().split(";\n"):
            session.execute(text(statement))
        named, functions = session.scalars(NAMES).all(), session.scalars(FUNCTIONS).all()
    alembic.command.upgrade(config, "0101")
    with unit_of_work() as session:
        assert session.scalars(TOLD).all() == ["your_contribution_was_used", "need contributions_unscreened 7", "held"]
    alembic.command.downgrade(config, "0100")
    with unit_of_work() as session:
        assert session.scalars(WAS_TOLD).all() == ["your_work_was_used", "need works_unscreened 7", "held"]
        assert session.scalars(NAMES).all() == named
        assert [each for each in session.scalars(FUNCTIONS) if each not in functions] == []
