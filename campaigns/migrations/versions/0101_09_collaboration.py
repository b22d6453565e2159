"""Sources of a contribution, and the time in which people work together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101_09"
down_revision: str | None = "0101_08"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function keep_claim() returns trigger language plpgsql as $$
    begin
        if (new.id, new.contribution_id, new.source_id, new.kind, new.claimed_by, new.claimed_as, new.claimed_at,
            new.at_upload) is distinct from
            (old.id, old.contribution_id, old.source_id, old.kind, old.claimed_by, old.claimed_as, old.claimed_at,
                old.at_upload) then
            raise exception 'what was claimed stays: % refused', lower(tg_op) using errcode = 'restrict_violation';
        end if;
        return new;
    end
$$
""",
    """
create function require_one_campaign() returns trigger language plpgsql as $$
    begin
        if (select count(distinct campaign_id) from contribution where id in (new.contribution_id, new.source_id)) <> 1 then
            raise exception 'a source belongs to the campaign of its contribution' using errcode = 'check_violation',
                constraint = 'one_campaign';
        end if;
        return new;
    end
$$
""",
)

TRIGGERS = (
    "create trigger claim_stays before update on source for each row execute function keep_claim()",
    "create trigger never_deleted before delete on source for each row execute function refuse_change()",
    "create trigger one_campaign before insert on source for each row execute function require_one_campaign()",
)


def upgrade() -> None:
    op.create_table(
        "collaboration_window",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(completed_at is null) = (completed_by is null)", name=op.f("ck_collaboration_window_completed")),
        sa.ForeignKeyConstraint(["completed_by"], ["person.id"], name=op.f("fk_collaboration_window_completed_by")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["stage_visit.deliverable_id", "stage_visit.number"],
            name=op.f("fk_collaboration_window_deliverable_id_visit"),
        ),
        sa.PrimaryKeyConstraint("deliverable_id", "visit", name=op.f("pk_collaboration_window")),
    )
    op.create_table(
        "source",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=False),
        sa.Column("claimed_as", sa.String(length=16), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_upload", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_as", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_as is null) and (decided_as is null) = (decided_at is null)", name=op.f("ck_source_decided")
        ),
        sa.CheckConstraint("decided_as <> 'licence' or (kind = 'contains' and at_upload)", name=op.f("ck_source_licence")),
        sa.CheckConstraint("decided_as <> claimed_as or decided_as = 'curator'", name=op.f("ck_source_other_side")),
        sa.CheckConstraint("source_id < contribution_id", name=op.f("ck_source_older")),
        sa.CheckConstraint("weight between 1 and 1000000", name=op.f("ck_source_weight")),
        sa.ForeignKeyConstraint(["claimed_by"], ["person.id"], name=op.f("fk_source_claimed_by")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_source_contribution_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_source_decided_by")),
        sa.ForeignKeyConstraint(["source_id"], ["contribution.id"], name=op.f("fk_source_source_id")),
        sa.PrimaryKeyConstraint("contribution_id", "source_id", name=op.f("pk_source")),
        sa.UniqueConstraint("id", name=op.f("uq_source_id")),
    )
    op.create_index("ix_source_decided_at", "source", ["decided_at"], unique=False, postgresql_where="decided_at is not null")
    op.create_index("ix_source_open", "source", ["contribution_id"], unique=False, postgresql_where="state = 'open'")
    op.create_index("ix_source_source_id_contribution_id", "source", ["source_id", "contribution_id"], unique=False)
    op.create_table(
        "wrapper_finding",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("is_wrapper", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_wrapper_finding_contribution_id")),
        sa.ForeignKeyConstraint(["found_by"], ["person.id"], name=op.f("fk_wrapper_finding_found_by")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_wrapper_finding")),
    )
    op.create_index(op.f("ix_wrapper_finding_found_at"), "wrapper_finding", ["found_at"], unique=False)
    op.create_table(
        "collaboration_extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("from_close", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_close", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("extended_by", sa.Uuid(), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "visit"],
            ["collaboration_window.deliverable_id", "collaboration_window.visit"],
            name=op.f("fk_collaboration_extension_deliverable_id_visit"),
        ),
        sa.ForeignKeyConstraint(["extended_by"], ["person.id"], name=op.f("fk_collaboration_extension_extended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaboration_extension")),
    )
    op.create_index("ix_collaboration_extension_deliverable_id_visit", "collaboration_extension", ["deliverable_id", "visit"], unique=False)
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("collaboration_extension")
    op.drop_table("wrapper_finding")
    op.drop_table("source")
    op.drop_table("collaboration_window")
    op.execute("drop function keep_claim")
    op.execute("drop function require_one_campaign")
