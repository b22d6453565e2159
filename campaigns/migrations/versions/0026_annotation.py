"""Notes on the versions of a deliverable, and which Monday the brands' people were last written to about."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "annotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("weight", sa.String(length=10), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_in", sa.Uuid(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("at_ms >= 0", name=op.f("ck_annotation_at_ms")),
        sa.CheckConstraint("words <> ''", name=op.f("ck_annotation_words")),
        sa.CheckConstraint("(state = 'done') = (done_in is not null)", name=op.f("ck_annotation_done")),
        sa.CheckConstraint(
            "(state = 'open') = (settled_at is null) and (settled_by is null) = (settled_at is null)", name=op.f("ck_annotation_settled")
        ),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_annotation_cut_id")),
        sa.ForeignKeyConstraint(["done_in"], ["cut.id"], name=op.f("fk_annotation_done_in")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_annotation_settled_by")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_annotation_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
    )
    op.create_index(op.f("ix_annotation_cut_id"), "annotation", ["cut_id"])
    op.create_table(
        "week_told",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_week_told_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_week_told")),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("week_told")
    op.drop_table("annotation")
