"""Who takes part as an artist, and which campaigns have published their contributions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0070"
down_revision: str | None = "0066"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Whoever made something has taken part as an artist since then.
MAKERS = """
    update person set artist_since = made.at
    from (
        select m.person_id, min(c.received_at) as at from maker m join contribution c on c.id = m.contribution_id group by m.person_id
    ) made
    where made.person_id = person.id
"""


def upgrade() -> None:
    """The two columns; whoever has made a work is an artist."""
    op.add_column("person", sa.Column("artist_since", sa.DateTime(timezone=True)))
    op.add_column("campaign", sa.Column("contributions_published_at", sa.DateTime(timezone=True)))
    op.execute(MAKERS)


def downgrade() -> None:
    """Without them."""
    op.drop_column("campaign", "contributions_published_at")
    op.drop_column("person", "artist_since")
