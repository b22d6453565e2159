"""The ledger: accounts, entries, balances and seals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101_05"
down_revision: str | None = "0101_04"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FUNCTIONS = (
    """
create function entries_digest(of_transaction bigint, first_entry bigint, last_entry bigint) returns bytea language sql stable
    as $$
    select sha256(convert_to(string_agg(concat_ws('|', e.number, e.journal_id, j.kind, j.key, extract(epoch
        from j.at), j.reverses,
        e.debit_id, e.credit_id, e.currency, e.amount, e.ref), E'\\n' order by e.number), 'UTF8'))
    from entry e join journal j on j.id = e.journal_id
    where e.number between first_entry and last_entry and e.transaction = of_transaction
$$
""",
    """
create function keep_balances() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    declare
            named bigint;
            kept bigint;
        begin
            perform wait_for_ledger();
            if exists (select from posted p left join journal j on j.id = p.journal_id where j.id is null) then
                raise exception 'an entry names a journal that does not exist' using errcode = 'foreign_key_violation';
            end if;
            with moves as materialized (
                select account_id, currency, sum(debit)::bigint as debits, sum(credit)::bigint as credits
                from (select debit_id as account_id, currency, amount as debit, 0 as credit from posted
                      union all select credit_id, currency, 0, amount from posted) as sides
                group by account_id, currency
            ), updated as (
                update balance b set debits = b.debits + m.debits, credits = b.credits + m.credits
                from moves m where m.account_id = b.account_id and m.currency = b.currency returning b.account_id
            )
            , of_kinds as (
                update kind_total k set debits = k.debits + m.debits, credits = k.credits + m.credits
                from (
                    select a.kind, a.currency, sum(s.debits)::bigint as debits, sum(s.credits)::bigint as credits
                    from moves s join account a on a.id = s.account_id group by a.kind, a.currency
                ) m
                where (m.kind, m.currency) = (k.kind, k.currency)
            )
    select (select count(*) from moves), (select count(*) from updated) into named, kept;
            if named <> kept then
                raise exception 'an entry names an account that does not exist, or one of another currency'
                    using errcode = 'foreign_key_violation';
            end if;
            return null;
        end
$$
""",
    """
create function open_balance() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        insert into balance (account_id, currency, grows, may_overdraw) select id, currency, grows, may_overdraw from opened;
        return null;
    end
$$
""",
    """
create function open_kinds() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    begin
        perform wait_for_ledger();
        insert into kind_total as k (kind, currency, grows, accounts)
        select kind, currency, grows, count(*) from opened group by kind, currency, grows order by kind, currency
        on conflict (kind, currency) do update set accounts = k.accounts + excluded.accounts;
        return null;
    end
$$
""",
    """
create function queue_for_ledger() returns trigger language plpgsql as $$
    begin
        perform wait_for_ledger();
        return null;
    end
$$
""",
    """
create function refuse_by_hand() returns trigger language plpgsql as $$
    begin
        if pg_trigger_depth() < 2 then
            raise exception '% is kept by the ledger: % refused', tg_table_name, lower(tg_op) using errcode =
                'restrict_violation';
        end if;
        return null;
    end
$$
""",
    """
create function seal_entries() returns trigger language plpgsql security definer set search_path to '$user', 'public' as $$
    declare
        last seal%rowtype;
        posting record;
    begin
        select min(number) as first, max(number) as last, count(*) as entries, min(transaction) as transaction into posting
            from posted;
        if posting.entries = 0 then
            return null;
        end if;
        select * into last from seal order by number desc limit 1;
        last.number := coalesce(last.number, 0) + 1;
        last.hash := coalesce(last.hash, repeat('0', 64));
        insert into seal (number, transaction, first_entry, last_entry, entries, previous_hash, hash)
        values (last.number, posting.transaction, posting.first, posting.last, posting.entries, last.hash,
                seal_link(last.hash, entries_digest(posting.transaction, posting.first, posting.last)));
        return null;
    end
$$
""",
)

TRIGGERS = (
    "create trigger append_only before delete or update on account for each row execute function refuse_change()",
    "create trigger never_emptied before truncate on account for each statement execute function refuse_change()",
    """
create trigger open_balance after insert on account referencing new table as opened for each statement
        execute function open_balance()
""",
    """
create trigger open_kinds after insert on account referencing new table as opened for each statement
        execute function open_kinds()
""",
    "create trigger append_only before delete on balance for each row execute function refuse_change()",
    "create trigger by_posting_only before insert or update on balance for each statement execute function refuse_by_hand()",
    "create trigger never_emptied before truncate on balance for each statement execute function refuse_change()",
    """
create trigger a_balances after insert on entry referencing new table as posted for each statement
        execute function keep_balances()
""",
    "create trigger append_only before delete or update on entry for each row execute function refuse_change()",
    """
create trigger b_seal after insert on entry referencing new table as posted for each statement
        execute function seal_entries()
""",
    "create trigger never_emptied before truncate on entry for each statement execute function refuse_change()",
    "create trigger append_only before delete or update on journal for each row execute function refuse_change()",
    "create trigger never_emptied before truncate on journal for each statement execute function refuse_change()",
    "create trigger one_posting_at_a_time before insert on journal for each statement execute function queue_for_ledger()",
    "create trigger append_only before delete on kind_total for each row execute function refuse_change()",
    "create trigger by_posting_only before insert or update on kind_total for each statement execute function refuse_by_hand()",
    "create trigger never_emptied before truncate on kind_total for each statement execute function refuse_change()",
    "create trigger append_only before delete or update on seal for each row execute function refuse_change()",
    "create trigger by_posting_only before insert on seal for each statement execute function refuse_by_hand()",
    "create trigger never_emptied before truncate on seal for each statement execute function refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("grows", sa.String(length=1), nullable=False),
        sa.Column("may_overdraw", sa.Boolean(), nullable=False),
        sa.CheckConstraint("grows in ('D', 'C')", name=op.f("ck_account_grows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("id", "currency", "grows", "may_overdraw", name=op.f("uq_account_id_currency_grows_may_overdraw")),
        sa.UniqueConstraint("kind", "owner_id", "currency", name=op.f("uq_account_kind_owner_id_currency")),
    )
    op.create_index("ix_account_payee_currency", "account", ["currency"], unique=False, postgresql_where="kind = 'payee'")
    op.create_table(
        "entry",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=True),
        sa.Column("transaction", sa.BigInteger(), server_default=sa.text("((pg_current_xact_id())::text)::bigint"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_entry_amount")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_entry_two_accounts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_entry")),
        sa.UniqueConstraint("journal_id", "ref", name=op.f("uq_entry_journal_id_ref")),
    )
    op.create_index("ix_entry_credit_id_number", "entry", ["credit_id", "number"], unique=False)
    op.create_index("ix_entry_debit_id_number", "entry", ["debit_id", "number"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["reverses"], ["journal.id"], name=op.f("fk_journal_reverses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("key", name=op.f("uq_journal_key")),
        sa.UniqueConstraint("reverses", name=op.f("uq_journal_reverses")),
    )
    op.create_table(
        "kind_total",
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("grows", sa.String(length=1), nullable=False),
        sa.Column("accounts", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.Column("debits", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.Column("credits", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "currency", name=op.f("pk_kind_total")),
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "balance",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("grows", sa.String(length=1), nullable=False),
        sa.Column("may_overdraw", sa.Boolean(), nullable=False),
        sa.Column("debits", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.Column("credits", sa.BigInteger(), server_default=sa.text("'0'::bigint"), nullable=False),
        sa.CheckConstraint(
            "may_overdraw or case grows when 'C' then credits - debits else debits - credits end >= 0", name=op.f("ck_balance_overdraft")
        ),
        sa.CheckConstraint("debits >= 0 and credits >= 0", name=op.f("ck_balance_sides")),
        sa.ForeignKeyConstraint(
            ["account_id", "currency", "grows", "may_overdraw"],
            ["account.id", "account.currency", "account.grows", "account.may_overdraw"],
            name="fk_balance_account",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balance")),
        postgresql_with={"fillfactor": 70},
    )
    for statement in FUNCTIONS:
        op.execute(statement)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("balance")
    op.drop_table("seal")
    op.drop_table("kind_total")
    op.drop_table("journal")
    op.drop_table("entry")
    op.drop_table("account")
    op.execute("drop function entries_digest")
    op.execute("drop function keep_balances")
    op.execute("drop function open_balance")
    op.execute("drop function open_kinds")
    op.execute("drop function queue_for_ledger")
    op.execute("drop function refuse_by_hand")
    op.execute("drop function seal_entries")
