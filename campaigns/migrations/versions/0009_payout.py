"""The tables of payout."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "kill_fee",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("from_reserve", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount between 1 and price", name=op.f("ck_kill_fee_amount")),
        sa.CheckConstraint("from_reserve between 0 and amount", name=op.f("ck_kill_fee_from_reserve")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_kill_fee_campaign_id")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_kill_fee_track_id")),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_kill_fee")),
    )
    op.create_index(op.f("ix_kill_fee_campaign_id"), "kill_fee", ["campaign_id"], unique=False)
    op.create_table(
        "kill_fee_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_kill_fee_line_amount")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kill_fee_line_person_id")),
        sa.ForeignKeyConstraint(["track_id"], ["kill_fee.track_id"], name=op.f("fk_kill_fee_line_track_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kill_fee_line")),
        sa.UniqueConstraint("track_id", "person_id", name=op.f("uq_kill_fee_line_track_id_person_id")),
    )
    op.create_index(op.f("ix_kill_fee_line_person_id"), "kill_fee_line", ["person_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(assessed_by is null) = (assessed_at is null)", name=op.f("ck_assessment_assessed")),
        sa.CheckConstraint("due_since is null or assessed_at is not null", name=op.f("ck_assessment_due")),
        sa.ForeignKeyConstraint(["assessed_by"], ["person.id"], name=op.f("fk_assessment_assessed_by")),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_assessment_cut_id")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["visit.track_id", "visit.number"], name=op.f("fk_assessment_track_id_visit")),
        sa.PrimaryKeyConstraint("track_id", "visit", name=op.f("pk_assessment")),
    )
    op.create_index("ix_assessment_due", "assessment", ["track_id"], unique=False, postgresql_where="due_since is not null")
    op.create_table(
        "points",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_points_reason")),
        sa.CheckConstraint("points between 1 and 1000000", name=op.f("ck_points_points")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["assessment.track_id", "assessment.visit"], name=op.f("fk_points_track_id_visit")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_points_work_id")),
        sa.PrimaryKeyConstraint("track_id", "visit", "work_id", name=op.f("pk_points")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pool", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("edges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Enum("open", "superseded", "final", name="proposalstate", native_enum=False), nullable=False),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'final') = (final_at is not null)", name=op.f("ck_proposal_final")),
        sa.CheckConstraint("posted_at is null or state = 'final'", name=op.f("ck_proposal_posted")),
        sa.CheckConstraint("closes_at > opened_at or number > 1", name=op.f("ck_proposal_window")),
        sa.CheckConstraint("pool > 0", name=op.f("ck_proposal_pool")),
        sa.ForeignKeyConstraint(
            ["track_id", "visit"], ["assessment.track_id", "assessment.visit"], name=op.f("fk_proposal_track_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("track_id", "number", name=op.f("uq_proposal_track_id_number")),
    )
    op.create_index(
        "ix_proposal_unposted", "proposal", ["track_id"], unique=False, postgresql_where="state = 'final' and posted_at is null"
    )
    op.create_index("uq_proposal_standing", "proposal", ["track_id"], unique=True, postgresql_where="state <> 'superseded'")
    op.create_table(
        "proposal_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "disposition", sa.Enum("accepted", "declined", "changed", name="disposition", native_enum=False, length=10), nullable=True
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("disposed_by", sa.Uuid(), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("claim <> '' and evidence <> ''", name=op.f("ck_proposal_comment_said")),
        sa.CheckConstraint("num_nulls(disposition, reason, disposed_by, disposed_at) in (0, 4)", name=op.f("ck_proposal_comment_disposed")),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name=op.f("fk_proposal_comment_about_id")),
        sa.ForeignKeyConstraint(["disposed_by"], ["person.id"], name=op.f("fk_proposal_comment_disposed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_comment_person_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_comment_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_comment")),
    )
    op.create_index("ix_proposal_comment_open", "proposal_comment", ["proposal_id"], unique=False, postgresql_where="disposition is null")
    op.create_index(op.f("ix_proposal_comment_proposal_id"), "proposal_comment", ["proposal_id"], unique=False)
    op.create_table(
        "proposal_finalisation",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_finalisation_person_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_finalisation_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_finalisation")),
    )
    op.create_table(
        "proposal_line",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("before_staff", sa.BigInteger(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount >= 0 and credit >= 0 and before_staff >= 0", name=op.f("ck_proposal_line_amounts")),
        sa.CheckConstraint("not is_staff or amount = 0", name=op.f("ck_proposal_line_staff")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_line_person_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_line_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_line")),
    )
    op.create_index(op.f("ix_proposal_line_person_id"), "proposal_line", ["person_id"], unique=False)
    for statement in BEYOND_THE_MODELS:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_proposal_line_person_id"), table_name="proposal_line")
    op.drop_table("proposal_line")
    op.drop_table("proposal_finalisation")
    op.drop_index(op.f("ix_proposal_comment_proposal_id"), table_name="proposal_comment")
    op.drop_index("ix_proposal_comment_open", table_name="proposal_comment", postgresql_where="disposition is null")
    op.drop_table("proposal_comment")
    op.drop_index("uq_proposal_standing", table_name="proposal", postgresql_where="state <> 'superseded'")
    op.drop_index("ix_proposal_unposted", table_name="proposal", postgresql_where="state = 'final' and posted_at is null")
    op.drop_table("proposal")
    op.drop_table("points")
    op.drop_index("ix_assessment_due", table_name="assessment", postgresql_where="due_since is not null")
    op.drop_table("assessment")
    op.drop_index(op.f("ix_kill_fee_line_person_id"), table_name="kill_fee_line")
    op.drop_table("kill_fee_line")
    op.drop_index(op.f("ix_kill_fee_campaign_id"), table_name="kill_fee")
    op.drop_table("kill_fee")


# SQL that the models cannot say, run after the tables are made.
BEYOND_THE_MODELS = (
    # What was proposed, and who called it final, stays as it was shown: only the window and the state of a proposal move.
    """
    create trigger frozen before delete or update of track_id, visit, number, pool, currency, inputs, edges, inputs_hash, opened_at
    on proposal for each row execute function refuse_change()
    """,
    "create trigger frozen before update or delete on proposal_line for each row execute function refuse_change()",
    "create trigger frozen before update or delete on proposal_finalisation for each row execute function refuse_change()",
    "create trigger frozen before update or delete on kill_fee for each row execute function refuse_change()",
    "create trigger frozen before update or delete on kill_fee_line for each row execute function refuse_change()",
)
