"""The processes of flow runs, and since when a worker has more to do than it can."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0065"
down_revision: str | None = "0064"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

IS_ALIVE = sa.text("ended_at is null")


def upgrade() -> None:
    """Add both."""
    moments = ("spawned_at", "began_at", "heard_at", "silent_since", "condemned_at", "superseded_at", "ended_at")
    op.create_table(
        "flow_process",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("carried_id", sa.Uuid(), nullable=True),
        sa.Column("machine", sa.String(length=120), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("worker_process", sa.String(length=60), nullable=False),
        sa.Column("process", sa.String(length=60), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in moments),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_process")),
    )
    op.create_index("uq_flow_process_flow_run_id_alive", "flow_process", ["flow_run_id"], unique=True, postgresql_where=IS_ALIVE)
    op.create_index("uq_flow_process_carried_id_alive", "flow_process", ["carried_id"], unique=True, postgresql_where=IS_ALIVE)
    op.create_index("ix_flow_process_taken_at", "flow_process", ["taken_at"])
    op.add_column("heartbeat", sa.Column("overloaded_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take both away."""
    op.drop_column("heartbeat", "overloaded_since")
    op.drop_table("flow_process")
