"""Where the brand is billed decides by which bank transfer it can pay."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0083"
down_revision: str | None = "0082"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Nobody has been asked for a country yet; in all but dollars and pounds invoices were by card."""
    op.add_column("billed_party", sa.Column("country", sa.String(2), nullable=True))
    op.add_column("invoice", sa.Column("by_card_only", sa.Boolean(), server_default="false", nullable=False))
    op.execute("update invoice set by_card_only = true where currency not in ('USD', 'GBP')")


def downgrade() -> None:
    """Without it: the currency alone decides."""
    op.drop_column("invoice", "by_card_only")
    op.drop_column("billed_party", "country")
