"""The simulator's own tables, in the schema `sendgrid_sandbox`, made by itself outside Alembic."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Engine, Identity, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "sendgrid_sandbox"
metadata = MetaData(schema=SCHEMA)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# What the key may not do.
taken_scopes = Table("taken_scope", metadata, Column("name", Text, primary_key=True))

# Mail that was accepted; it is delivered, or discarded under a cancelled batch, when `send_at` has come.
messages = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("batch_id", Text),
    _moment("send_at"),
    Column("body", JSONB, nullable=False),
    _moment("accepted_at"),
    _moment("done_at", nullable=True),
)
Index("message_due", messages.c.send_at, postgresql_where=messages.c.done_at.is_(None))

# `status` is null until the batch is paused or cancelled.
batches = Table("batch", metadata, Column("id", Text, primary_key=True), Column("status", Text), _moment("status_since", nullable=True))

# What has arrived in somebody's mailbox.
emails = Table(
    "email",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    _moment("at"),
)
Index("email_newest", emails.c.address, emails.c.id)

# `list` is bounces, blocks, invalid_emails, spam_reports, unsubscribes or the id of a group.
suppressions = Table(
    "suppression",
    metadata,
    Column("list", Text, primary_key=True),
    Column("email", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

groups = Table(
    "unsubscribe_group",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("is_default", Integer, nullable=False, server_default="0"),
)

# Event posts that wait for their 2xx.
events = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("body", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("due_at"),
    _moment("first_tried_at", nullable=True),
    _moment("posted_at", nullable=True),
)
Index("event_due", events.c.due_at, postgresql_where=events.c.posted_at.is_(None))

# A null `url` is wherever the installation listens; a null `key` does not sign.
webhooks = Table(
    "event_webhook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text),
    Column("body", JSONB, nullable=False),
    Column("key", Text),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("deleted_at", nullable=True),
)

# `kind` is domain or sender.
identities = Table(
    "identity",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("valid", Boolean, nullable=False),
)

# What was bought beside the plan.
add_ons = Table("add_on", metadata, Column("name", Text, primary_key=True))

signing_keys = Table("signing_key", metadata, Column("id", Integer, primary_key=True), Column("number", Text, nullable=False))


def create_tables(engine: Engine) -> None:
    """Make the schema and whatever tables are missing; two processes that start at once do not collide."""
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": SCHEMA})
        connection.execute(text(f"create schema if not exists {SCHEMA}"))
        metadata.create_all(connection)
