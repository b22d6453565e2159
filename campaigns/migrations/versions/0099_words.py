"""One word for each thing: tables, columns, constraints, indexes, triggers and functions take the glossary's names."""

import re
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision: str = "0099"
down_revision: str | None = "0098"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# What an outbox message is called by in names that hold its table's.
DEAD, FAILED = r"(?<=^ix_outbox_message_)dead", r"(?<=^ix_outbox_message_)failed"
PROMISED, ENQUEUED = r"(?<=^outbox_message_)promised_at", r"(?<=^outbox_message_)enqueued_at"
# Disputes had a `reminded_at` before: of reminders it is told apart by what stands before it.
NUDGED = {r"nudged(?=_by)": "reminded", r"(?<=_campaign_id_)nudged(?=_at)": "reminded", r"(?<=^reminder_)nudged(?=_at_)": "reminded"}
REMINDED = {old.replace("nudged", "reminded"): "nudged" for old in NUDGED}
PUT, DISMISSED = r"(?<=^dismissal_)put_at", "dismissed_at"
WORDS = {
    "track": "deliverable",
    "cut": "version",
    "outbox": "outbox_message",
    DEAD: "failed",
    PROMISED: "enqueued_at",
    "hat": "sign_off_role",
    "nudge": "reminder",
    **NUDGED,
    "mail": "email",
    "notice": "notification",
    "put_aside": "dismissal",
    PUT: DISMISSED,
}
# There were versions of other things before, such as briefs and licenses: only these were called cuts.
CUT = (
    r"version(?=_id|_rendition|_maker(?!_unconfirmed'))|(?<=[cfipu][kqx]_)version|(?<=ck_assessment_)version|^version(?=_\w+_not_null$)"
    r"|(?<=')version(?=')|(?<=from )version(?= where)"
)
# People had an email before, and parties that are billed: only in names that begin with the table's it was a mail.
EMAIL = r"(?<=[cfipu][kqx]_)email|^email(?=_\w+_not_null$)"
# A brand's `sign_off_roles` were called so before.
WAS = {
    **REMINDED,
    "email_chunk": "mail_chunk",
    EMAIL: "mail",
    "notification": "notice",
    rf"(?<=^dismissal_){DISMISSED}": "put_at",
    "dismissal": "put_aside",
    "reminder": "nudge",
    r"sign_off_role(?!s)": "hat",
    FAILED: "dead",
    ENQUEUED: "promised_at",
    "outbox_message": "outbox",
    "deliverable": "track",
    CUT: "cut",
}
# Columns whose old names stay, or whose new names were there before, in other tables.
COLUMNS = (
    ("outbox_message", "promised_at", "enqueued_at"),
    ("outbox_message", "kept_at", "done_at"),
    ("outbox_message", "dead_at", "failed_at"),
    ("reminder", "nudged_at", "reminded_at"),
    ("dismissal", "put_at", "dismissed_at"),
)
# What rows are of: a table and its column, the old word and the new.
KINDS = (
    ("outbox_message", "kind", "nudge", "wake"),
    ("outbox_message", "kind", "mail", "email"),
    ("outbox_message", "kind", "mail_chunk", "email_chunk"),
    ("email", "notification", "nudged", "reminded"),
)
# What people were reminded of, and what they have dismissed, is known by what it waits for.
CODES = (
    text("update reminder set gate = :new where gate = :old"),
    text("""
        update dismissal set notification = replace(notification, 'need ' || :old, 'need ' || :new)
        where notification like 'need ' || :old || ' %'
    """),
)
# An email that somebody has dismissed is known by its id, after this word.
EMAILS = text("update dismissal set notification = :new || substr(notification, length(:old) + 1) where notification like :old || ' %'")
# What there is to send names its email in its body.
BODY = text("update outbox_message set body = body - :old || jsonb_build_object(:new, body -> :old) where kind = 'email' and body ? :old")
# The simulator makes its tables itself, if it plays a part here.
SIMULATED = (("table", "letter", "email"), ("index", "letter_pkey", "email_pkey"), ("index", "letter_newest", "email_newest"))
# Whatever has a name, as the statement that renames it; tables come last, for the others are named with theirs.
NAMED = text("""
    select format('alter table %s rename constraint %I to', conrelid::regclass, conname), conname::text
    from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0
    union all
    select format('alter table %s rename column %I to', attrelid::regclass, attname), attname::text
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
    union all
    select format('alter index %s rename to', indexrelid::regclass), relname::text
    from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = indexrelid and contype <> 'f')
    union all
    select format('alter trigger %I on %s rename to', tgname, tgrelid::regclass), tgname::text
    from pg_trigger join pg_class on pg_class.oid = tgrelid where relnamespace = 'public'::regnamespace and not tgisinternal
    union all
    select format('alter function %s rename to', oid::regprocedure), proname::text
    from pg_proc where pronamespace = 'public'::regnamespace and prolang <> (select oid from pg_language where lanname = 'c')
""")
TABLES = text("select format('alter table %I rename to', tablename), tablename::text from pg_tables where schemaname = 'public'")
BODIES = text("""
    select pg_get_functiondef(pg_proc.oid) from pg_proc join pg_language on pg_language.oid = prolang
    where pronamespace = 'public'::regnamespace and lanname in ('sql', 'plpgsql')
""")


def upgrade() -> None:
    rename(WORDS)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    recode("no_cut", "no_version")
    op.execute(EMAILS.bindparams(old="letter", new="email"))
    for kind, old, new in SIMULATED:
        op.execute(f"alter {kind} if exists sendgrid_sandbox.{old} rename to {new}")
    for table, column, old, new in KINDS:
        call(table, column, old, new)
    op.execute(BODY.bindparams(old="mail", new="email"))


def downgrade() -> None:
    op.execute(BODY.bindparams(old="email", new="mail"))
    for table, column, old, new in KINDS:
        call(table, column, new, old)
    for kind, old, new in SIMULATED:
        op.execute(f"alter {kind} if exists sendgrid_sandbox.{new} rename to {old}")
    op.execute(EMAILS.bindparams(old="email", new="letter"))
    recode("no_version", "no_cut")
    for table, old, new in COLUMNS:
        op.alter_column(table, new, new_column_name=old)
    op.rename_table("version", "cut")
    op.rename_table("email", "mail")
    rename(WAS)


def recode(old: str, new: str) -> None:
    for each in CODES:
        op.execute(each.bindparams(old=old, new=new))


def call(table: str, column: str, old: str, new: str) -> None:
    """Call by `new` the rows that were called `old`."""
    rows = sa.table(table, sa.column(column))
    op.execute(rows.update().where(rows.c[column] == old).values({column: new}))


def rename(words: Mapping[str, str]) -> None:
    """Give everything that has one of the words in its name, alone or in the plural, its new name."""
    connection = op.get_bind()
    bodies = connection.scalars(BODIES).all()
    for query in (NAMED, TABLES):
        for statement, name in connection.execute(query).all():
            if (new := renamed(name, words)) != name:
                op.execute(f'{statement} "{new}"')
    for body in bodies:
        if (new := renamed(body, words)) != body:
            connection.exec_driver_sql(new.replace("%", "%%"))


def renamed(name: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        name = re.sub(rf"(?<![a-z])(?:{old})(s?)(?![a-z])", rf"{new}\1", name)
    return name
