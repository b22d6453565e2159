"""Signs of life, and indexes by which an operator finds what is stuck."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "heartbeat",
        sa.Column("program", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("program", "place", name=op.f("pk_heartbeat")),
    )
    op.create_index("ix_outbox_dead", "outbox", ["id"], postgresql_where=sa.text("dead_at is not null"))
    op.create_index("ix_mail_undelivered", "mail", ["id"], postgresql_where=sa.text("state in ('failed', 'uncertain', 'unknown')"))
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index(op.f("ix_inbox_received_at"), "inbox")
    op.drop_index("ix_mail_undelivered", "mail")
    op.drop_index("ix_outbox_dead", "outbox")
    op.drop_table("heartbeat")
