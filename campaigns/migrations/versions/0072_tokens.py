"""A token ends with the token or the browser session that made it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0072"
down_revision: str | None = "0071"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Give sessions a name that stays when their secret changes; of the tokens there are, nobody knows what made them."""
    op.add_column("web_session", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False))
    op.alter_column("web_session", "id", server_default=None)
    op.create_unique_constraint(op.f("uq_web_session_id"), "web_session", ["id"])
    op.add_column("api_token", sa.Column("made_by", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_api_token_made_by"), "api_token", ["made_by"])


def downgrade() -> None:
    """Without either."""
    op.drop_index(op.f("ix_api_token_made_by"), table_name="api_token")
    op.drop_column("api_token", "made_by")
    op.drop_column("web_session", "id")
