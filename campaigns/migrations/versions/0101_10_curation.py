"""Reviews, scores and selections, and the tallies that are kept of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_10"
down_revision: str | None = "0101_09"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function last_judged(of_round uuid, of_curator uuid) returns timestamptz language sql stable as $$
    select max(coalesce(r.revised_at, r.submitted_at)) from review r join review_assignment a on a.id = r.assignment_id
    where a.round_id = of_round and a.curator_id = of_curator and a.released_at is null
$$
""",
    """
create function mark_written() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        update review_assignment a set is_written = (tg_op = 'INSERT') from changed c where a.id = c.assignment_id;
        return null;
    end
$$
""",
    """
create function tally_assigned() returns trigger language plpgsql as $$
    begin
        perform tally_contributions(array(select distinct contribution_id from changed));
        return null;
    end
$$
""",
    """
create function tally_desks() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        if tg_op <> 'DELETE' then
            insert into desk_tally as d (round_id, curator_id, given, written, open, released)
        select a.round_id, a.curator_id, count(*) filter (where a.released_at is null) as given,
            count(*) filter (where a.released_at is null and a.is_written) as written,
            count(*) filter (where a.released_at is null and not a.is_written
                and w.state = 'screened_in') as open, count(*) filter (where not a.released_at is null) as released
        from changed a join contribution w on w.id = a.contribution_id
            group by a.round_id, a.curator_id order by a.round_id, a.curator_id
            on conflict (round_id, curator_id) do update set given = d.given + excluded.given, written = d.written +
                excluded.written,
                open = d.open + excluded.open, released = d.released + excluded.released;
        end if;
        if tg_op <> 'INSERT' then
            update desk_tally d set given = d.given - b.given, written = d.written - b.written, open = d.open - b.open,
                released = d.released - b.released
            from (
        select a.round_id, a.curator_id, count(*) filter (where a.released_at is null) as given,
            count(*) filter (where a.released_at is null and a.is_written) as written,
            count(*) filter (where a.released_at is null and not a.is_written
                and w.state = 'screened_in') as open, count(*) filter (where not a.released_at is null) as released
        from before a join contribution w on w.id = a.contribution_id
            group by a.round_id, a.curator_id order by a.round_id, a.curator_id
    ) b where (b.round_id, b.curator_id) = (d.round_id, d.curator_id);
        end if;
        if tg_op = 'UPDATE' then
            update desk_tally d set last_at = last_judged(d.round_id, d.curator_id)
            where (d.round_id, d.curator_id) in (
                select c.round_id, c.curator_id from changed c join before b using (id) where b.released_at is distinct
                    from c.released_at
            );
        end if;
        return null;
    end
$$
""",
    """
create function tally_judged() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        if tg_op = 'DELETE' then
            update desk_tally d set last_at = last_judged(d.round_id, d.curator_id)
            where (d.round_id, d.curator_id) in (
                select a.round_id, a.curator_id from changed c join review_assignment a on a.id = c.assignment_id
            );
            return null;
        end if;
        update desk_tally d set last_at = greatest(d.last_at, n.at)
        from (
            select a.round_id, a.curator_id, max(coalesce(c.revised_at, c.submitted_at)) as at
            from changed c join review_assignment a on a.id = c.assignment_id where a.released_at is null
                group by a.round_id, a.curator_id
        ) n
        where (n.round_id, n.curator_id) = (d.round_id, d.curator_id);
        return null;
    end
$$
""",
    """
create function tally_scored() returns trigger language plpgsql as $$
    begin
        perform tally_contributions(array(select distinct a.contribution_id from changed c
            join review_assignment a on a.id = c.assignment_id));
        return null;
    end
$$
""",
)

TRIGGERS = (
    """
create trigger mark_written_delete after delete on review referencing old table as changed for each statement
        execute function mark_written()
""",
    """
create trigger mark_written_insert after insert on review referencing new table as changed for each statement
        execute function mark_written()
""",
    """
create trigger tally_judged_delete after delete on review referencing old table as changed for each statement
        execute function tally_judged()
""",
    """
create trigger tally_judged_insert after insert on review referencing new table as changed for each statement
        execute function tally_judged()
""",
    """
create trigger tally_judged_update after update on review referencing new table as changed for each statement
        execute function tally_judged()
""",
    """
create trigger tally_assigned_delete after delete on review_assignment referencing old table as changed
        for each statement execute function tally_assigned()
""",
    """
create trigger tally_assigned_insert after insert on review_assignment referencing new table as changed
        for each statement execute function tally_assigned()
""",
    """
create trigger tally_assigned_update after update on review_assignment referencing new table as changed
        for each statement execute function tally_assigned()
""",
    """
create trigger tally_desks_delete after delete on review_assignment referencing old table as before
        for each statement execute function tally_desks()
""",
    """
create trigger tally_desks_insert after insert on review_assignment referencing new table as changed
        for each statement execute function tally_desks()
""",
    """
create trigger tally_desks_update after update on review_assignment referencing old table as before new table as changed
        for each statement execute function tally_desks()
""",
    """
create trigger tally_scored_delete after delete on score referencing old table as changed for each statement
        execute function tally_scored()
""",
    """
create trigger tally_scored_insert after insert on score referencing new table as changed for each statement
        execute function tally_scored()
""",
    """
create trigger tally_scored_update after update on score referencing new table as changed for each statement
        execute function tally_scored()
""",
    "create trigger append_only before delete or update on selection for each row execute function refuse_change()",
    "create trigger append_only before delete or update on selection_outcome for each row execute function refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "conflict",
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_conflict_contribution_id")),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_conflict_curator_id")),
        sa.PrimaryKeyConstraint("curator_id", "contribution_id", name=op.f("pk_conflict")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_criterion_name_one_line")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_criterion_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_criterion_campaign_id_name")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_criterion_campaign_id_number")),
    )
    op.create_table(
        "review_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("curator_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("per_contribution", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("per_contribution >= 1", name=op.f("ck_review_round_per_contribution")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_review_round_asked_by")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["stage_visit.deliverable_id", "stage_visit.number"],
            name=op.f("fk_review_round_deliverable_id_visit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_round")),
    )
    op.create_index("ix_review_round_deliverable_id_visit", "review_round", ["deliverable_id", "visit"], unique=False)
    op.create_table(
        "selected_contribution",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("selected_by", sa.Uuid(), nullable=False),
        sa.Column("selected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_selected_contribution_reason")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_selected_contribution_contribution_id")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["stage_visit.deliverable_id", "stage_visit.number"],
            name=op.f("fk_selected_contribution_deliverable_id_visit"),
        ),
        sa.ForeignKeyConstraint(["selected_by"], ["person.id"], name=op.f("fk_selected_contribution_selected_by")),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", "contribution_id", name=op.f("pk_selected_contribution")),
    )
    op.create_table(
        "selection",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("common_reason", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["stage_visit.deliverable_id", "stage_visit.number"],
            name=op.f("fk_selection_deliverable_id_visit"),
        ),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_selection_published_by")),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", name=op.f("pk_selection")),
    )
    op.create_table(
        "tally",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("reviewers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("points", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "mean",
            sa.Double(),
            sa.Computed("case when answers > 0 then cast(points as double precision) / answers else 0 end", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tally_campaign_id")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_tally_contribution_id")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_best", "tally", ["campaign_id", "mean", "contribution_id"], unique=False)
    op.create_index("ix_tally_reviewers", "tally", ["campaign_id", "reviewers"], unique=False)
    op.create_table(
        "desk_tally",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("written", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("open", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("released", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("0 <= open and open <= given - written", name=op.f("ck_desk_tally_open")),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_desk_tally_curator_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_desk_tally_round_id")),
        sa.PrimaryKeyConstraint("round_id", "curator_id", name=op.f("pk_desk_tally")),
    )
    op.create_table(
        "review_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_written", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_review_assignment_contribution_id")),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_review_assignment_curator_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_assignment_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_assignment")),
        sa.UniqueConstraint("contribution_id", "curator_id", name=op.f("uq_review_assignment_contribution_id_curator_id")),
    )
    op.create_index("ix_review_assignment_curator_id_place", "review_assignment", ["curator_id", "place"], unique=False)
    op.create_index(
        "ix_review_assignment_open",
        "review_assignment",
        ["round_id", "curator_id"],
        unique=False,
        postgresql_where="released_at is null and not is_written",
    )
    op.create_index(op.f("ix_review_assignment_round_id"), "review_assignment", ["round_id"], unique=False)
    op.create_table(
        "selection_outcome",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_selection_outcome_reason")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_selection_outcome_contribution_id")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["selection.deliverable_id", "selection.visit"],
            name=op.f("fk_selection_outcome_deliverable_id_visit"),
        ),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", "contribution_id", name=op.f("pk_selection_outcome")),
    )
    op.create_index(op.f("ix_selection_outcome_contribution_id"), "selection_outcome", ["contribution_id"], unique=False)
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
        "review_taken_back",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["review_assignment.id"], name=op.f("fk_review_taken_back_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_review_taken_back")),
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
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("score")
    op.drop_table("review_taken_back")
    op.drop_table("review")
    op.drop_table("selection_outcome")
    op.drop_table("review_assignment")
    op.drop_table("desk_tally")
    op.drop_table("tally")
    op.drop_table("selection")
    op.drop_table("selected_contribution")
    op.drop_table("review_round")
    op.drop_table("criterion")
    op.drop_table("conflict")
    op.execute("drop function last_judged")
    op.execute("drop function mark_written")
    op.execute("drop function tally_assigned")
    op.execute("drop function tally_desks")
    op.execute("drop function tally_judged")
    op.execute("drop function tally_scored")
