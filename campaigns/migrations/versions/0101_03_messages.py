"""What is sent and received: the outbox, the inbox, emails and reminders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_03"
down_revision: str | None = "0101_02"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "dismissal",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notification", sa.String(length=160), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dismissal_person_id")),
        sa.PrimaryKeyConstraint("person_id", "notification", name=op.f("pk_dismissal")),
    )
    op.create_table(
        "email_chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notification", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('promised', 'sending', 'sent', 'unknown', 'uncertain', 'dropped', 'failed')", name=op.f("ck_email_chunk_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_chunk")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_email_chunk_event_id_number")),
    )
    op.create_table(
        "inbox",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("is_fetched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("passed_over", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"], unique=False)
    op.create_table(
        "inbox_mark",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_inbox_mark")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "lane in ('sign_in', 'payments', 'wakes', 'events', 'emails', 'bulk_emails', 'announcements', "
            "'stripe_events', 'sendgrid_events')",
            name=op.f("ck_outbox_message_lane"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_outbox_message_kind_key")),
    )
    op.create_index("ix_outbox_message_failed", "outbox_message", ["id"], unique=False, postgresql_where="failed_at is not null")
    op.create_index(
        "ix_outbox_message_lane",
        "outbox_message",
        ["lane", "due_at", "id"],
        unique=False,
        postgresql_where="done_at is null and failed_at is null",
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("gate", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reminded_by", sa.Uuid(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_reminder_campaign_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.ForeignKeyConstraint(["reminded_by"], ["person.id"], name=op.f("fk_reminder_reminded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index("ix_reminder_campaign_id_reminded_at", "reminder", ["campaign_id", "reminded_at"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason in ('bounce', 'invalid', 'spamreport', 'unsubscribe', 'group_unsubscribe', 'digest_unsubscribe')",
            name=op.f("ck_suppression_reason"),
        ),
        sa.PrimaryKeyConstraint("address", "reason", name=op.f("pk_suppression")),
    )
    op.create_table(
        "week_told",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_week_told_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_week_told")),
    )
    op.create_table(
        "email",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("notification", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("chunk_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "state in ('promised', 'sending', 'sent', 'unknown', 'uncertain', 'dropped', 'failed')", name=op.f("ck_email_state")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_email_campaign_id")),
        sa.ForeignKeyConstraint(["chunk_id"], ["email_chunk.id"], name=op.f("fk_email_chunk_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_email_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email")),
        sa.UniqueConstraint("event_id", "recipient_id", "notification", name=op.f("uq_email_event_id_recipient_id_notification")),
    )
    op.create_index("ix_email_campaign_id_id", "email", ["campaign_id", "id"], unique=False)
    op.create_index(op.f("ix_email_chunk_id"), "email", ["chunk_id"], unique=False)
    op.create_index(
        "ix_email_open", "email", ["state", "tried_at"], unique=False, postgresql_where="state in ('promised', 'sending', 'unknown')"
    )
    op.create_index("ix_email_recipient_id_id", "email", ["recipient_id", "id"], unique=False)
    op.create_index("ix_email_undelivered", "email", ["id"], unique=False, postgresql_where="state in ('failed', 'uncertain', 'unknown')")


def downgrade() -> None:
    op.drop_table("email")
    op.drop_table("week_told")
    op.drop_table("suppression")
    op.drop_table("reminder")
    op.drop_table("outbox_message")
    op.drop_table("inbox_mark")
    op.drop_table("inbox")
    op.drop_table("email_chunk")
    op.drop_table("dismissal")
