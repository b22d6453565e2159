"""What a browser shows of a version, a digest that one may do without, and notes that go into letters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0030"
BEFORE = "reason in ('bounce', 'invalid', 'spamreport', 'unsubscribe', 'group_unsubscribe')"
NOW = "reason in ('bounce', 'invalid', 'spamreport', 'unsubscribe', 'group_unsubscribe', 'digest_unsubscribe')"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Every version that is there is still to be made ready; none is changed."""
    op.add_column("cut", sa.Column("showing", sa.String(length=10), nullable=False, server_default="pending"))
    op.alter_column("cut", "showing", server_default=None)
    op.add_column("cut", sa.Column("show_problem", sa.Text(), nullable=True))
    op.add_column("cut", sa.Column("package_problem", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_cut_showing"), "cut", "(showing = 'failed') = (show_problem is not null)")
    op.create_index("ix_cut_unprepared", "cut", ["track_id"], postgresql_where=sa.text("showing = 'pending'"))
    op.create_table(
        "cut_rendition",
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_cut_rendition_cut_id")),
        sa.PrimaryKeyConstraint("cut_id", "role", name=op.f("pk_cut_rendition")),
    )
    op.drop_constraint(op.f("ck_suppression_reason"), "suppression")
    op.create_check_constraint(op.f("ck_suppression_reason"), "suppression", NOW)
    op.add_column("annotation", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update annotation set told_at = written_at")
    op.create_index("ix_annotation_untold", "annotation", ["cut_id", "written_by"], postgresql_where=sa.text("told_at is null"))


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_annotation_untold", "annotation")
    op.drop_column("annotation", "told_at")
    op.execute("delete from suppression where reason = 'digest_unsubscribe'")
    op.drop_constraint(op.f("ck_suppression_reason"), "suppression")
    op.create_check_constraint(op.f("ck_suppression_reason"), "suppression", BEFORE)
    op.drop_table("cut_rendition")
    op.drop_index("ix_cut_unprepared", "cut")
    op.drop_constraint(op.f("ck_cut_showing"), "cut")
    op.drop_column("cut", "package_problem")
    op.drop_column("cut", "show_problem")
    op.drop_column("cut", "showing")
