"""Campaigns, deliverables and their stages; the chain of events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_02"
down_revision: str | None = "0101_01"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function guard_campaign_brand() returns trigger language plpgsql as $$
    begin
        perform 1 from brand where id = new.brand_id and merged_into is null for share;
        if not found then
            raise exception 'the brand has been merged into another' using
                errcode = 'check_violation', constraint = 'ck_campaign_brand_is_there';
        end if;
        -- Whoever has a role in it is asked anew on which side of the other brand they stand.
        if tg_op = 'UPDATE' then
            update role_grant set role = role where campaign_id = new.id;
        end if;
        return null;
    end
$$
""",
    """
create function refuse_cancelling_alone() returns trigger language plpgsql as $$
    begin
        if not exists (select from cancellation where campaign_id = new.id and confirmed_at is not null) then
            raise exception 'A launched campaign is cancelled by two people.' using errcode = 'restrict_violation';
        end if;
        return new;
    end
$$
""",
    """
create function refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
    end
$$
""",
)

TRIGGERS = (
    """
create trigger of_a_brand_that_is_there after insert or update of brand_id on campaign for each row
        execute function guard_campaign_brand()
""",
    """
create trigger two_people before update of cancelled_at on campaign for each row when (((old.cancelled_at is null)
        and (new.cancelled_at is not null) and (new.launched_at is not null))) execute function refuse_cancelling_alone()
""",
    """
create trigger frozen before delete or update of campaign_id, reason, asked_by, asked_at on cancellation
        for each row execute function refuse_change()
""",
    "create trigger append_only before delete or update on event for each row execute function refuse_change()",
    "create trigger never_emptied before truncate on event for each statement execute function refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "anchor_file",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=10), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.CheckConstraint("lines > 0", name=op.f("ck_anchor_file_has_lines")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchor_file")),
    )
    op.create_table(
        "attention",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("earns", sa.Boolean(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attention_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_attention")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=1), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contributions_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("wake", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.CheckConstraint("title !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_campaign_title_one_line")),
        sa.CheckConstraint("cancelled_at is null or done_at is null", name=op.f("ck_campaign_one_end")),
        sa.CheckConstraint("generation >= 0 and wake >= 0 and seen >= 0", name=op.f("ck_campaign_counters")),
        sa.CheckConstraint("settled_at is null or cancelled_at is not null", name=op.f("ck_campaign_settled")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_campaign_brand_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_campaign_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("number", name=op.f("uq_campaign_number")),
    )
    op.create_index(op.f("ix_campaign_brand_id"), "campaign", ["brand_id"], unique=False)
    op.create_index("ix_campaign_live", "campaign", ["id"], unique=False, postgresql_where="cancelled_at is null and done_at is null")
    op.create_index("ix_campaign_owner_id", "campaign", ["owner_id"], unique=False)
    op.create_table(
        "chain_head",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "cancellation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_cancellation_reason")),
        sa.CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name=op.f("ck_cancellation_confirmed")),
        sa.CheckConstraint("(dropped_by is null) = (dropped_at is null)", name=op.f("ck_cancellation_dropped")),
        sa.CheckConstraint("confirmed_at is null or dropped_at is null", name=op.f("ck_cancellation_one_answer")),
        sa.CheckConstraint("confirmed_by <> asked_by", name=op.f("ck_cancellation_two_people")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_cancellation_asked_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_cancellation_campaign_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_cancellation_confirmed_by")),
        sa.ForeignKeyConstraint(["dropped_by"], ["person.id"], name=op.f("fk_cancellation_dropped_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index(op.f("ix_cancellation_campaign_id"), "cancellation", ["campaign_id"], unique=False)
    op.create_index("uq_cancellation_standing", "cancellation", ["campaign_id"], unique=True, postgresql_where="dropped_at is null")
    op.create_table(
        "deliverable",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("format", sa.String(length=160), nullable=False),
        sa.Column("length", sa.String(length=80), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_because", sa.String(), nullable=True),
        sa.Column("entered_cause", sa.String(length=20), nullable=True),
        sa.CheckConstraint("entered_cause in ('gate_opened', 'proposal_final')", name=op.f("ck_deliverable_cause")),
        sa.CheckConstraint("kind in ('film', 'picture', 'sound', 'text', 'other')", name=op.f("ck_deliverable_kind")),
        sa.CheckConstraint(
            "stage in ('brief', 'open_call', 'collaboration', 'curation', 'client_delivery', 'payout', 'done', 'cancelled')",
            name=op.f("ck_deliverable_stage"),
        ),
        sa.CheckConstraint("title !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_deliverable_title_one_line")),
        sa.CheckConstraint("price > 0", name=op.f("ck_deliverable_price")),
        sa.CheckConstraint("visit >= 1", name=op.f("ck_deliverable_visit")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_deliverable_brand_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_deliverable_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_deliverable_campaign_id_number")),
    )
    op.create_index("ix_deliverable_stage", "deliverable", ["stage"], unique=False, postgresql_where="stage not in ('done', 'cancelled')")
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_event_campaign_id")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"], name=op.f("fk_event_deliverable_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("chain_id", "number", name=op.f("uq_event_chain_id_number")),
    )
    op.create_index("ix_event_name_at", "event", ["name", "at"], unique=False)
    op.create_table(
        "stage_visit",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("cause in ('gate_opened', 'proposal_final')", name=op.f("ck_stage_visit_cause")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"], name=op.f("fk_stage_visit_deliverable_id")),
        sa.PrimaryKeyConstraint("deliverable_id", "number", name=op.f("pk_stage_visit")),
    )
    op.create_foreign_key(op.f("fk_appointment_campaign_id"), "appointment", "campaign", ["campaign_id"], ["id"])
    op.create_foreign_key(op.f("fk_role_grant_deliverable_id"), "role_grant", "deliverable", ["deliverable_id"], ["id"])
    op.create_foreign_key(op.f("fk_role_grant_campaign_id"), "role_grant", "campaign", ["campaign_id"], ["id"])
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_constraint("fk_appointment_campaign_id", "appointment")
    op.drop_constraint("fk_role_grant_deliverable_id", "role_grant")
    op.drop_constraint("fk_role_grant_campaign_id", "role_grant")
    op.drop_table("stage_visit")
    op.drop_table("event")
    op.drop_table("deliverable")
    op.drop_table("cancellation")
    op.drop_table("chain_head")
    op.drop_table("campaign")
    op.drop_table("attention")
    op.drop_table("anchor_file")
    op.execute("drop function guard_campaign_brand")
    op.execute("drop function refuse_cancelling_alone")
    op.execute("drop function refuse_change")
