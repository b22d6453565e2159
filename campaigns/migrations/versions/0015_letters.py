"""Why a letter failed, and every reason for which an address is not written to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the reason, and make it part of a suppression's key."""
    op.add_column("mail", sa.Column("reason", sa.Text(), nullable=True))
    op.drop_index("ix_mail_campaign_id", "mail")
    op.create_index("ix_mail_campaign_id_id", "mail", ["campaign_id", "id"])
    op.execute("update suppression set reason = 'invalid' where reason = 'dropped'")
    op.drop_constraint("pk_suppression", "suppression")
    op.create_primary_key("pk_suppression", "suppression", ["address", "reason"])
    op.create_check_constraint(
        op.f("ck_suppression_reason"), "suppression", "reason in ('bounce', 'invalid', 'spamreport', 'unsubscribe', 'group_unsubscribe')"
    )


def downgrade() -> None:
    """Keep one reason for each address."""
    op.drop_constraint("ck_suppression_reason", "suppression")
    op.execute("delete from suppression s using suppression o where s.address = o.address and s.reason > o.reason")
    op.drop_constraint("pk_suppression", "suppression")
    op.create_primary_key("pk_suppression", "suppression", ["address"])
    op.drop_index("ix_mail_campaign_id_id", "mail")
    op.create_index("ix_mail_campaign_id", "mail", ["campaign_id"])
    op.drop_column("mail", "reason")
