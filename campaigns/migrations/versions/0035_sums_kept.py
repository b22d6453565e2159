"""Sums that pages show, kept by the database as their parts are written: of each curator's desk, and of each kind of account."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

GIVEN = "a.released_at is null"
OPEN = f"{GIVEN} and not a.is_written"


def _desks_of(rows: str) -> str:
    """What rows of assignments come to, desk by desk; in one order, so that no two wait for each other's."""
    return f"""
        select a.round_id, a.curator_id, count(*) filter (where {GIVEN}) as given,
            count(*) filter (where {GIVEN} and a.is_written) as written,
            count(*) filter (where {OPEN} and w.state = 'screened_in') as open, count(*) filter (where not {GIVEN}) as released
        from {rows} a join contribution w on w.id = a.work_id group by a.round_id, a.curator_id order by a.round_id, a.curator_id
    """  # nosec B608  # noqa: S608 - the parts are constants


DESKS = (
    """
    create function last_judged(of_round uuid, of_curator uuid) returns timestamptz language sql stable as $$
        select max(coalesce(r.revised_at, r.submitted_at)) from review r join review_assignment a on a.id = r.assignment_id
        where a.round_id = of_round and a.curator_id = of_curator and a.released_at is null
    $$
    """,
    f"""
    create function tally_desks() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        if tg_op <> 'DELETE' then
            insert into desk_tally as d (round_id, curator_id, given, written, open, released) {_desks_of("changed")}
            on conflict (round_id, curator_id) do update set given = d.given + excluded.given, written = d.written + excluded.written,
                open = d.open + excluded.open, released = d.released + excluded.released;
        end if;
        if tg_op <> 'INSERT' then
            update desk_tally d set given = d.given - b.given, written = d.written - b.written, open = d.open - b.open,
                released = d.released - b.released
            from ({_desks_of("before")}) b where (b.round_id, b.curator_id) = (d.round_id, d.curator_id);
        end if;
        if tg_op = 'UPDATE' then
            update desk_tally d set last_at = last_judged(d.round_id, d.curator_id)
            where (d.round_id, d.curator_id) in (
                select c.round_id, c.curator_id from changed c join before b using (id) where b.released_at is distinct from c.released_at
            );
        end if;
        return null;
    end $$
    """,  # nosec B608  # noqa: S608 - the parts are constants
    """
    create function tally_judged() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        if tg_op = 'DELETE' then
            update desk_tally d set last_at = last_judged(d.round_id, d.curator_id)
            where (d.round_id, d.curator_id) in (
                select a.round_id, a.curator_id from changed c join review_assignment a on a.id = c.assignment_id
            );
            return null;
        end if;
        update desk_tally d set last_at = greatest(d.last_at, n.at)
        from (
            select a.round_id, a.curator_id, max(coalesce(c.revised_at, c.submitted_at)) as at
            from changed c join review_assignment a on a.id = c.assignment_id where a.released_at is null group by a.round_id, a.curator_id
        ) n
        where (n.round_id, n.curator_id) = (d.round_id, d.curator_id);
        return null;
    end $$
    """,
    """
    create function tally_taking_part() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        update desk_tally d set open = d.open + case when new.state = 'screened_in' then n.works else - n.works end
        from (
            select round_id, curator_id, count(*) as works from review_assignment
            where work_id = new.id and released_at is null and not is_written group by round_id, curator_id
        ) n
        where (n.round_id, n.curator_id) = (d.round_id, d.curator_id);
        return null;
    end $$
    """,
    f"""
    insert into desk_tally (round_id, curator_id, given, written, open, released, last_at)
    select d.*, last_judged(d.round_id, d.curator_id) from ({_desks_of("review_assignment")}) d
    """,  # nosec B608  # noqa: S608 - the parts are constants
    *(
        f"create trigger {deed}_{when} after {when} on {table} referencing {rows} for each statement execute function {deed}()"
        for deed, table, when, rows in (
            ("tally_desks", "review_assignment", "insert", "new table as changed"),
            ("tally_desks", "review_assignment", "update", "old table as before new table as changed"),
            ("tally_desks", "review_assignment", "delete", "old table as before"),
            ("tally_judged", "review", "insert", "new table as changed"),
            ("tally_judged", "review", "update", "new table as changed"),
            ("tally_judged", "review", "delete", "old table as changed"),
        )
    ),
    """
    create trigger tally_taking_part after update of state on contribution for each row
    when ((old.state = 'screened_in') is distinct from (new.state = 'screened_in')) execute function tally_taking_part()
    """,
)
KINDS = (
    """
    create function open_kinds() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        perform wait_for_ledger();
        insert into kind_total as k (kind, currency, grows, accounts)
        select kind, currency, grows, count(*) from opened group by kind, currency, grows order by kind, currency
        on conflict (kind, currency) do update set accounts = k.accounts + excluded.accounts;
        return null;
    end $$
    """,
    """
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
    """,
    """
    insert into kind_total (kind, currency, grows, accounts, debits, credits)
    select a.kind, a.currency, a.grows, count(*), sum(b.debits), sum(b.credits)
    from account a join balance b on b.account_id = a.id group by a.kind, a.currency, a.grows
    """,
    "create trigger open_kinds after insert on account referencing new table as opened for each statement execute function open_kinds()",
    # After the balances, before the seal.
    "create trigger a_kinds after insert on entry referencing new table as posted for each statement execute function keep_kinds()",
    "create trigger by_posting_only before insert or update on kind_total for each statement execute function refuse_by_hand()",
    "create trigger append_only before delete on kind_total for each row execute function refuse_change()",
    "create trigger never_emptied before truncate on kind_total for each statement execute function refuse_change()",
)


def upgrade() -> None:
    """Add them, and sum up what there is."""
    op.create_table(
        "desk_tally",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("curator_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in ("given", "written", "open", "released")),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("0 <= open and open <= given - written", name=op.f("ck_desk_tally_open")),
        sa.ForeignKeyConstraint(["curator_id"], ["person.id"], name=op.f("fk_desk_tally_curator_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_desk_tally_round_id")),
        sa.PrimaryKeyConstraint("round_id", "curator_id", name=op.f("pk_desk_tally")),
    )
    op.create_table(
        "kind_total",
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("grows", sa.String(length=1), nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in ("accounts", "debits", "credits")),
        sa.PrimaryKeyConstraint("kind", "currency", name=op.f("pk_kind_total")),
    )
    for statement in (*DESKS, *KINDS):
        op.execute(statement)


def downgrade() -> None:
    """Take them away."""
    op.execute("drop trigger tally_taking_part on contribution")
    for table, deed in (("review_assignment", "tally_desks"), ("review", "tally_judged")):
        for when in ("insert", "update", "delete"):
            op.execute(f"drop trigger {deed}_{when} on {table}")
    op.execute("drop trigger open_kinds on account")
    op.execute("drop trigger a_kinds on entry")
    for function in ("keep_kinds()", "open_kinds()", "tally_taking_part()", "tally_judged()", "tally_desks()", "last_judged(uuid, uuid)"):
        op.execute(f"drop function {function}")
    op.drop_table("kind_total")
    op.drop_table("desk_tally")
