"""Uploads that belong to nothing yet are known by themselves, to be counted: the database marks those that a work or a version has."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0047"
down_revision: str | None = "0046"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

USED = """
    create function mark_uploads_used() returns trigger language plpgsql as $$
    begin
        update upload set is_used = true where id in (select upload_id from added) and not is_used;
        return null;
    end $$
"""
WHENEVER = """
    create trigger mark_uploads_used after insert on {table} referencing new table as added
    for each statement execute function mark_uploads_used()
"""
TABLES = ("contribution_file", "cut")


def upgrade() -> None:
    """Mark those that are used by now, and from now on each as it is used."""
    op.add_column("upload", sa.Column("is_used", sa.Boolean(), nullable=False, server_default="false"))
    for table in TABLES:
        op.execute(f"update upload set is_used = true where id in (select upload_id from {table})")  # nosec B608  # noqa: S608 - constants
    op.execute(USED)
    for table in TABLES:
        op.execute(WHENEVER.format(table=table))
    op.create_index(
        "ix_upload_loose", "upload", ["person_id", "expires_at"],
        postgresql_where=sa.text("not is_used"), postgresql_include=["length", "state"],
    )  # fmt: skip


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_upload_loose", "upload")
    for table in TABLES:
        op.execute(f"drop trigger mark_uploads_used on {table}")
    op.execute("drop function mark_uploads_used()")
    op.drop_column("upload", "is_used")
