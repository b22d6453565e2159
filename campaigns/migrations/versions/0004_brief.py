"""The tables of brief."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "billed_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("customer", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_billed_party_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed_party")),
        sa.UniqueConstraint("brand_id", "name", "email", name=op.f("uq_billed_party_brand_id_name_email")),
    )
    op.create_table(
        "advance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_advance_amount")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_advance_approved_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_advance_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance")),
    )
    op.create_index(op.f("ix_advance_campaign_id"), "advance", ["campaign_id"], unique=False)
    op.create_table(
        "brief",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("do_list", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dont_list", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("call_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collaboration_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("curation_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("go_live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_on", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("assembly", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("contains", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("influenced_by", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("staff_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("reserve_bps", sa.Integer(), nullable=False),
        sa.Column("kill_fee_before_changes_bps", sa.Integer(), nullable=False),
        sa.Column("kill_fee_after_changes_bps", sa.Integer(), nullable=False),
        sa.Column("kill_fee_approved_bps", sa.Integer(), nullable=False),
        sa.Column("licence_version", sa.String(length=20), nullable=False),
        sa.Column("ai_training", sa.Boolean(), nullable=False),
        sa.Column("credit_names", sa.Boolean(), nullable=False),
        sa.Column("exclusivity", sa.String(length=20), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("exclusivity = 'none'", name=op.f("ck_brief_exclusivity")),
        sa.CheckConstraint("assembly >= 0 and assembly < 1", name=op.f("ck_brief_assembly")),
        sa.CheckConstraint("contains >= 0 and influenced_by >= 0 and contains + influenced_by < 1", name=op.f("ck_brief_pass_on")),
        sa.CheckConstraint("fee_bps between 0 and 10000 and reserve_bps between 0 and 10000", name=op.f("ck_brief_budget")),
        sa.CheckConstraint("kill_fee_after_changes_bps <= kill_fee_approved_bps", name=op.f("ck_brief_kill_fee_approved")),
        sa.CheckConstraint("kill_fee_before_changes_bps <= kill_fee_after_changes_bps", name=op.f("ck_brief_kill_fee_after_changes")),
        sa.CheckConstraint("kill_fee_before_changes_bps >= 0 and kill_fee_approved_bps <= 10000", name=op.f("ck_brief_kill_fees")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_brief_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_brief")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("billed_party_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("po_number", sa.String(length=30), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('promised', 'open', 'paid', 'void', 'refused', 'uncertain')", name=op.f("ck_invoice_state")),
        sa.CheckConstraint("amount > 0 and paid >= 0", name=op.f("ck_invoice_amounts")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_invoice_asked_by")),
        sa.ForeignKeyConstraint(["billed_party_id"], ["billed_party.id"], name=op.f("fk_invoice_billed_party_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_invoice_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_invoice_provider_id")),
    )
    op.create_index(op.f("ix_invoice_campaign_id"), "invoice", ["campaign_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=160), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name=op.f("ck_receipt_confirmed")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_receipt_amount")),
        sa.CheckConstraint("confirmed_by <> recorded_by", name=op.f("ck_receipt_two_people")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_receipt_campaign_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_receipt_confirmed_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_receipt_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("campaign_id", "reference", name=op.f("uq_receipt_campaign_id_reference")),
    )
    op.create_index(op.f("ix_receipt_campaign_id"), "receipt", ["campaign_id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("let_go", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0 and let_go >= 0 and amount + let_go > 0", name=op.f("ck_refund_amounts")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_refund_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
    )
    op.create_index(op.f("ix_refund_campaign_id"), "refund", ["campaign_id"], unique=False)
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("hat", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_sign_off_campaign_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_off_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("campaign_id", "hat", "hash", name=op.f("uq_sign_off_campaign_id_hat_hash")),
    )
    op.create_table(
        "deliverable_spec",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("format", sa.String(length=160), nullable=False),
        sa.Column("length", sa.String(length=80), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('film', 'picture', 'sound', 'text', 'other')", name=op.f("ck_deliverable_spec_kind")),
        sa.CheckConstraint("price > 0", name=op.f("ck_deliverable_spec_price")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_deliverable_spec_campaign_id")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_deliverable_spec_track_id")),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_deliverable_spec")),
    )
    op.create_index(op.f("ix_deliverable_spec_campaign_id"), "deliverable_spec", ["campaign_id"], unique=False)
    op.create_table(
        "invoice_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("charge", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0 and refunded between 0 and amount", name=op.f("ck_invoice_payment_amounts")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_invoice_payment_campaign_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_payment_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_payment")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_invoice_payment_provider_id")),
    )
    op.create_index(op.f("ix_invoice_payment_campaign_id"), "invoice_payment", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_invoice_payment_invoice_id"), "invoice_payment", ["invoice_id"], unique=False)
    op.create_table(
        "refund_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("reference", sa.String(length=160), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'by_hand' or settled_at is null", name=op.f("ck_refund_part_by_hand")),
        sa.CheckConstraint("state in ('promised', 'sent', 'settled', 'by_hand', 'uncertain')", name=op.f("ck_refund_part_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_part_amount")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_refund_part_campaign_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["invoice_payment.id"], name=op.f("fk_refund_part_payment_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_refund_part_refund_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_refund_part_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_part")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_refund_part_provider_id")),
    )
    op.create_index(op.f("ix_refund_part_campaign_id"), "refund_part", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_refund_part_payment_id"), "refund_part", ["payment_id"], unique=False)
    op.create_index(op.f("ix_refund_part_refund_id"), "refund_part", ["refund_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_refund_part_refund_id"), table_name="refund_part")
    op.drop_index(op.f("ix_refund_part_payment_id"), table_name="refund_part")
    op.drop_index(op.f("ix_refund_part_campaign_id"), table_name="refund_part")
    op.drop_table("refund_part")
    op.drop_index(op.f("ix_invoice_payment_invoice_id"), table_name="invoice_payment")
    op.drop_index(op.f("ix_invoice_payment_campaign_id"), table_name="invoice_payment")
    op.drop_table("invoice_payment")
    op.drop_index(op.f("ix_deliverable_spec_campaign_id"), table_name="deliverable_spec")
    op.drop_table("deliverable_spec")
    op.drop_table("sign_off")
    op.drop_index(op.f("ix_refund_campaign_id"), table_name="refund")
    op.drop_table("refund")
    op.drop_index(op.f("ix_receipt_campaign_id"), table_name="receipt")
    op.drop_table("receipt")
    op.drop_index(op.f("ix_invoice_campaign_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_table("brief")
    op.drop_index(op.f("ix_advance_campaign_id"), table_name="advance")
    op.drop_table("advance")
    op.drop_table("billed_party")
