"""A funded campaign is cancelled by two people, and what it owes as kill fees is shared by proposals of its own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0058"
down_revision: str | None = "0054"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STANDING_BEFORE, STANDING = sa.text("state <> 'superseded'"), sa.text("state in ('open', 'final')")
FROZEN = """
    create trigger frozen before delete or update of track_id, visit, number, {more}pool, currency, inputs, edges, inputs_hash, opened_at
    on proposal for each row execute function refuse_change()
"""
# What the models cannot say: whoever writes, a campaign that was launched does not end without a second person.
TWO_PEOPLE = (
    """
    create function refuse_cancelling_alone() returns trigger language plpgsql as $$
    begin
        if not exists (select from cancellation where campaign_id = new.id and confirmed_at is not null) then
            raise exception 'A launched campaign is cancelled by two people.' using errcode = 'restrict_violation';
        end if;
        return new;
    end $$
    """,
    """
    create trigger two_people before update of cancelled_at on campaign for each row
    when (old.cancelled_at is null and new.cancelled_at is not null and new.launched_at is not null)
    execute function refuse_cancelling_alone()
    """,
    """
    create trigger frozen before delete or update of campaign_id, reason, asked_by, asked_at
    on cancellation for each row execute function refuse_change()
    """,
)


def upgrade() -> None:
    """Make the table of requests; give proposals, points and kill fees what a cancellation needs; what was cancelled is settled."""
    op.create_table(
        "cancellation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name=op.f("ck_cancellation_confirmed")),
        sa.CheckConstraint("(dropped_by is null) = (dropped_at is null)", name=op.f("ck_cancellation_dropped")),
        sa.CheckConstraint("confirmed_at is null or dropped_at is null", name=op.f("ck_cancellation_one_answer")),
        sa.CheckConstraint("confirmed_by <> asked_by", name=op.f("ck_cancellation_two_people")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_cancellation_reason")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_cancellation_asked_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_cancellation_campaign_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_cancellation_confirmed_by")),
        sa.ForeignKeyConstraint(["dropped_by"], ["person.id"], name=op.f("fk_cancellation_dropped_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index(op.f("ix_cancellation_campaign_id"), "cancellation", ["campaign_id"])
    op.create_index("uq_cancellation_standing", "cancellation", ["campaign_id"], unique=True, postgresql_where="dropped_at is null")
    _campaigns()
    _proposals()
    _kill_fees()
    for statement in TWO_PEOPLE:
        op.execute(statement)


def _campaigns() -> None:
    op.add_column("campaign", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update campaign set settled_at = cancelled_at where cancelled_at is not null")
    op.create_check_constraint(op.f("ck_campaign_settled"), "campaign", "settled_at is null or cancelled_at is not null")


def _proposals() -> None:
    op.alter_column("assessment", "cut_id", nullable=True)
    for table in ("assessment", "proposal"):
        op.add_column(table, sa.Column("is_kill_fee", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column(table, "is_kill_fee", server_default=None)
    op.create_check_constraint(op.f("ck_assessment_cut"), "assessment", "cut_id is not null or is_kill_fee")
    op.execute("drop trigger frozen on proposal")
    op.execute(FROZEN.format(more="is_kill_fee, "))
    op.drop_index("uq_proposal_standing", "proposal")
    # What stood open when its campaign was cancelled waits for nothing any more.
    op.execute("""
        update proposal p set state = 'closed' from track t join campaign c on c.id = t.campaign_id
        where t.id = p.track_id and c.cancelled_at is not null and p.state = 'open'
    """)
    op.create_index("uq_proposal_standing", "proposal", ["track_id"], unique=True, postgresql_where=STANDING)


def _kill_fees() -> None:
    op.alter_column("kill_fee", "posted_at", new_column_name="owed_at")
    op.alter_column("kill_fee", "inputs", nullable=True)
    op.alter_column("kill_fee", "inputs_hash", nullable=True)
    op.create_check_constraint(op.f("ck_kill_fee_inputs"), "kill_fee", "(inputs is null) = (inputs_hash is null)")
    op.create_check_constraint(op.f("ck_kill_fee_by_the_brief"), "kill_fee", "amount = price * bps / 10000")


def downgrade() -> None:
    """As it was, where nothing was cancelled since."""
    op.execute("drop trigger two_people on campaign")
    op.execute("drop function refuse_cancelling_alone()")
    op.drop_constraint(op.f("ck_kill_fee_by_the_brief"), "kill_fee")
    op.drop_constraint(op.f("ck_kill_fee_inputs"), "kill_fee")
    op.alter_column("kill_fee", "inputs_hash", nullable=False)
    op.alter_column("kill_fee", "inputs", nullable=False)
    op.alter_column("kill_fee", "owed_at", new_column_name="posted_at")
    op.drop_index("uq_proposal_standing", "proposal")
    op.execute("update proposal set state = 'open' where state = 'closed'")
    op.create_index("uq_proposal_standing", "proposal", ["track_id"], unique=True, postgresql_where=STANDING_BEFORE)
    op.execute("drop trigger frozen on proposal")
    op.execute(FROZEN.format(more=""))
    op.drop_constraint(op.f("ck_assessment_cut"), "assessment")
    for table in ("proposal", "assessment"):
        op.drop_column(table, "is_kill_fee")
    op.alter_column("assessment", "cut_id", nullable=False)
    op.drop_constraint(op.f("ck_campaign_settled"), "campaign")
    op.drop_column("campaign", "settled_at")
    op.drop_table("cancellation")
