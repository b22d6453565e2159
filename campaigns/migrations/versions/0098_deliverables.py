"""What a deliverable is to become stands in the row that moves through the stages."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision: str = "0098"
down_revision: str | None = "0097_payee_schedules"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COLUMNS: dict[str, TypeEngine[Any]] = {"kind": sa.String(20), "format": sa.String(160), "length": sa.String(80), "price": sa.BigInteger()}
KINDS = ("film", "picture", "sound", "text", "other")


def upgrade() -> None:
    """One table in the place of two."""
    for name, kind in COLUMNS.items():
        op.add_column("track", sa.Column(name, kind))
    values = ", ".join(f"{name} = asked.{name}" for name in COLUMNS)
    op.execute(f"update track set {values} from deliverable_spec asked where asked.track_id = track.id")  # nosec B608  # noqa: S608 - our own names
    for name in COLUMNS:
        op.alter_column("track", name, nullable=False)
    op.create_check_constraint(op.f("ck_track_price"), "track", "price > 0")
    op.create_check_constraint(op.f("ck_track_kind"), "track", f"kind in {KINDS}")
    op.drop_table("deliverable_spec")


def downgrade() -> None:
    """Two tables, as before."""
    op.create_table(
        "deliverable_spec",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in COLUMNS.items()),
        sa.CheckConstraint("price > 0", name=op.f("ck_deliverable_spec_price")),
        sa.CheckConstraint(f"kind in {KINDS}", name=op.f("ck_deliverable_spec_kind")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_deliverable_spec_campaign_id")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_deliverable_spec_track_id")),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_deliverable_spec")),
    )
    op.create_index(op.f("ix_deliverable_spec_campaign_id"), "deliverable_spec", ["campaign_id"])
    names = ", ".join(COLUMNS)
    op.execute(f"insert into deliverable_spec (track_id, campaign_id, {names}) select id, campaign_id, {names} from track")  # nosec B608  # noqa: S608
    for name in COLUMNS:
        op.drop_column("track", name)
