"""A package says what was true when it was made: the database marks it once a work in its lineage is taken down or a credit changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0078"
down_revision: str | None = "0077"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Mark the packages of before, too, that do not say what has happened since."""
    op.add_column("package", sa.Column("is_outdated", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("ix_named_maker_unconfirmed", "named_maker", ["contribution_id"], postgresql_where="confirmed_at is null")
    op.create_table(
        "ended_naming",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_ended_naming_contribution_id_contribution")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ended_naming_person_id_person")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_ended_naming_ended_by_person")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_ended_naming")),
    )
    op.create_index(op.f("ix_ended_naming_ended_at"), "ended_naming", ["ended_at"])
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without the mark; no naming ends any more."""
    op.execute("drop trigger append_only_but_ended on maker")
    op.execute("create trigger append_only before update or delete on maker for each row execute function refuse_change()")
    op.execute("drop trigger ended_first on named_maker")
    op.execute("drop trigger outdates_packages on contribution")
    op.execute("drop trigger outdates_packages on named_maker")
    op.execute("drop trigger outdates_packages_when_ended on named_maker")
    op.execute("drop function outdate_packages")
    op.drop_table("ended_naming")
    for function in ("require_unanswered", "refuse_unless_ended"):
        op.execute(f"drop function {function}")
    op.drop_index("ix_named_maker_unconfirmed", "named_maker")
    op.drop_column("package", "is_outdated")


STATEMENTS = (
    # Influences too: the credits name what led to a piece. One changed work is looked up from below, however many packages there are.
    """
    create function outdate_packages() returns trigger language plpgsql as $$
    declare
        changed uuid := case tg_table_name
            when 'contribution' then to_jsonb(new) ->> 'id' else to_jsonb(coalesce(new, old)) ->> 'contribution_id' end;
    begin
        with recursive around as (
            select changed as work_id
            union
            select s.work_id from around join source s on s.source_id = around.work_id and s.state = 'confirmed'
        )
        update package set is_outdated = true
        where not is_outdated and cut_id in (select cut_id from component join around using (work_id));
        return null;
    end $$
    """,
    """
    create trigger outdates_packages after update of state on contribution for each row
        when (new.state = 'withdrawn' and old.state <> 'withdrawn') execute function outdate_packages()
    """,
    """
    create trigger outdates_packages after update of confirmed_at on named_maker for each row
        when (old.confirmed_at is distinct from new.confirmed_at) execute function outdate_packages()
    """,
    # A maker is taken off a work only by the end of a naming that was never confirmed, which stays written down.
    """
    create function require_unanswered() returns trigger language plpgsql as $$
    begin
        if not exists (
            select from named_maker
            where contribution_id = new.contribution_id and person_id = new.person_id and confirmed_at is null
        ) then
            raise exception 'only a naming that was never confirmed ends' using errcode = 'check_violation', constraint = 'unanswered';
        end if;
        return new;
    end $$
    """,
    "create trigger unanswered before insert on ended_naming for each row execute function require_unanswered()",
    "create trigger append_only before update or delete on ended_naming for each row execute function refuse_change()",
    """
    create function refuse_unless_ended() returns trigger language plpgsql as $$
    begin
        if tg_op = 'UPDATE' or not exists (
            select from ended_naming where contribution_id = old.contribution_id and person_id = old.person_id
        ) then
            raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
        end if;
        return old;
    end $$
    """,
    "drop trigger append_only on maker",
    "create trigger append_only_but_ended before update or delete on maker for each row execute function refuse_unless_ended()",
    "create trigger ended_first before delete on named_maker for each row execute function refuse_unless_ended()",
    "create trigger outdates_packages_when_ended after delete on named_maker for each row execute function outdate_packages()",
    """
    with recursive behind as (
        select cut_id, work_id from component join package using (cut_id)
        union
        select behind.cut_id, s.source_id from behind join source s on s.work_id = behind.work_id and s.state = 'confirmed'
    )
    update package p set is_outdated = true
    where exists (
        select from behind b
        left join contribution c on c.id = b.work_id and c.state = 'withdrawn' and c.state_since > p.made_at
        left join named_maker n on n.contribution_id = b.work_id and n.confirmed_at > p.made_at
        where b.cut_id = p.cut_id and (c.id is not null or n.person_id is not null)
    )
    """,
)
