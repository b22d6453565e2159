"""Who came in, who tried to, and who was refused an act of money: a log of its own, beside the chains of facts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COUNTED = ["hour", "kind", "person_id", "subject", "place", "detail"]


def upgrade() -> None:
    """Make the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "security_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("hour", moment, nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_security_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_entry")),
    )
    op.create_index("ix_security_entry_at", "security_entry", ["at"])
    op.create_index("ix_security_entry_kind", "security_entry", ["kind", "id"])
    op.create_index(
        "uq_security_entry_hour", "security_entry", COUNTED, unique=True,
        postgresql_where=sa.text("hour is not null"), postgresql_nulls_not_distinct=True,
    )  # fmt: skip


def downgrade() -> None:
    """Without it."""
    op.drop_table("security_entry")
