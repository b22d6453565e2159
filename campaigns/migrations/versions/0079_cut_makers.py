"""A maker of a version is credited by their own word: until they confirm it, the version is not presented, approved or packed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0079"
down_revision: str | None = "0078"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Whoever made a version confirmed their part by that; whom they named beside them has not, and is asked from now on."""
    op.add_column("cut_maker", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update cut_maker m set confirmed_at = c.made_at from cut c where c.id = m.cut_id and c.made_by = m.person_id")
    op.create_index("ix_cut_maker_unconfirmed", "cut_maker", ["person_id"], postgresql_where="confirmed_at is null")
    for statement in (OBSTACLES.format(makers=MAKERS), *OWN_WORD):
        op.execute(statement)


def downgrade() -> None:
    """Without it: whoever is named is credited."""
    op.execute("drop trigger own_word on cut_maker")
    op.execute("drop function require_own_word_of_cut_maker")
    op.execute(OBSTACLES.format(makers=""))
    op.drop_index("ix_cut_maker_unconfirmed", "cut_maker")
    op.drop_column("cut_maker", "confirmed_at")


# The roots are versions, or works of which none has a version's id.
MAKERS = """
        union
        select m.cut_id, null::uuid, 'version_maker_unconfirmed' from cut_maker m where m.cut_id = any(roots) and m.confirmed_at is null
"""
OBSTACLES = """
    create or replace function obstacles(roots uuid[], works uuid[]) returns table (root uuid, work_id uuid, cause text)
    language sql stable as $$
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
        join named_maker n on n.contribution_id = i.work_id where n.confirmed_at is null{makers}
    $$
"""
OWN_WORD = (
    """
    create function require_own_word_of_cut_maker() returns trigger language plpgsql as $$
    begin
        if new.confirmed_at is not null and not exists (select from cut where id = new.cut_id and made_by = new.person_id) then
            raise exception 'only the one who makes a version confirms by that' using errcode = 'check_violation', constraint = 'own_word';
        end if;
        return new;
    end $$
    """,
    "create trigger own_word before insert on cut_maker for each row execute function require_own_word_of_cut_maker()",
)
