"""The brief, its signatures, and the brand's money: invoices, refunds, disputes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0101_07"
down_revision: str | None = "0101_06"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function guard_brief_staff() returns trigger language plpgsql as $$
    declare
        named uuid[] := array(select cast(each as uuid) from jsonb_array_elements_text(new.staff_ids) as each);
    begin
        -- One at a time for each person, as whoever is given a role.
        perform 1 from person where id = any(named) order by id for no key update;
        if exists (
            select from role_grant g
            where g.person_id = any(named) and g.role in ('approver', 'brand_administrator', 'signer')
        ) then
            raise exception 'nobody holds a role of the staff and one of the brand' using
                errcode = 'check_violation', constraint = 'ck_brief_staff_one_side';
        end if;
        return new;
    end
$$
""",
    """
create function keep_dispute_file() returns trigger language plpgsql as $$
    declare
        about uuid;
    begin
        about := case tg_op when 'DELETE' then old.dispute_id else new.dispute_id end;
        if tg_op = 'UPDATE' and (new.id, new.dispute_id, new.field, new.name, new.mime, new.sha256, new.bytes, new.pages)
            is not distinct from (old.id, old.dispute_id, old.field, old.name, old.mime, old.sha256, old.bytes, old.pages) then
            return new;
        end if;
        if exists (select from dispute d where d.id = about and (d.handed_in_at is not null or d.accepted_at is not null)) then
            raise exception 'the evidence of this dispute is handed in' using errcode = 'check_violation';
        end if;
        return case tg_op when 'DELETE' then old else new end;
    end
$$
""",
    """
create function opposing_role(who uuid, what text, in_brand uuid, in_campaign uuid, but uuid) returns text language sql stable
    as $$
    select coalesce((select 'staff' from brief b join campaign c on c.id = b.campaign_id
    where what in ('approver', 'brand_administrator', 'signer') and b.staff_ids ? cast(who as text)
      and c.done_at is null and c.settled_at is null
    limit 1),
    (select cast(h.role as text) from role_grant h
    left join campaign c on c.id = h.campaign_id
    cross join (select coalesce(in_brand, (select brand_id from campaign where id = in_campaign)) as brand_id) home
    where h.person_id = who and h.id is distinct from but
      and (h.role in ('approver', 'brand_administrator', 'signer')) <> (what in ('approver', 'brand_administrator', 'signer'))
      and (
        (case when what in ('approver', 'brand_administrator', 'signer') then h.role else what end) not in ('leader', 'editor')
        or (
            coalesce(coalesce(h.brand_id, c.brand_id) = home.brand_id, true)
            and coalesce(h.campaign_id = in_campaign, true)
        )
      )
    limit 1))
$$
""",
)

TRIGGERS = (
    """
create trigger staff_of_one_side before insert or update of staff_ids on brief for each row
        when ((new.staff_ids <> '[]'::jsonb)) execute function guard_brief_staff()
""",
    "create trigger stays before insert or delete or update on dispute_file for each row execute function keep_dispute_file()",
)


def upgrade() -> None:
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
        "billed_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("customer", sa.String(length=120), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.CheckConstraint("name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'", name=op.f("ck_billed_party_name_one_line")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_billed_party_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed_party")),
        sa.UniqueConstraint("brand_id", "name", "email", name=op.f("uq_billed_party_brand_id_name_email")),
    )
    op.create_table(
        "brief",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("brand_name", sa.String(length=120), nullable=True),
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
        sa.Column("cancellation_fee", sa.String(length=10), nullable=False),
        sa.Column("licence_version", sa.String(length=20), nullable=False),
        sa.Column("ai_training", sa.Boolean(), nullable=False),
        sa.Column("credit_names", sa.Boolean(), nullable=False),
        sa.Column("exclusivity", sa.String(length=20), nullable=False),
        sa.Column("few_people", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cancellation_fee in ('none', 'share', 'full')", name=op.f("ck_brief_cancellation_fee")),
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
    op.create_index("ix_brief_staff", "brief", ["staff_ids"], unique=False, postgresql_using="gin")
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
        sa.Column("wired_first", sa.Boolean(), server_default=sa.text("true"), nullable=False),
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
        sa.Column("sign_off_role", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_sign_off_campaign_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_off_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint(
            "campaign_id", "sign_off_role", "hash", "person_id", name=op.f("uq_sign_off_campaign_id_sign_off_role_hash_person_id")
        ),
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
        sa.Column("by_card_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "state in ('promised', 'open', 'paid', 'void', 'refused', 'uncertain', 'credited')", name=op.f("ck_invoice_state")
        ),
        sa.CheckConstraint("amount > 0 and paid >= 0", name=op.f("ck_invoice_amounts")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_invoice_asked_by")),
        sa.ForeignKeyConstraint(["billed_party_id"], ["billed_party.id"], name=op.f("fk_invoice_billed_party_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_invoice_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_invoice_provider_id")),
    )
    op.create_index(op.f("ix_invoice_campaign_id"), "invoice", ["campaign_id"], unique=False)
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
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("charge", sa.String(length=120), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_by", sa.Uuid(), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("kept_back", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(closed_at is not null) = (status in ('won', 'lost', 'warning_closed', 'prevented'))", name=op.f("ck_dispute_closed")
        ),
        sa.CheckConstraint(
            "status in ('warning_needs_response', 'warning_under_review', 'needs_response', 'under_review', 'won', "
            "'lost', 'warning_closed', 'prevented')",
            name=op.f("ck_dispute_status"),
        ),
        sa.CheckConstraint("(accepted_by is null) = (accepted_at is null)", name=op.f("ck_dispute_accepted")),
        sa.CheckConstraint("(drafted_by is null) = (drafted_at is null)", name=op.f("ck_dispute_drafted")),
        sa.CheckConstraint("(handed_in_by is null) = (handed_in_at is null)", name=op.f("ck_dispute_handed_in")),
        sa.CheckConstraint("(payment_id is null) = (campaign_id is null)", name=op.f("ck_dispute_payment")),
        sa.CheckConstraint("amount >= 0 and submissions >= 0 and lost >= 0 and kept_back >= 0", name=op.f("ck_dispute_amounts")),
        sa.CheckConstraint("handed_in_at is null or accepted_at is null", name=op.f("ck_dispute_one_answer")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_dispute_accepted_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_dispute_campaign_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_dispute_drafted_by")),
        sa.ForeignKeyConstraint(["handed_in_by"], ["person.id"], name=op.f("fk_dispute_handed_in_by")),
        sa.ForeignKeyConstraint(["payment_id"], ["invoice_payment.id"], name=op.f("fk_dispute_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_dispute_provider_id")),
    )
    op.create_index(op.f("ix_dispute_campaign_id"), "dispute", ["campaign_id"], unique=False)
    op.create_index("ix_dispute_charge", "dispute", ["charge"], unique=False)
    op.create_index("ix_dispute_open", "dispute", ["due_by", "id"], unique=False, postgresql_where="closed_at is null")
    op.create_index(op.f("ix_dispute_payment_id"), "dispute", ["payment_id"], unique=False)
    op.create_table(
        "fraud_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("charge", sa.String(length=120), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("is_actionable", sa.Boolean(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(payment_id is null) = (campaign_id is null)", name=op.f("ck_fraud_warning_payment")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_fraud_warning_campaign_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["invoice_payment.id"], name=op.f("fk_fraud_warning_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fraud_warning")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_fraud_warning_provider_id")),
    )
    op.create_index(op.f("ix_fraud_warning_campaign_id"), "fraud_warning", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_fraud_warning_payment_id"), "fraud_warning", ["payment_id"], unique=False)
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
        sa.Column("asks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_of", sa.String(length=320), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_from_stripe", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("state <> 'asked' or asked_until is not null", name=op.f("ck_refund_part_asked")),
        sa.CheckConstraint("state <> 'by_hand' or settled_at is null", name=op.f("ck_refund_part_by_hand")),
        sa.CheckConstraint(
            "state in ('promised', 'sent', 'asked', 'on_cash', 'stuck', 'settled', 'by_hand', 'uncertain')",
            name=op.f("ck_refund_part_state"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_part_amount")),
        sa.CheckConstraint("not sent_from_stripe or settled_by is not null", name=op.f("ck_refund_part_sent_from_stripe")),
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
    op.create_table(
        "dispute_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "field in ('customer_signature', 'customer_communication', 'service_documentation', 'receipt', "
            "'cancellation_policy', 'refund_policy', 'duplicate_charge_documentation', 'uncategorized_file')",
            name=op.f("ck_dispute_file_field"),
        ),
        sa.CheckConstraint("mime in ('application/pdf', 'image/jpeg', 'image/png')", name=op.f("ck_dispute_file_mime")),
        sa.CheckConstraint("bytes between 1 and 4500000 and pages between 1 and 49 and tries >= 0", name=op.f("ck_dispute_file_amounts")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_dispute_file_added_by")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_file_dispute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_file")),
        sa.UniqueConstraint("dispute_id", "field", name=op.f("uq_dispute_file_dispute_id_field")),
    )
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("dispute_file")
    op.drop_table("refund_part")
    op.drop_table("fraud_warning")
    op.drop_table("dispute")
    op.drop_table("invoice_payment")
    op.drop_table("invoice")
    op.drop_table("sign_off")
    op.drop_table("refund")
    op.drop_table("receipt")
    op.drop_table("brief")
    op.drop_table("billed_party")
    op.drop_table("advance")
    op.execute("drop function guard_brief_staff")
    op.execute("drop function keep_dispute_file")
    op.execute("drop function opposing_role")
