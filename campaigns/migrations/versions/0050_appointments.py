"""Appointments: a role that touches money takes two people, and what was given is kept for good."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0050"
down_revision: str | None = "0047"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

MONEY = "('finance', 'operator', 'manager')"
OPEN = sa.text("began_at is null and stopped_at is null")
TAKES_TWO = f"""
    create function role_grant_takes_two() returns trigger language plpgsql as $$
    begin
        if new.role in {MONEY} and new.granted_by is not null
            and not (new.role = 'manager' and new.granted_by = new.person_id
                     and exists (select from campaign c where c.id = new.campaign_id and c.owner_id = new.person_id))
            and not exists (
                select from appointment a
                where a.person_id = new.person_id and a.role = new.role and a.began_at is not null and a.stopped_at is null
                  and a.brand_id is not distinct from new.brand_id and a.campaign_id is not distinct from new.campaign_id
                  and a.track_id is not distinct from new.track_id)
        then
            raise exception 'a role that touches money takes an appointment that has begun' using errcode = 'check_violation';
        end if;
        return new;
    end $$
"""  # nosec B608  # noqa: S608 - the part is a constant
STAYS = """
    create function appointment_stays() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE'
            or (old.id, old.person_id, old.role, old.how, old.granted_at) <> (new.id, new.person_id, new.role, new.how, new.granted_at)
            or (old.brand_id, old.campaign_id, old.track_id, old.granted_by)
               is distinct from (new.brand_id, new.campaign_id, new.track_id, new.granted_by)
            or old.confirmed_at is not null
               and (old.confirmed_by, old.confirmed_at) is distinct from (new.confirmed_by, new.confirmed_at)
            or old.counts_from is distinct from new.counts_from and old.counts_from is not null
            or old.began_at is distinct from new.began_at and (old.began_at is not null or old.stopped_at is not null)
            or old.stopped_at is distinct from new.stopped_at and old.stopped_at is not null
        then
            raise exception 'what was given, confirmed, begun or stopped stays so' using errcode = 'check_violation';
        end if;
        return new;
    end $$
"""
# What there is already: given at the machine, or by somebody before two were asked for. Whoever began a campaign needs nobody's word.
THERE_ALREADY = f"""
    insert into appointment
        (id, person_id, role, brand_id, campaign_id, track_id, how, granted_by, granted_at, counts_from, began_at)
    select g.id, g.person_id, g.role, g.brand_id, g.campaign_id, g.track_id,
           case when g.granted_by is null then 'machine' else 'earlier' end, g.granted_by, g.granted_at, g.granted_at, g.granted_at
    from role_grant g where g.role in {MONEY} and g.granted_by is distinct from g.person_id
"""  # nosec B608  # noqa: S608 - the part is a constant


def upgrade() -> None:
    """The table, what there is already, and what the database itself refuses."""
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("track_id", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Uuid(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        *_references(),
        *_constraints(),
    )
    for column in ("person_id", "campaign_id", "granted_by", "confirmed_by"):
        op.create_index(op.f(f"ix_appointment_{column}"), "appointment", [column])
    reach = ["person_id", "role", "brand_id", "campaign_id", "track_id"]
    op.create_index("uq_appointment_open", "appointment", reach, unique=True, postgresql_nulls_not_distinct=True, postgresql_where=OPEN)
    op.create_index("ix_appointment_cooling", "appointment", ["counts_from"], postgresql_where=OPEN)
    op.execute(THERE_ALREADY)
    op.execute(TAKES_TWO)
    op.execute(
        "create trigger role_grant_takes_two before insert or update on role_grant for each row execute function role_grant_takes_two()"
    )
    op.execute(STAYS)
    op.execute("create trigger appointment_stays before update or delete on appointment for each row execute function appointment_stays()")


def _references() -> list[sa.ForeignKeyConstraint]:
    people = ("person_id", "granted_by", "confirmed_by", "stopped_by")
    columns = {**dict.fromkeys(people, "person"), "brand_id": "brand", "campaign_id": "campaign"}
    return [sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_appointment_{name}")) for name, table in columns.items()]


def _constraints() -> list[sa.CheckConstraint]:
    rules = {
        "how": "how in ('two', 'first', 'machine', 'earlier')",
        "giver": "how = 'machine' or how = 'earlier' or granted_by is not null and granted_by <> person_id",
        "confirmer": "confirmed_by <> granted_by and confirmed_by <> person_id",
        "confirmed": "(confirmed_by is null) = (confirmed_at is null)",
        "two_words": "how <> 'two' or counts_from is null or confirmed_at is not null",
        "cooled": "began_at is null or counts_from <= began_at",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_appointment_{name}")) for name, rule in rules.items()]


def downgrade() -> None:
    """As it was."""
    op.execute("drop trigger role_grant_takes_two on role_grant")
    op.execute("drop function role_grant_takes_two()")
    op.drop_table("appointment")
    op.execute("drop function appointment_stays()")
