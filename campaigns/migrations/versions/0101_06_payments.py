"""Payout accounts, top-ups and what the provider reports."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_06"
down_revision: str | None = "0101_05"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "country_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(length=2), nullable=True),
        sa.Column("after", sa.String(length=2), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_by", sa.Uuid(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(looked_by is null) = (looked_at is null) and (note is null) = (looked_at is null)", name=op.f("ck_country_change_looked")
        ),
        sa.CheckConstraint("looked_by <> person_id", name=op.f("ck_country_change_another_person")),
        sa.ForeignKeyConstraint(["looked_by"], ["person.id"], name=op.f("fk_country_change_looked_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_country_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_change")),
    )
    op.create_index("uq_country_change_open", "country_change", ["person_id"], unique=True, postgresql_where="looked_at is null")
    op.create_table(
        "payout_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("agreement", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destination", sa.String(length=64), nullable=True),
        sa.Column("cools_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_until", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("pays_out", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("arrivals_ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrivals_asks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("(provider_id is not null) = (state in ('onboarding', 'active'))", name=op.f("ck_payout_account_provider_id")),
        sa.CheckConstraint("state in ('promised', 'onboarding', 'active', 'refused')", name=op.f("ck_payout_account_state")),
        sa.CheckConstraint("asks >= 0 and (ask_at is null or asked_since is not null)", name=op.f("ck_payout_account_asks")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_payout_account_person_id")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payout_account_provider_id")),
    )
    op.create_index("ix_payout_account_ask", "payout_account", ["ask_at", "id"], unique=False, postgresql_where="ask_at is not null")
    op.create_index(
        "ix_payout_account_heard", "payout_account", ["heard_until", "id"], unique=False, postgresql_where="provider_id is not null"
    )
    op.create_table(
        "provider_movement",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_provider_movement_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_movement")),
    )
    op.create_index(
        "ix_provider_movement_pending", "provider_movement", ["available_at"], unique=False, postgresql_where="settled_at is null"
    )
    op.create_index(op.f("ix_provider_movement_source"), "provider_movement", ["source"], unique=False)
    op.create_table(
        "provider_reach",
        sa.Column("home", sa.String(length=2), nullable=False),
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(countries) = 'array' and countries <> '[]'", name=op.f("ck_provider_reach_countries")),
        sa.CheckConstraint("since <= fetched_at", name=op.f("ck_provider_reach_since")),
        sa.PrimaryKeyConstraint("home", name=op.f("pk_provider_reach")),
    )
    op.create_table(
        "stripe_balance",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("by_source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_stripe_balance")),
    )
    op.create_table(
        "top_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.CheckConstraint("state in ('promised', 'pending', 'succeeded', 'failed', 'canceled', 'reversed')", name=op.f("ck_top_up_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_top_up_amount")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_top_up_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_top_up_provider_id")),
    )
    op.create_table(
        "provider_conversion",
        sa.Column("movement_id", sa.String(length=120), nullable=False),
        sa.Column("charge", sa.String(length=120), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("settled_currency", sa.String(length=3), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False),
        sa.Column("rate_is_ours", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "amount <> 0 and sign(amount) = sign(settled) and sign(amount) * basis >= 0", name=op.f("ck_provider_conversion_sides")
        ),
        sa.CheckConstraint("currency <> settled_currency", name=op.f("ck_provider_conversion_currencies")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_provider_conversion_rate")),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_provider_conversion_journal_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["provider_movement.id"], name=op.f("fk_provider_conversion_movement_id")),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_provider_conversion")),
    )
    op.create_index(op.f("ix_provider_conversion_charge"), "provider_conversion", ["charge"], unique=False)
    op.create_index(op.f("ix_provider_conversion_journal_id"), "provider_conversion", ["journal_id"], unique=False)


def downgrade() -> None:
    op.drop_table("provider_conversion")
    op.drop_table("top_up")
    op.drop_table("stripe_balance")
    op.drop_table("provider_reach")
    op.drop_table("provider_movement")
    op.drop_table("payout_account")
    op.drop_table("country_change")
