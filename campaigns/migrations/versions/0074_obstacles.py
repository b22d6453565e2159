"""What stands in the way of a version is said by one function of the database, which refuses to present, approve or pack that version."""

from collections.abc import Sequence

from alembic import op

revision: str = "0074"
down_revision: str | None = "0073"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What was presented, approved and packed before stays so."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without the function: the actions alone refuse."""
    for table in ("cut", "decision", "package"):
        op.execute(f"drop trigger free_of_obstacles on {table}")
    op.execute("drop function require_free_of_obstacles")
    op.execute("drop function obstacles")


STATEMENTS = (
    # An influence stops nothing: no material of it is in the piece. What a curator has decided is settled.
    """
    create function obstacles(roots uuid[], works uuid[]) returns table (root uuid, work_id uuid, cause text) language sql stable as $$
        with recursive inside as (
            select those.root, those.work_id from unnest(roots, works) as those (root, work_id)
            union
            select inside.root, s.source_id from inside
            join source s on s.work_id = inside.work_id and s.kind = 'contains' and s.state = 'confirmed'
        )
        select i.root, i.work_id, 'taken_down' from inside i
        join contribution c on c.id = i.work_id where c.state <> 'screened_in'
        union
        select i.root, s.source_id, case s.state when 'open' then 'unconfirmed' else 'disputed' end from inside i
        join source s on s.work_id = i.work_id and s.kind = 'contains'
        where s.state = 'open' or (s.state = 'declined' and s.decided_as <> 'curator')
        union
        select i.root, i.work_id, 'maker_unconfirmed' from inside i
        join named_maker n on n.contribution_id = i.work_id where n.confirmed_at is null
    $$
    """,
    """
    create function require_free_of_obstacles() returns trigger language plpgsql as $$
    declare
        version uuid := case tg_table_name when 'cut' then to_jsonb(new) ->> 'id' else to_jsonb(new) ->> 'cut_id' end;
        works uuid[] := array(select work_id from component where cut_id = version);
    begin
        if exists (select from obstacles(array_fill(version, array[cardinality(works)]), works)) then
            raise exception 'something in the version, however deep, is taken down, disputed or unconfirmed'
                using errcode = 'check_violation', constraint = 'free_of_obstacles';
        end if;
        if exists (select from outside_material where cut_id = version and licence is null) then
            raise exception 'material from outside has no licence' using errcode = 'check_violation', constraint = 'free_of_obstacles';
        end if;
        return new;
    end $$
    """,
    """
    create trigger free_of_obstacles before update of presented_at on cut for each row
        when (old.presented_at is null and new.presented_at is not null) execute function require_free_of_obstacles()
    """,
    """
    create trigger free_of_obstacles before insert on decision for each row
        when (new.verdict = 'approved') execute function require_free_of_obstacles()
    """,
    "create trigger free_of_obstacles before insert on package for each row execute function require_free_of_obstacles()",
)
