"""What webhooks did not bring is fetched, and what nobody looks into says why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0090"
down_revision: str | None = "0089"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Nothing is known of what was missed before: the first look at each account begins now."""
    op.add_column("inbox", sa.Column("is_fetched", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("inbox", sa.Column("passed_over", sa.String(20), nullable=True))
    op.create_table(
        "inbox_mark",
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_inbox_mark")),
    )
    op.add_column("payout_account", sa.Column("heard_until", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False))
    there = sa.text("provider_id is not null")
    op.create_index("ix_payout_account_heard", "payout_account", ["heard_until", "id"], postgresql_where=there)


def downgrade() -> None:
    """Without them: what a webhook does not bring is not heard of."""
    op.drop_index("ix_payout_account_heard", "payout_account")
    op.drop_column("payout_account", "heard_until")
    op.drop_table("inbox_mark")
    op.drop_column("inbox", "passed_over")
    op.drop_column("inbox", "is_fetched")
