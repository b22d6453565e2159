"""What stands between a person and their money since it was last looked at: a country that changed, and a destination that is new."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0061"
down_revision: str | None = "0059"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Sortable by age, as all ids are.
ID = """
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1),
        'hex')::uuid
"""
NOTE = f"""
    create function note_country_change() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        if exists (select from payout_account where person_id = new.id) then
            insert into country_change (id, person_id, before, after, changed_at)
            values ({ID}, new.id, old.country, new.country, now())
            on conflict (person_id) where looked_at is null do update set after = excluded.after, changed_at = excluded.changed_at;
        end if;
        return null;
    end $$
"""  # nosec B608  # noqa: S608 - the parts are constants
WATCH = """
    create trigger note_country_change after update of country on person
    for each row when (old.country is distinct from new.country) execute function note_country_change()
"""
# Whoever changed it before anybody watched.
KNOWN = f"""
    insert into country_change (id, person_id, before, after, changed_at)
    select {ID}, p.id, a.country, p.country, now() from payout_account a join person p on p.id = a.person_id
    where p.country is distinct from a.country
"""  # nosec B608  # noqa: S608 - the parts are constants


def upgrade() -> None:
    """Note each change from now on, and those that there are."""
    op.create_table(
        "country_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(2)),
        sa.Column("after", sa.String(2)),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_by", sa.Uuid()),
        sa.Column("looked_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_change")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_country_change_person_id_person")),
        sa.ForeignKeyConstraint(["looked_by"], ["person.id"], name=op.f("fk_country_change_looked_by_person")),
        sa.CheckConstraint(
            "(looked_by is null) = (looked_at is null) and (note is null) = (looked_at is null)", name=op.f("ck_country_change_looked")
        ),
        sa.CheckConstraint("looked_by <> person_id", name=op.f("ck_country_change_another_person")),
    )
    op.create_index("uq_country_change_open", "country_change", ["person_id"], unique=True, postgresql_where=sa.text("looked_at is null"))
    op.add_column("payout_account", sa.Column("destination", sa.String(64)))
    op.add_column("payout_account", sa.Column("cools_until", sa.DateTime(timezone=True)))
    for statement in (NOTE, WATCH, KNOWN):
        op.execute(statement)


def downgrade() -> None:
    """Nobody watches."""
    op.execute("drop trigger note_country_change on person")
    op.execute("drop function note_country_change()")
    op.drop_column("payout_account", "cools_until")
    op.drop_column("payout_account", "destination")
    op.drop_table("country_change")
