"""Payout runs and the payouts in them, balances, holds and discrepancies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101"
down_revision: str | None = "0101_12"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function number_payout_run() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        new.number := coalesce(new.number, (select max(number) from payout_run) + 1, 1);
        return new;
    end
$$
""",
    """
create function require_run_and_payee() returns trigger language plpgsql as $$
    begin
        if exists (select from quoted q left join payout_run r on r.id = q.run_id left join person p on p.id = q.person_id
                   where r.id is null or p.id is null) then
            raise exception 'an item names a run or a person that does not exist' using errcode = 'foreign_key_violation';
        end if;
        return null;
    end
$$
""",
)

TRIGGERS = (
    """
create trigger of_one_run_and_payee before update of run_id, person_id on payout for each statement
        execute function refuse_change()
""",
    """
create trigger of_run_and_payee after insert on payout referencing new table as quoted for each statement
        execute function require_run_and_payee()
""",
    "create trigger never_deleted before delete on payout_run for each row execute function refuse_change()",
    "create trigger number_payout_run before insert on payout_run for each row execute function number_payout_run()",
)


def upgrade() -> None:
    op.create_table(
        "bank_payout",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name=op.f("ck_bank_payout_state")),
        sa.ForeignKeyConstraint(["account_id"], ["payout_account.id"], name=op.f("fk_bank_payout_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_payout")),
    )
    op.create_index(op.f("ix_bank_payout_account_id"), "bank_payout", ["account_id"], unique=False)
    op.create_table(
        "blocked_payout",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_blocked_payout_person_id")),
        sa.PrimaryKeyConstraint("person_id", "currency", name=op.f("pk_blocked_payout")),
    )
    op.create_table(
        "negative_balance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount < 0", name=op.f("ck_negative_balance_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["payout_account.id"], name=op.f("fk_negative_balance_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_negative_balance")),
        sa.UniqueConstraint("account_id", "currency", name=op.f("uq_negative_balance_account_id_currency")),
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("destination", sa.String(length=120), nullable=False),
        sa.Column("transfer_group", sa.String(length=80), nullable=False),
        sa.Column("source_type", sa.String(length=12), server_default=sa.text("'card'"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("server_errors", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.String(length=120), nullable=True),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(arrived_at is not null) = (state = 'paid')", name=op.f("ck_payout_arrived")),
        sa.CheckConstraint("(first_sent_at is not null) or state not in ('sending', 'unknown')", name=op.f("ck_payout_first_sent")),
        sa.CheckConstraint(
            "(transfer_id is not null) = (state in ('sent', 'paid', 'bank_returned', 'returned'))", name=op.f("ck_payout_transfer")
        ),
        sa.CheckConstraint("source_type in ('card', 'bank_account', 'fpx')", name=op.f("ck_payout_source_type")),
        sa.CheckConstraint(
            "state in ('ready', 'sending', 'unknown', 'sent', 'paid', 'bank_returned', 'failed', 'returned', 'discarded')",
            name=op.f("ck_payout_state"),
        ),
        sa.CheckConstraint("amount > 0 and attempt >= 1 and tries >= 0 and server_errors >= 0", name=op.f("ck_payout_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("person_id", "run_id", name=op.f("uq_payout_person_id_run_id")),
    )
    op.create_index("ix_payout_awaited", "payout", ["settled_at"], unique=False, postgresql_where="state in ('sent', 'bank_returned')")
    op.create_index(
        "ix_payout_open", "payout", ["run_id", "due_at"], unique=False, postgresql_where="state in ('ready', 'sending', 'unknown')"
    )
    op.create_index("ix_payout_run_id_id", "payout", ["run_id", "id"], unique=False)
    op.create_index("ix_payout_run_id_state", "payout", ["run_id", "state"], unique=False, postgresql_include=["amount"])
    op.create_index(
        "uq_payout_open", "payout", ["person_id", "currency"], unique=True, postgresql_where="state in ('ready', 'sending', 'unknown')"
    )
    op.create_index("uq_payout_transfer_id", "payout", ["transfer_id"], unique=True, postgresql_where="transfer_id is not null")
    op.create_table(
        "payout_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_payout_hold_lifted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_hold_person_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_payout_hold_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_hold")),
    )
    op.create_index("uq_payout_hold_open", "payout_hold", ["person_id"], unique=True, postgresql_where="lifted_at is null")
    op.create_table(
        "payout_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("quoted_by", sa.Uuid(), nullable=True),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("file_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(cause is not null) = (state = 'paused')", name=op.f("ck_payout_run_cause")),
        sa.CheckConstraint("state in ('quoted', 'released', 'paused', 'closed', 'discarded')", name=op.f("ck_payout_run_state")),
        sa.CheckConstraint("generation >= 0 and (generation > 0) = (released_at is not null)", name=op.f("ck_payout_run_generation")),
        sa.ForeignKeyConstraint(["quoted_by"], ["person.id"], name=op.f("fk_payout_run_quoted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run")),
        sa.UniqueConstraint("currency", "route", "sequence", name=op.f("uq_payout_run_currency_route_sequence")),
        sa.UniqueConstraint("number", name=op.f("uq_payout_run_number")),
    )
    op.create_index("ix_payout_run_live", "payout_run", ["id"], unique=False, postgresql_where="state in ('quoted', 'released', 'paused')")
    op.create_table(
        "payout_run_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("most_per_run", sa.BigInteger(), nullable=False),
        sa.Column("most_per_person", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("confirmed_by <> proposed_by", name=op.f("ck_payout_run_limits_two_people")),
        sa.CheckConstraint("most_per_run >= 0 and most_per_person >= 0", name=op.f("ck_payout_run_limits_amounts")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_payout_run_limits_confirmed_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_payout_run_limits_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run_limits")),
    )
    op.create_index("ix_payout_run_limits_currency", "payout_run_limits", ["currency", "confirmed_at"], unique=False)
    op.create_table(
        "shortfall_search",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("left_off", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shortfall_search_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortfall_search")),
    )
    op.create_table(
        "banked_payout",
        sa.Column("bank_payout_id", sa.String(length=120), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bank_payout_id"], ["bank_payout.id"], name=op.f("fk_banked_payout_bank_payout_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_banked_payout_payout_id")),
        sa.PrimaryKeyConstraint("bank_payout_id", "payout_id", name=op.f("pk_banked_payout")),
    )
    op.create_index(op.f("ix_banked_payout_payout_id"), "banked_payout", ["payout_id"], unique=False)
    op.create_table(
        "payout_discrepancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_payout_discrepancy_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_discrepancy")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_payout_discrepancy_kind_subject")),
    )
    op.create_table(
        "payout_run_approval",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payout_run_approval_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_payout_run_approval_run_id")),
        sa.PrimaryKeyConstraint("run_id", "person_id", name=op.f("pk_payout_run_approval")),
    )
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("payout_run_approval")
    op.drop_table("payout_discrepancy")
    op.drop_table("banked_payout")
    op.drop_table("shortfall_search")
    op.drop_table("payout_run_limits")
    op.drop_table("payout_run")
    op.drop_table("payout_hold")
    op.drop_table("payout")
    op.drop_table("negative_balance")
    op.drop_table("blocked_payout")
    op.drop_table("bank_payout")
    op.execute("drop function number_payout_run")
    op.execute("drop function require_run_and_payee")
