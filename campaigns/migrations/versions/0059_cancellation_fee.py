"""What the platform keeps of its fee when a campaign is cancelled stands in the brief; a half-paid invoice ends by a credit note."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0059"
down_revision: str | None = "0058"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATES = ("promised", "open", "paid", "void", "refused", "uncertain")


def upgrade() -> None:
    """A brief that was written before says nothing of it, and nothing was kept: so it stays."""
    op.add_column("brief", sa.Column("cancellation_fee", sa.String(10), nullable=False, server_default="none"))
    op.alter_column("brief", "cancellation_fee", server_default=None)
    op.create_check_constraint(op.f("ck_brief_cancellation_fee"), "brief", "cancellation_fee in ('none', 'share', 'full')")
    op.drop_constraint(op.f("ck_invoice_state"), "invoice")
    op.create_check_constraint(op.f("ck_invoice_state"), "invoice", f"state in {(*STATES, 'credited')}")


def downgrade() -> None:
    """As it was."""
    op.drop_constraint(op.f("ck_invoice_state"), "invoice")
    op.execute("update invoice set state = 'paid' where state = 'credited'")
    op.create_check_constraint(op.f("ck_invoice_state"), "invoice", f"state in {STATES}")
    op.drop_constraint(op.f("ck_brief_cancellation_fee"), "brief")
    op.drop_column("brief", "cancellation_fee")
