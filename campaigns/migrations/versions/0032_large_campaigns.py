"""For campaigns, runs and books that are large: indexes, and how many judge a work and what they make of it, counted as they do."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

MEAN = "case when answers > 0 then cast(points as double precision) / answers else 0 end"


# The rows are locked before they are counted anew: of two who judge one work at once, the later counts what the earlier wrote.
COUNTED = (
    """
    create function tally_works(judged uuid[]) returns void language plpgsql security definer set search_path from current as $$
    begin
        perform from tally where work_id = any(judged) order by work_id for update;
        update tally t set reviewers = now.reviewers, points = now.points, answers = now.answers
        from (
            select j.work_id, count(distinct a.id) as reviewers, coalesce(sum(s.value), 0) as points, count(s.value) as answers
            from unnest(judged) j (work_id) left join review_assignment a on a.work_id = j.work_id and a.released_at is null
            left join score s on s.assignment_id = a.id group by j.work_id
        ) now
        where now.work_id = t.work_id and (t.reviewers, t.points, t.answers) <> (now.reviewers, now.points, now.answers);
    end $$
    """,
    """
    create function begin_tally() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        insert into tally (work_id, campaign_id) select id, campaign_id from came;
        return null;
    end $$
    """,
    """
    create function tally_assigned() returns trigger language plpgsql as $$
    begin
        perform tally_works(array(select distinct work_id from changed));
        return null;
    end $$
    """,
    """
    create function tally_scored() returns trigger language plpgsql as $$
    begin
        perform tally_works(array(select distinct a.work_id from changed c join review_assignment a on a.id = c.assignment_id));
        return null;
    end $$
    """,
    # Marked in the row: the whole desk is asked for what is left of it, many times a day.
    """
    create function mark_written() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        update review_assignment a set is_written = (tg_op = 'INSERT') from changed c where a.id = c.assignment_id;
        return null;
    end $$
    """,
    """
    create trigger begin_tally after insert on contribution referencing new table as came
    for each statement execute function begin_tally()
    """,
    *(
        f"create trigger {deed}_{when} after {when} on {table} referencing {rows} table as changed "
        f"for each statement execute function {deed}()"
        for deed, table, when, rows in (
            ("tally_assigned", "review_assignment", "insert", "new"),
            ("tally_assigned", "review_assignment", "update", "new"),
            ("tally_assigned", "review_assignment", "delete", "old"),
            ("tally_scored", "score", "insert", "new"),
            ("tally_scored", "score", "update", "new"),
            ("tally_scored", "score", "delete", "old"),
            ("mark_written", "review", "insert", "new"),
            ("mark_written", "review", "delete", "old"),
        )
    ),
    "insert into tally (work_id, campaign_id) select id, campaign_id from contribution",
    "update review_assignment a set is_written = true from review r where r.assignment_id = a.id",
    "select tally_works(array(select distinct work_id from review_assignment))",
)


def upgrade() -> None:
    """Add them, and count what there is."""
    op.create_table(
        "tally",
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("reviewers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mean", sa.Double(), sa.Computed(MEAN, persisted=True), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_tally_work_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tally_campaign_id")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_best", "tally", ["campaign_id", "mean", "work_id"])
    op.create_index("ix_tally_reviewers", "tally", ["campaign_id", "reviewers"])
    op.add_column("review_assignment", sa.Column("is_written", sa.Boolean(), server_default=sa.false(), nullable=False))
    still_open = sa.text("released_at is null and not is_written")
    op.create_index("ix_review_assignment_open", "review_assignment", ["round_id", "curator_id"], postgresql_where=still_open)
    for statement in COUNTED:
        op.execute(statement)
    _index()


def _index() -> None:
    op.create_index("ix_account_payee_currency", "account", ["currency"], postgresql_where=sa.text("kind = 'payee'"))
    op.create_index("ix_contribution_taking_part", "contribution", ["campaign_id", "id"], postgresql_where=sa.text("state = 'screened_in'"))
    op.create_index("ix_payout_item_run_id_state", "payout_item", ["run_id", "state"], postgresql_include=["amount"])
    op.create_index("ix_payout_item_run_id_id", "payout_item", ["run_id", "id"])
    op.create_index("ix_proposal_line_largest_first", "proposal_line", ["proposal_id", "is_staff", sa.text("(- amount)"), "person_id"])


def downgrade() -> None:
    """Take them away."""
    for when in ("insert", "update", "delete"):
        op.execute(f"drop trigger tally_assigned_{when} on review_assignment")
        op.execute(f"drop trigger tally_scored_{when} on score")
    for when in ("insert", "delete"):
        op.execute(f"drop trigger mark_written_{when} on review")
    op.execute("drop trigger begin_tally on contribution")
    for function in ("mark_written", "tally_scored", "tally_assigned", "begin_tally", "tally_works"):
        op.execute(f"drop function {function}")
    op.drop_index("ix_review_assignment_open", "review_assignment")
    op.drop_column("review_assignment", "is_written")
    op.drop_table("tally")
    op.drop_index("ix_proposal_line_largest_first", "proposal_line")
    op.drop_index("ix_payout_item_run_id_id", "payout_item")
    op.drop_index("ix_payout_item_run_id_state", "payout_item")
    op.drop_index("ix_contribution_taking_part", "contribution")
    op.drop_index("ix_account_payee_currency", "account")
