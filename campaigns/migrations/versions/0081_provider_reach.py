"""Where the provider sends money comes from the provider, and is kept with the day on which it said so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0081"
down_revision: str | None = "0080"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Nothing is known yet: until the first look the table that we ship counts."""
    op.create_table(
        "provider_reach",
        sa.Column("home", sa.String(2), nullable=False),
        sa.Column("countries", postgresql.JSONB(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(countries) = 'array' and countries <> '[]'", name=op.f("ck_provider_reach_countries")),
        sa.CheckConstraint("since <= fetched_at", name=op.f("ck_provider_reach_since")),
        sa.PrimaryKeyConstraint("home", name=op.f("pk_provider_reach")),
    )


def downgrade() -> None:
    """Only the table that we ship counts."""
    op.drop_table("provider_reach")
