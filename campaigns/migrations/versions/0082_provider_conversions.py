"""Both sides of what the provider converts, with its rate."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0082"
down_revision: str | None = "0081"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Nothing that was converted is in the books yet: it could not be booked."""
    op.create_table(
        "provider_conversion",
        sa.Column("movement_id", sa.String(120), nullable=False),
        sa.Column("charge", sa.String(120), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("settled_currency", sa.String(3), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False),
        sa.CheckConstraint("currency <> settled_currency", name=op.f("ck_provider_conversion_currencies")),
        sa.CheckConstraint(
            "amount <> 0 and sign(amount) = sign(settled) and sign(amount) * basis >= 0", name=op.f("ck_provider_conversion_sides")
        ),
        sa.CheckConstraint("rate > 0", name=op.f("ck_provider_conversion_rate")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["provider_movement.id"], name=op.f("fk_provider_conversion_movement_id_provider_movement")
        ),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_provider_conversion_journal_id_journal")),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_provider_conversion")),
    )
    for column in ("charge", "journal_id"):
        op.create_index(op.f(f"ix_provider_conversion_{column}"), "provider_conversion", [column])


def downgrade() -> None:
    """Without it no rate is known any more; what was booked stays booked."""
    op.drop_table("provider_conversion")
