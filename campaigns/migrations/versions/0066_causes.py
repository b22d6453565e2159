"""Why a deliverable moved by itself is a code beside the words in which a person says why; no sentence of ours is kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0066"
down_revision: str | None = "0065"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SENTENCES = {"gate_opened": "The gate opened.", "proposal_final": "Its proposal is final."}
COLUMNS = (("track", "entered_because", "entered_cause"), ("visit", "reason", "cause"))


def upgrade() -> None:
    """Add it, and read it from the sentences that were kept until now."""
    codes = ", ".join(f"'{code}'" for code in SENTENCES)
    for table, reason, cause in COLUMNS:
        op.add_column(table, sa.Column(cause, sa.String(length=20), nullable=True))
        for code, sentence in SENTENCES.items():
            told = sa.text(f"update {table} set {cause} = :code, {reason} = null where {reason} = :sentence")  # noqa: S608  # nosec B608 - constants
            op.execute(told.bindparams(code=code, sentence=sentence))
        op.create_check_constraint(op.f(f"ck_{table}_cause"), table, f"{cause} in ({codes})")


def downgrade() -> None:
    """Write the sentences again."""
    for table, reason, cause in COLUMNS:
        for code, sentence in SENTENCES.items():
            told = sa.text(f"update {table} set {reason} = :sentence where {cause} = :code")  # noqa: S608  # nosec B608 - constants
            op.execute(told.bindparams(code=code, sentence=sentence))
        op.drop_column(table, cause)
