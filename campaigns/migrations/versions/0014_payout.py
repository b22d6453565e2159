"""Late decisions on the lineage are found without a look at all of it; a window that opens in a pause counts from its beginning."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the indexes, drop the check."""
    op.create_index("ix_source_decided_at", "source", ["decided_at"], postgresql_where=sa.text("decided_at is not null"))
    op.create_index("ix_wrapper_finding_found_at", "wrapper_finding", ["found_at"])
    op.drop_constraint(op.f("ck_proposal_window"), "proposal")


def downgrade() -> None:
    """Take the indexes away, check again."""
    op.create_check_constraint(op.f("ck_proposal_window"), "proposal", "closes_at > opened_at or number > 1")
    op.drop_index("ix_wrapper_finding_found_at", "wrapper_finding")
    op.drop_index("ix_source_decided_at", "source")
