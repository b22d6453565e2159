"""What keeps an installation running: flow processes, kept answers, rate limits, the sandbox's clock."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_04"
down_revision: str | None = "0101_03"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "bucket",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bucket")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "clock_move",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_clock_move_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_move")),
    )
    op.create_table(
        "flow_process",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("carried_id", sa.Uuid(), nullable=True),
        sa.Column("machine", sa.String(length=120), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("worker_process", sa.String(length=60), nullable=False),
        sa.Column("process", sa.String(length=60), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("spawned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("condemned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_process")),
    )
    op.create_index("ix_flow_process_taken_at", "flow_process", ["taken_at"], unique=False)
    op.create_index("uq_flow_process_carried_id_alive", "flow_process", ["carried_id"], unique=True, postgresql_where="ended_at is null")
    op.create_index("uq_flow_process_flow_run_id_alive", "flow_process", ["flow_run_id"], unique=True, postgresql_where="ended_at is null")
    op.create_table(
        "heartbeat",
        sa.Column("program", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("overloaded_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("program", "place", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_answer_person_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_kept_answer")),
    )
    op.create_table(
        "restoration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("backup", sa.String(length=120), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )


def downgrade() -> None:
    op.drop_table("restoration")
    op.drop_table("kept_answer")
    op.drop_table("heartbeat")
    op.drop_table("flow_process")
    op.drop_table("clock_move")
    op.drop_table("bucket")
