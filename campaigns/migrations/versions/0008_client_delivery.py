"""The tables of client_delivery."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cut",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("presented_by", sa.Uuid(), nullable=True),
        sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(presented_by is null) = (presented_at is null)", name=op.f("ck_cut_presented")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_cut_made_by")),
        sa.ForeignKeyConstraint(["presented_by"], ["person.id"], name=op.f("fk_cut_presented_by")),
        sa.ForeignKeyConstraint(["track_id", "visit"], ["visit.track_id", "visit.number"], name=op.f("fk_cut_track_id_visit")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_cut_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut")),
        sa.UniqueConstraint("track_id", "number", name=op.f("uq_cut_track_id_number")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_cut_upload_id")),
    )
    op.create_table(
        "component",
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_component_cut_id")),
        sa.ForeignKeyConstraint(["work_id"], ["contribution.id"], name=op.f("fk_component_work_id")),
        sa.PrimaryKeyConstraint("cut_id", "work_id", name=op.f("pk_component")),
    )
    op.create_index(op.f("ix_component_work_id"), "component", ["work_id"], unique=False)
    op.create_table(
        "cut_maker",
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.CheckConstraint("shares >= 1", name=op.f("ck_cut_maker_shares")),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_cut_maker_cut_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cut_maker_person_id")),
        sa.PrimaryKeyConstraint("cut_id", "person_id", name=op.f("pk_cut_maker")),
    )
    op.create_table(
        "decision",
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Enum("approved", "changes", name="verdict", native_enum=False, length=10), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("parts_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict <> 'changes' or note <> ''", name=op.f("ck_decision_note")),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_decision_cut_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_decision_decided_by")),
        sa.PrimaryKeyConstraint("cut_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "outside_material",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind in ('stock_music', 'font', 'footage', 'picture', 'sound_effect', 'other')", name=op.f("ck_outside_material_kind")
        ),
        sa.CheckConstraint("licence <> ''", name=op.f("ck_outside_material_licence")),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_outside_material_cut_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_material")),
    )
    op.create_index(op.f("ix_outside_material_cut_id"), "outside_material", ["cut_id"], unique=False)
    op.create_table(
        "package",
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cut_id"], ["decision.cut_id"], name=op.f("fk_package_cut_id")),
        sa.PrimaryKeyConstraint("cut_id", name=op.f("pk_package")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("package")
    op.drop_index(op.f("ix_outside_material_cut_id"), table_name="outside_material")
    op.drop_table("outside_material")
    op.drop_table("decision")
    op.drop_table("cut_maker")
    op.drop_index(op.f("ix_component_work_id"), table_name="component")
    op.drop_table("component")
    op.drop_table("cut")
