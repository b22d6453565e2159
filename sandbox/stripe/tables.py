"""The simulator's own tables, in the schema `stripe_sandbox`, made by itself outside Alembic."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Engine,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    cast,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "stripe_sandbox"
metadata = MetaData(schema=SCHEMA)

# Every Stripe object as it is answered, beside what Stripe knows of it and never shows.
objects = Table(
    "object",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("sequence", BigInteger, Identity(), nullable=False),
    Column("account", Text),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("body", JSONB, nullable=False),
    Column("hidden", JSONB, nullable=False),
)


def field(name: str) -> ColumnElement[str]:
    """A field of an object's body as text, its name in the statement itself: a bound name would keep the indexes from being used."""
    value: ColumnElement[str] = objects.c.body[literal_column(f"'{name}'", Text)].astext
    return value


def hidden_moment(name: str) -> ColumnElement[int]:
    """A moment that is not shown, in seconds."""
    moment: ColumnElement[int] = cast(objects.c.hidden[literal_column(f"'{name}'", Text)].astext, BigInteger)
    return moment


INTENT_OF_PAYMENT = objects.c.body[literal_column("'payment'", Text)][literal_column("'payment_intent'", Text)].astext

Index("object_newest", objects.c.kind, objects.c.sequence)
Index("object_token", objects.c.hidden["token"].astext)
for _key in (
    "transfer_group",
    "destination",
    "customer",
    "invoice",
    "payment_intent",
    "charge",
    "source",
    "transfer",
    "source_transaction",
):
    Index(f"object_by_{_key}", objects.c.kind, field(_key), objects.c.sequence, postgresql_where=field(_key).is_not(None))
Index("object_by_payment", objects.c.kind, INTENT_OF_PAYMENT)
for _key in ("checked_at", "due_at"):
    Index(f"object_by_{_key}", hidden_moment(_key), postgresql_where=hidden_moment(_key).is_not(None))
Index("object_of_account", objects.c.account, objects.c.kind, objects.c.sequence, postgresql_where=objects.c.account.is_not(None))

# The account "" is the platform's own; beside it, what of that came by legacy ACH, and what is kept back of it (`reserves`).
FROM_BANKS, RESERVED = "#bank_account", "#reserved"
balances = Table(
    "balance",
    metadata,
    Column("account", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("available", BigInteger, nullable=False, server_default="0"),
)

# What is not available yet; a row goes when its day has come.
pending = Table(
    "pending",
    metadata,
    Column("transaction_id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("available_on", BigInteger, nullable=False),
)
Index("pending_due", pending.c.account, pending.c.currency, pending.c.available_on)

# What is due for a connected account by itself: a payout of what it has in a currency, or the next step of one; a row goes when it is done.
schedule = Table(
    "schedule",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payout", Text),
    Column("due_at", BigInteger, nullable=False),
)
Index("schedule_due", schedule.c.due_at)

answers = Table(
    "idempotent_answer",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
)

deliveries = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("promised_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
)
Index("delivery_due", deliveries.c.due_at, postgresql_where=deliveries.c.due_at.is_not(None))
Index("delivery_of_event", deliveries.c.event_id)
Index("delivery_open", deliveries.c.event_id, postgresql_where=deliveries.c.delivered_at.is_(None))


def create_tables(engine: Engine) -> None:
    """Make the schema and whatever tables are missing; two processes that start at once do not collide."""
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": SCHEMA})
        connection.execute(text(f"create schema if not exists {SCHEMA}"))
        metadata.create_all(connection)
