"""Reminders, and the count of the works that come to a campaign day by day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


# One upsert for each statement: whoever sends works in takes the day's row first and the campaign's own at the end.
COUNTED = (
    """
    create function count_arrivals() returns trigger language plpgsql security definer set search_path from current as $$
    begin
        insert into arrival (campaign_id, day, works)
        select campaign_id, (received_at at time zone 'UTC')::date, count(*) from arrived group by 1, 2 order by 1, 2
        on conflict (campaign_id, day) do update set works = arrival.works + excluded.works;
        return null;
    end $$
    """,
    """
    create trigger count_arrivals after insert on contribution referencing new table as arrived
    for each statement execute function count_arrivals()
    """,
    """
    insert into arrival (campaign_id, day, works)
    select campaign_id, (received_at at time zone 'UTC')::date, count(*) from contribution group by 1, 2
    """,
)


def upgrade() -> None:
    """Add both, and count what has come so far."""
    op.create_table(
        "nudge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("gate", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("nudged_by", sa.Uuid(), nullable=False),
        sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_nudge_campaign_id")),
        sa.ForeignKeyConstraint(["nudged_by"], ["person.id"], name=op.f("fk_nudge_nudged_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
    )
    op.create_index("ix_nudge_campaign_id_nudged_at", "nudge", ["campaign_id", "nudged_at"])
    op.create_table(
        "arrival",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_arrival_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_arrival")),
    )
    for statement in COUNTED:
        op.execute(statement)


def downgrade() -> None:
    """Take both away."""
    op.execute("drop trigger count_arrivals on contribution")
    op.execute("drop function count_arrivals")
    op.drop_table("arrival")
    op.drop_table("nudge")
