"""Judgements that were taken back, and what is meant to be chosen."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0025"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "review_taken_back",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["review_assignment.id"], name=op.f("fk_review_taken_back_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_review_taken_back")),
    )
    op.create_table(
        "pick",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("picked_by", sa.Uuid(), nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_pick_reason")),
        sa.ForeignKeyConstraint(["picked_by"], ["person.id"], name=op.f("fk_pick_picked_by")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["visit.track_id", "visit.number"], name=op.f("fk_pick_track_id_visit")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_pick_work_id")),
        sa.PrimaryKeyConstraint("track_id", "visit", "work_id", name=op.f("pk_pick")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("pick")
    op.drop_table("review_taken_back")
