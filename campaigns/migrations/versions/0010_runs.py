"""The tables of payout runs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payout_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_payout_hold_lifted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_hold_person_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_payout_hold_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_hold")),
    )
    op.create_index("uq_payout_hold_open", "payout_hold", ["person_id"], unique=True, postgresql_where="lifted_at is null")
    op.create_table(
        "payout_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=1), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("quoted_by", sa.Uuid(), nullable=True),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state in ('quoted', 'released', 'paused', 'closed', 'discarded')", name=op.f("ck_payout_run_state")),
        sa.CheckConstraint("generation >= 0 and (generation > 0) = (released_at is not null)", name=op.f("ck_payout_run_generation")),
        sa.ForeignKeyConstraint(["quoted_by"], ["person.id"], name=op.f("fk_payout_run_quoted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run")),
        sa.UniqueConstraint("currency", "route", "sequence", name=op.f("uq_payout_run_currency_route_sequence")),
        sa.UniqueConstraint("number", name=op.f("uq_payout_run_number")),
    )
    op.create_index("ix_payout_run_live", "payout_run", ["id"], unique=False, postgresql_where="state in ('quoted', 'released', 'paused')")
    op.create_table(
        "payout_run_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("most_per_run", sa.BigInteger(), nullable=False),
        sa.Column("most_per_person", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("confirmed_by <> proposed_by", name=op.f("ck_payout_run_limits_two_people")),
        sa.CheckConstraint("most_per_run >= 0 and most_per_person >= 0", name=op.f("ck_payout_run_limits_amounts")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_payout_run_limits_confirmed_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_payout_run_limits_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run_limits")),
    )
    op.create_index("ix_payout_run_limits_currency", "payout_run_limits", ["currency", "confirmed_at"], unique=False)
    op.create_table(
        "payout_stay",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_stay_person_id")),
        sa.PrimaryKeyConstraint("person_id", "currency", name=op.f("pk_payout_stay")),
    )
    op.create_table(
        "payout_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("destination", sa.String(length=120), nullable=False),
        sa.Column("transfer_group", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("server_errors", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.String(length=120), nullable=True),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(first_sent_at is not null) or state not in ('sending', 'unknown')", name=op.f("ck_payout_item_first_sent")),
        sa.CheckConstraint("(transfer_id is not null) = (state in ('paid', 'returned'))", name=op.f("ck_payout_item_transfer")),
        sa.CheckConstraint(
            "state in ('ready', 'sending', 'unknown', 'paid', 'failed', 'returned', 'discarded')", name=op.f("ck_payout_item_state")
        ),
        sa.CheckConstraint("amount > 0 and attempt >= 1 and tries >= 0 and server_errors >= 0", name=op.f("ck_payout_item_counts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_item_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_payout_item_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_item")),
        sa.UniqueConstraint("run_id", "person_id", name=op.f("uq_payout_item_run_id_person_id")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payout_item_transfer_id")),
    )
    op.create_index(
        "ix_payout_item_open",
        "payout_item",
        ["run_id", "due_at"],
        unique=False,
        postgresql_where="state in ('ready', 'sending', 'unknown')",
    )
    op.create_index(op.f("ix_payout_item_person_id"), "payout_item", ["person_id"], unique=False)
    op.create_index(op.f("ix_payout_item_transfer_group"), "payout_item", ["transfer_group"], unique=False)
    op.create_index(
        "uq_payout_item_open",
        "payout_item",
        ["person_id", "currency"],
        unique=True,
        postgresql_where="state in ('ready', 'sending', 'unknown')",
    )
    op.create_table(
        "payout_run_approval",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_run_approval_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_payout_run_approval_run_id")),
        sa.PrimaryKeyConstraint("run_id", "person_id", name=op.f("pk_payout_run_approval")),
    )
    op.create_table(
        "payout_discrepancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["payout_item.id"], name=op.f("fk_payout_discrepancy_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_discrepancy")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_payout_discrepancy_kind_subject")),
    )
    for statement in BEYOND_THE_MODELS:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("payout_discrepancy")
    op.drop_table("payout_run_approval")
    op.drop_index("uq_payout_item_open", table_name="payout_item", postgresql_where="state in ('ready', 'sending', 'unknown')")
    op.drop_index(op.f("ix_payout_item_transfer_group"), table_name="payout_item")
    op.drop_index(op.f("ix_payout_item_person_id"), table_name="payout_item")
    op.drop_index("ix_payout_item_open", table_name="payout_item", postgresql_where="state in ('ready', 'sending', 'unknown')")
    op.drop_table("payout_item")
    op.drop_table("payout_stay")
    op.drop_index("ix_payout_run_limits_currency", table_name="payout_run_limits")
    op.drop_table("payout_run_limits")
    op.drop_index("ix_payout_run_live", table_name="payout_run", postgresql_where="state in ('quoted', 'released', 'paused')")
    op.drop_table("payout_run")
    op.drop_index("uq_payout_hold_open", table_name="payout_hold", postgresql_where="lifted_at is null")
    op.drop_table("payout_hold")
    op.execute("drop function time_ordered_id()")


# SQL that the models cannot say, run after the tables are made.
BEYOND_THE_MODELS = (
    # A UUIDv7 made by the statement that quotes: PostgreSQL has a function of its own only from version 18 on.
    """
    create function time_ordered_id() returns uuid language sql volatile as $$
        select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
            substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
    $$
    """,
)
