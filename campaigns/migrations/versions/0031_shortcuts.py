"""Whether someone wants keys that do something by themselves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add it; everyone has them until they switch them off."""
    op.add_column("person", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default="true"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("person", "shortcuts")
