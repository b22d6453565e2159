"""Names and titles are one line; whom nobody has vouched for yet is told apart."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NAMED = (
    ("api_token", "name"), ("billed_party", "name"), ("brand", "name"), ("campaign", "title"), ("contribution", "title"),
    ("criterion", "name"), ("outside_material", "title"), ("passkey", "name"), ("person", "name"), ("role_grant", "hat"),
    ("track", "title"),
)  # fmt: skip
BREAKS = r"[\u0001-\u001f\u007f-\u009f\u2028\u2029]"
# Whoever did nothing here and holds no role may have been named by others only.
UNKNOWN = sa.text("""
    update person set known_since = null
    where not exists (select from role_grant where person_id = person.id)
    and not exists (select from api_token where person_id = person.id)
    and not exists (select from web_session where person_id = person.id)
    and not exists (select from passkey where person_id = person.id)
    and not exists (select from sign_in_link where person_id = person.id and used_at is not null)
    and not exists (select from contribution where uploaded_by = person.id)
    and id not in (select actor_id from event where actor_id is not null)
""")


def upgrade() -> None:
    """Make one line of what was several, and let no other in."""
    for table, column in NAMED:
        broken = f"update {table} set {column} = trim(regexp_replace({column}, '{BREAKS}+', ' ', 'g')) where {column} ~ '{BREAKS}'"  # noqa: S608  # nosec B608
        op.execute(sa.text(broken))  # its parts are constants
        op.create_check_constraint(op.f(f"ck_{table}_{column}_one_line"), table, sa.text(f"{column} !~ '{BREAKS}'"))
    op.add_column("person", sa.Column("known_since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=True))
    op.execute(sa.text("update person set known_since = created_at"))
    op.execute(UNKNOWN)


def downgrade() -> None:
    """Let anything in."""
    op.drop_column("person", "known_since")
    for table, column in NAMED:
        op.drop_constraint(op.f(f"ck_{table}_{column}_one_line"), table)
