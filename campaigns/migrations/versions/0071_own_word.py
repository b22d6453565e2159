"""A licence is its maker's own word; whoever was named by somebody else confirms first."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0071"
down_revision: str | None = "0070"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Whoever confirmed that they made the work has agreed to its licence; of all others nobody knows.
CONFIRMED = """
    update licence_grant g set given_by = g.person_id, granted_at = n.confirmed_at from named_maker n
    where n.contribution_id = g.contribution_id and n.person_id = g.person_id and n.confirmed_at is not null
"""
NEVER_ASKED = """
    insert into named_maker (contribution_id, person_id)
    select contribution_id, person_id from licence_grant where given_by <> person_id on conflict do nothing
"""
IN_ANOTHERS_NAME = "delete from licence_grant where given_by <> person_id"


def upgrade() -> None:
    """Keep the licences that people gave themselves; the others wait for their confirmation."""
    op.alter_column("named_maker", "address", existing_type=sa.String(254), nullable=True)
    op.execute("alter table licence_grant disable trigger user")  # which otherwise keeps every licence as it was given
    for statement in (CONFIRMED, NEVER_ASKED, IN_ANOTHERS_NAME):
        op.execute(statement)
    op.execute("alter table licence_grant enable trigger user")
    op.create_check_constraint(op.f("ck_licence_grant_own_word"), "licence_grant", "given_by = person_id")


def downgrade() -> None:
    """Without the rule; whoever was named without an address is confirmed, for they can be named no other way."""
    op.drop_constraint(op.f("ck_licence_grant_own_word"), "licence_grant")
    op.execute("delete from named_maker where address is null")
    op.alter_column("named_maker", "address", existing_type=sa.String(254), nullable=False)
