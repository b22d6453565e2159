"""Runs and postings of a hundred thousand payees: what is kept and asked of each row is kept and asked once for all, and fewer indexes."""

from collections.abc import Sequence

from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

REFUSE_UNKNOWN = """
        if named <> kept then
            raise exception 'an entry names an account that does not exist, or one of another currency'
                using errcode = 'foreign_key_violation';
        end if;
        return null;
    end $$
"""
NEED_JOURNAL = """
        perform wait_for_ledger();
        if exists (select from posted p left join journal j on j.id = p.journal_id where j.id is null) then
            raise exception 'an entry names a journal that does not exist' using errcode = 'foreign_key_violation';
        end if;
"""
BEGIN = """
    create or replace function keep_balances() returns trigger language plpgsql security definer set search_path from current as $$
    declare
        named bigint;
        kept bigint;
    begin
"""
MOVES = """
        with moves as materialized (
            select account_id, currency, sum(debit)::bigint as debits, sum(credit)::bigint as credits
            from (select debit_id as account_id, currency, amount as debit, 0 as credit from posted
                  union all select credit_id, currency, 0, amount from posted) as sides
            group by account_id, currency
        ), updated as (
            update balance b set debits = b.debits + m.debits, credits = b.credits + m.credits
            from moves m where m.account_id = b.account_id and m.currency = b.currency returning b.account_id
        )
"""
KINDS = """
        , of_kinds as (
            update kind_total k set debits = k.debits + m.debits, credits = k.credits + m.credits
            from (
                select a.kind, a.currency, sum(s.debits)::bigint as debits, sum(s.credits)::bigint as credits
                from moves s join account a on a.id = s.account_id group by a.kind, a.currency
            ) m
            where (m.kind, m.currency) = (k.kind, k.currency)
        )
"""
COUNTED = "select (select count(*) from moves), (select count(*) from updated) into named, kept;"
KEEP_KINDS = """
    create function keep_kinds() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        update kind_total k set debits = k.debits + m.debits, credits = k.credits + m.credits
        from (
            select a.kind, a.currency, sum(s.debit) as debits, sum(s.credit) as credits
            from (select debit_id as account_id, amount as debit, 0 as credit from posted
                  union all select credit_id, 0, amount from posted) s
            join account a on a.id = s.account_id group by a.kind, a.currency
        ) m
        where (m.kind, m.currency) = (k.kind, k.currency);
        return null;
    end $$
"""
TRIGGER = "create trigger a_kinds after insert on entry referencing new table as posted for each statement execute function keep_kinds()"
ID_OF_OURS = """
    create function time_ordered_id() returns uuid language sql volatile as $$
        select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
            substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
    $$
"""

# What foreign keys ask for each item, asked once for all that a statement writes; what is asked then cannot change.
GUARDS = (
    """
    create function require_run_and_payee() returns trigger language plpgsql as $$
    begin
        if exists (select from quoted q left join payout_run r on r.id = q.run_id left join person p on p.id = q.person_id
                   where r.id is null or p.id is null) then
            raise exception 'an item names a run or a person that does not exist' using errcode = 'foreign_key_violation';
        end if;
        return null;
    end $$
    """,
    """
    create function keep_payee() returns trigger language plpgsql as $$
    begin
        if exists (select from payout_item where person_id = old.id) then
            raise exception 'a payment names this person' using errcode = 'foreign_key_violation';
        end if;
        return old;
    end $$
    """,
    """
    create trigger of_run_and_payee after insert on payout_item referencing new table as quoted
    for each statement execute function require_run_and_payee()
    """,
    """
    create trigger of_one_run_and_payee before update of run_id, person_id on payout_item
    for each statement execute function refuse_change()
    """,
    "create trigger never_deleted before delete on payout_run for each row execute function refuse_change()",
    "create trigger kept_as_payee before delete on person for each row execute function keep_payee()",
)


def upgrade() -> None:
    """One pass over the entries, and no index that nobody reads."""
    op.execute("drop trigger a_kinds on entry")
    op.execute("drop function keep_kinds()")
    op.execute(BEGIN + NEED_JOURNAL + MOVES + KINDS + COUNTED + REFUSE_UNKNOWN)
    op.execute("drop function time_ordered_id()")
    for statement in GUARDS:
        op.execute(statement)
    for name in ("person_id", "run_id"):
        op.drop_constraint(f"fk_payout_item_{name}", "payout_item")
    op.drop_index("ix_payout_item_transfer_group", "payout_item")
    op.drop_index("ix_payout_item_person_id", "payout_item")
    op.drop_constraint("uq_payout_item_run_id_person_id", "payout_item")
    op.create_unique_constraint("uq_payout_item_person_id_run_id", "payout_item", ["person_id", "run_id"])
    op.drop_constraint("uq_payout_item_transfer_id", "payout_item")
    op.create_index("uq_payout_item_transfer_id", "payout_item", ["transfer_id"], unique=True, postgresql_where="transfer_id is not null")


def downgrade() -> None:
    """As it was."""
    op.drop_index("uq_payout_item_transfer_id", "payout_item")
    op.create_unique_constraint("uq_payout_item_transfer_id", "payout_item", ["transfer_id"])
    op.drop_constraint("uq_payout_item_person_id_run_id", "payout_item")
    op.create_unique_constraint("uq_payout_item_run_id_person_id", "payout_item", ["run_id", "person_id"])
    op.create_index("ix_payout_item_person_id", "payout_item", ["person_id"])
    op.create_index("ix_payout_item_transfer_group", "payout_item", ["transfer_group"])
    op.create_foreign_key("fk_payout_item_run_id", "payout_item", "payout_run", ["run_id"], ["id"])
    op.create_foreign_key("fk_payout_item_person_id", "payout_item", "person", ["person_id"], ["id"])
    for name, table in (
        ("kept_as_payee", "person"),
        ("never_deleted", "payout_run"),
        ("of_one_run_and_payee", "payout_item"),
        ("of_run_and_payee", "payout_item"),
    ):
        op.execute(f"drop trigger {name} on {table}")
    op.execute("drop function keep_payee()")
    op.execute("drop function require_run_and_payee()")
    op.execute(ID_OF_OURS)
    op.execute(BEGIN + NEED_JOURNAL + MOVES + COUNTED + REFUSE_UNKNOWN)
    op.execute(KEEP_KINDS)
    op.execute(TRIGGER)
