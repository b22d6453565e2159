"""The tables of payments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payout_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("agreement", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(provider_id is not null) = (state in ('onboarding', 'active'))", name=op.f("ck_payout_account_provider_id")),
        sa.CheckConstraint("state in ('promised', 'onboarding', 'active', 'refused')", name=op.f("ck_payout_account_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_payout_account_person_id")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payout_account_provider_id")),
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


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_provider_movement_source"), table_name="provider_movement")
    op.drop_index("ix_provider_movement_pending", table_name="provider_movement", postgresql_where="settled_at is null")
    op.drop_table("provider_movement")
    op.drop_table("payout_account")
