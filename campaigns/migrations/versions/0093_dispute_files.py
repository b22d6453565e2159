"""Files of a dispute's evidence, which nobody changes once they are handed in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0093"
down_revision: str | None = "0092"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FIELDS = (
    "customer_signature", "customer_communication", "service_documentation", "receipt", "cancellation_policy", "refund_policy",
    "duplicate_charge_documentation", "uncategorized_file",
)  # fmt: skip
# What the provider calls a file may be noted at any time: that is how it is handed in.
STAYS = """
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
    end $$
"""
TRIGGER = "create trigger stays before insert or update or delete on dispute_file for each row execute function keep_dispute_file()"


def upgrade() -> None:
    """The table, empty."""
    op.create_table(
        "dispute_file",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("dispute_id", sa.Uuid(), sa.ForeignKey("dispute.id"), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("mime", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_id", sa.String(120), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.UniqueConstraint("dispute_id", "field"),
        sa.CheckConstraint(f"field in {FIELDS}", name="field"),
        sa.CheckConstraint("mime in ('application/pdf', 'image/jpeg', 'image/png')", name="mime"),
        sa.CheckConstraint("bytes between 1 and 4500000 and pages between 1 and 49 and tries >= 0", name="amounts"),
    )
    op.execute(STAYS)
    op.execute(TRIGGER)


def downgrade() -> None:
    """Without them; the bytes stay in the storage until they are tidied away."""
    op.drop_table("dispute_file")
    op.execute("drop function keep_dispute_file()")
