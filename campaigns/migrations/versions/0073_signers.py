"""Two people may sign one text under one hat: a signature counts only while who gave it is a signer."""

from collections.abc import Sequence

from alembic import op

revision: str = "0073"
down_revision: str | None = "0072"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Let whoever follows a signer sign the text that is signed already."""
    op.drop_constraint(op.f("uq_sign_off_campaign_id_hat_hash"), "sign_off")
    op.create_unique_constraint(op.f("uq_sign_off_campaign_id_hat_hash_person_id"), "sign_off", ["campaign_id", "hat", "hash", "person_id"])


def downgrade() -> None:
    """With one signature for each hat and text again: the first."""
    op.execute("""
        delete from sign_off s using sign_off first
        where first.campaign_id = s.campaign_id and first.hat = s.hat and first.hash = s.hash and first.id < s.id
    """)
    op.drop_constraint(op.f("uq_sign_off_campaign_id_hat_hash_person_id"), "sign_off")
    op.create_unique_constraint(op.f("uq_sign_off_campaign_id_hat_hash"), "sign_off", ["campaign_id", "hat", "hash"])
