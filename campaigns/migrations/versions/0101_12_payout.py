"""Proposals, their lines, and cancellation fees."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_12"
down_revision: str | None = "0101_11"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function tally_contributions(judged uuid[]) returns void language plpgsql security definer set search_path to '$user',
    'public' as $$
    begin
        perform from tally where contribution_id = any(judged) order by contribution_id for update;
        update tally t set reviewers = now.reviewers, points = now.points, answers = now.answers
        from (
            select j.contribution_id, count(distinct a.id) as reviewers, coalesce(sum(s.value), 0) as points, count(s.value) as
                answers
            from unnest(judged) j (contribution_id) left join review_assignment a on a.contribution_id = j.contribution_id
                and a.released_at is null
            left join score s on s.assignment_id = a.id group by j.contribution_id
        ) now
        where now.contribution_id = t.contribution_id
            and (t.reviewers, t.points, t.answers) <> (now.reviewers, now.points, now.answers);
    end
$$
""",
)

TRIGGERS = (
    "create trigger frozen before delete or update on kill_fee for each row execute function refuse_change()",
    "create trigger frozen before delete or update on kill_fee_line for each row execute function refuse_change()",
    """
create trigger frozen before delete
        or update of deliverable_id, visit, number, is_kill_fee, pool, currency, inputs, edges, inputs_hash, opened_at on
            proposal for each row execute function refuse_change()
""",
    "create trigger frozen before delete or update on proposal_finalization for each row execute function refuse_change()",
    "create trigger frozen before delete or update on proposal_line for each row execute function refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("is_kill_fee", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(assessed_by is null) = (assessed_at is null)", name=op.f("ck_assessment_assessed")),
        sa.CheckConstraint("due_since is null or assessed_at is not null", name=op.f("ck_assessment_due")),
        sa.CheckConstraint("version_id is not null or is_kill_fee", name=op.f("ck_assessment_version")),
        sa.ForeignKeyConstraint(["assessed_by"], ["person.id"], name=op.f("fk_assessment_assessed_by")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["stage_visit.deliverable_id", "stage_visit.number"],
            name=op.f("fk_assessment_deliverable_id_visit"),
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_assessment_version_id")),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", name=op.f("pk_assessment")),
    )
    op.create_index("ix_assessment_due", "assessment", ["deliverable_id"], unique=False, postgresql_where="due_since is not null")
    op.create_table(
        "kill_fee",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("from_reserve", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("inputs_hash", sa.String(length=64), nullable=True),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(inputs is null) = (inputs_hash is null)", name=op.f("ck_kill_fee_inputs")),
        sa.CheckConstraint("amount = price * bps / 10000", name=op.f("ck_kill_fee_by_the_brief")),
        sa.CheckConstraint("amount between 1 and price", name=op.f("ck_kill_fee_amount")),
        sa.CheckConstraint("from_reserve between 0 and amount", name=op.f("ck_kill_fee_from_reserve")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_kill_fee_campaign_id")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"], name=op.f("fk_kill_fee_deliverable_id")),
        sa.PrimaryKeyConstraint("deliverable_id", name=op.f("pk_kill_fee")),
    )
    op.create_index(op.f("ix_kill_fee_campaign_id"), "kill_fee", ["campaign_id"], unique=False)
    op.create_table(
        "kill_fee_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_kill_fee_line_amount")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["kill_fee.deliverable_id"], name=op.f("fk_kill_fee_line_deliverable_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kill_fee_line_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kill_fee_line")),
        sa.UniqueConstraint("deliverable_id", "person_id", name=op.f("uq_kill_fee_line_deliverable_id_person_id")),
    )
    op.create_index(op.f("ix_kill_fee_line_person_id"), "kill_fee_line", ["person_id"], unique=False)
    op.create_table(
        "points",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_points_reason")),
        sa.CheckConstraint("points between 1 and 1000000", name=op.f("ck_points_points")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_points_contribution_id")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"], ["assessment.deliverable_id", "assessment.visit"], name=op.f("fk_points_deliverable_id_visit")
        ),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", "contribution_id", name=op.f("pk_points")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_kill_fee", sa.Boolean(), nullable=False),
        sa.Column("pool", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("edges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("lineage_sha256", sa.String(length=64), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Enum("open", "superseded", "final", "closed", name="proposalstate", native_enum=False), nullable=False),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'final') = (final_at is not null)", name=op.f("ck_proposal_final")),
        sa.CheckConstraint("posted_at is null or state = 'final'", name=op.f("ck_proposal_posted")),
        sa.CheckConstraint("pool > 0", name=op.f("ck_proposal_pool")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"], ["assessment.deliverable_id", "assessment.visit"], name=op.f("fk_proposal_deliverable_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("deliverable_id", "number", name=op.f("uq_proposal_deliverable_id_number")),
    )
    op.create_index(
        "ix_proposal_unposted", "proposal", ["deliverable_id"], unique=False, postgresql_where="state = 'final' and posted_at is null"
    )
    op.create_index("uq_proposal_standing", "proposal", ["deliverable_id"], unique=True, postgresql_where="state in ('open', 'final')")
    op.create_table(
        "proposal_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(length=10), nullable=True),
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
        "proposal_finalization",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_finalization_person_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_finalization_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_finalization")),
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
    op.create_index(
        "ix_proposal_line_largest_first",
        "proposal_line",
        ["proposal_id", "is_staff", sa.literal_column("(- amount)"), "person_id"],
        unique=False,
    )
    op.create_index(op.f("ix_proposal_line_person_id"), "proposal_line", ["person_id"], unique=False)
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("proposal_line")
    op.drop_table("proposal_finalization")
    op.drop_table("proposal_comment")
    op.drop_table("proposal")
    op.drop_table("points")
    op.drop_table("kill_fee_line")
    op.drop_table("kill_fee")
    op.drop_table("assessment")
    op.execute("drop function tally_contributions")
