"""Questions and answers at a call, and an index by which someone's last decision on a work is found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text <> '' and answer <> ''", name=op.f("ck_question_words")),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null) and (answer is null) = (answered_by is null)", name=op.f("ck_question_answered")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_question_campaign_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_question_asked_by")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_question_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_campaign_id_id", "question", ["campaign_id", "id"])
    op.create_index(op.f("ix_question_asked_by"), "question", ["asked_by"])
    op.create_index("ix_screening_screened_by_screened_at", "screening", ["screened_by", "screened_at"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_screening_screened_by_screened_at", "screening")
    op.drop_table("question")
