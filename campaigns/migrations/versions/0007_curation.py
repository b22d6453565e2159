"""The tables of curation."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "criterion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_criterion_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_criterion_campaign_id_name")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_criterion_campaign_id_number")),
    )
    op.create_table(
        "review_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("curator_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("per_work", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("per_work >= 1", name=op.f("ck_review_round_per_work")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_review_round_asked_by")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["visit.track_id", "visit.number"], name=op.f("fk_review_round_track_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_round")),
    )
    op.create_index("ix_review_round_track_id_visit", "review_round", ["track_id", "visit"], unique=False)
    op.create_table(
        "selection",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("common_reason", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_selection_published_by")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["visit.track_id", "visit.number"], name=op.f("fk_selection_track_id_visit")),
        sa.PrimaryKeyConstraint("track_id", "visit", name=op.f("pk_selection")),
    )
    op.create_table(
        "conflict",
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_conflict_curator_id")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_conflict_work_id")),
        sa.PrimaryKeyConstraint("curator_id", "work_id", name=op.f("pk_conflict")),
    )
    op.create_table(
        "outcome",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_outcome_reason")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["selection.track_id", "selection.visit"], name=op.f("fk_outcome_track_id_visit")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_outcome_work_id")),
        sa.PrimaryKeyConstraint("track_id", "visit", "work_id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_work_id"), "outcome", ["work_id"], unique=False)
    op.create_table(
        "review_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_review_assignment_curator_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_assignment_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_review_assignment_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_assignment")),
        sa.UniqueConstraint("work_id", "curator_id", name=op.f("uq_review_assignment_work_id_curator_id")),
    )
    op.create_index("ix_review_assignment_curator_id_place", "review_assignment", ["curator_id", "place"], unique=False)
    op.create_index(op.f("ix_review_assignment_round_id"), "review_assignment", ["round_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_review_reason")),
        sa.ForeignKeyConstraint(["assignment_id"], ["review_assignment.id"], name=op.f("fk_review_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_review")),
    )
    op.create_table(
        "score",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("value between 1 and 5", name=op.f("ck_score_value")),
        sa.ForeignKeyConstraint(["assignment_id"], ["review.assignment_id"], name=op.f("fk_score_assignment_id"), ondelete="cascade"),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_score_criterion_id")),
        sa.PrimaryKeyConstraint("assignment_id", "criterion_id", name=op.f("pk_score")),
    )
    for statement in BEYOND_THE_MODELS:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("score")
    op.drop_table("review")
    op.drop_index(op.f("ix_review_assignment_round_id"), table_name="review_assignment")
    op.drop_index("ix_review_assignment_curator_id_place", table_name="review_assignment")
    op.drop_table("review_assignment")
    op.drop_index(op.f("ix_outcome_work_id"), table_name="outcome")
    op.drop_table("outcome")
    op.drop_table("conflict")
    op.drop_table("selection")
    op.drop_index("ix_review_round_track_id_visit", table_name="review_round")
    op.drop_table("review_round")
    op.drop_table("criterion")


# SQL that the models cannot say, run after the tables are made.
BEYOND_THE_MODELS = (
    "create trigger append_only before update or delete on selection for each row execute function refuse_change()",
    "create trigger append_only before update or delete on outcome for each row execute function refuse_change()",
)
