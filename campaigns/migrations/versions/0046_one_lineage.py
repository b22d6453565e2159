"""Credits and pay from one lineage: a package and a proposal each say from which, and a package is made again where they differ."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | None = "0044"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What was made before says nothing: it is compared, and made again, with the next proposal."""
    op.add_column("package", sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("package", sa.Column("lineage_sha256", sa.String(64), nullable=True))
    op.create_check_constraint(op.f("ck_package_edition"), "package", "edition >= 1")
    op.add_column("proposal", sa.Column("lineage_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    """Without it."""
    op.drop_column("proposal", "lineage_sha256")
    op.drop_constraint(op.f("ck_package_edition"), "package")
    op.drop_column("package", "lineage_sha256")
    op.drop_column("package", "edition")
