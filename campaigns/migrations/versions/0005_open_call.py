"""The tables of open_call."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("declared", sa.String(length=120), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", sa.Enum("arriving", "complete", "proven", "refused", name="uploadstate", native_enum=False, length=10), nullable=False
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mime", sa.String(length=60), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'proven') = (sha256 is not null) and (state = 'proven') = (mime is not null)", name=op.f("ck_upload_proven")
        ),
        sa.CheckConstraint("(state = 'refused') = (refusal is not null)", name=op.f("ck_upload_refused")),
        sa.CheckConstraint('length > 0 and "offset" between 0 and length', name=op.f("ck_upload_offset")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_person_id"), "upload", ["person_id"], unique=False)
    op.create_index("ix_upload_unfinished", "upload", ["expires_at"], unique=False, postgresql_where="state in ('arriving', 'complete')")
    op.create_table(
        "open_call",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_at >= opened_at", name=op.f("ck_open_call_order")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_open_call_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_open_call")),
    )
    op.create_table(
        "call_extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("from_close", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_close", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("extended_by", sa.Uuid(), nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_close > from_close", name=op.f("ck_call_extension_later")),
        sa.ForeignKeyConstraint(["campaign_id"], ["open_call.campaign_id"], name=op.f("fk_call_extension_campaign_id")),
        sa.ForeignKeyConstraint(["extended_by"], ["person.id"], name=op.f("fk_call_extension_extended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_extension")),
    )
    op.create_index(op.f("ix_call_extension_campaign_id"), "call_extension", ["campaign_id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.Enum("text", "picture", "sound", "film", name="kind", native_enum=False, length=10), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("is_wrapper", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "unshowable",
                "ready",
                "screened_in",
                "screened_out",
                "withdrawn",
                name="workstate",
                native_enum=False,
                length=14,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("by_extension_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'screened_out' or state_reason is not null", name=op.f("ck_contribution_reason")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_contribution_brand_id")),
        sa.ForeignKeyConstraint(["by_extension_id"], ["call_extension.id"], name=op.f("fk_contribution_by_extension_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_contribution_campaign_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_contribution_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
    )
    op.create_index("ix_contribution_campaign_id_id", "contribution", ["campaign_id", "id"], unique=False)
    op.create_index(op.f("ix_contribution_uploaded_by"), "contribution", ["uploaded_by"], unique=False)
    op.create_index(
        "ix_contribution_waiting",
        "contribution",
        ["campaign_id", "state"],
        unique=False,
        postgresql_where="state in ('received', 'unshowable', 'ready')",
    )
    op.create_table(
        "contribution_file",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_contribution_file_contribution_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_contribution_file_upload_id")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_contribution_file")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_contribution_file_upload_id")),
    )
    op.create_index(op.f("ix_contribution_file_sha256"), "contribution_file", ["sha256"], unique=False)
    op.create_table(
        "maker",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.CheckConstraint("shares between 1 and 1000000", name=op.f("ck_maker_shares")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_maker_contribution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_maker_person_id")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_maker")),
    )
    op.create_index(op.f("ix_maker_person_id"), "maker", ["person_id"], unique=False)
    op.create_table(
        "rendition",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=60), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_rendition_contribution_id")),
        sa.PrimaryKeyConstraint("contribution_id", "role", name=op.f("pk_rendition")),
    )
    op.create_table(
        "screening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("screened_by", sa.Uuid(), nullable=True),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("takes_part or reason is not null", name=op.f("ck_screening_reason")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_screening_contribution_id")),
        sa.ForeignKeyConstraint(["screened_by"], ["person.id"], name=op.f("fk_screening_screened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(op.f("ix_screening_contribution_id"), "screening", ["contribution_id"], unique=False)
    op.create_table(
        "licence_grant",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("ai_training", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id", "person_id"],
            ["maker.contribution_id", "maker.person_id"],
            name=op.f("fk_licence_grant_contribution_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_licence_grant_given_by")),
        sa.PrimaryKeyConstraint("contribution_id", "person_id", name=op.f("pk_licence_grant")),
    )
    for statement in BEYOND_THE_MODELS:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("licence_grant")
    op.drop_index(op.f("ix_screening_contribution_id"), table_name="screening")
    op.drop_table("screening")
    op.drop_table("rendition")
    op.drop_index(op.f("ix_maker_person_id"), table_name="maker")
    op.drop_table("maker")
    op.drop_index(op.f("ix_contribution_file_sha256"), table_name="contribution_file")
    op.drop_table("contribution_file")
    op.drop_index("ix_contribution_waiting", table_name="contribution", postgresql_where="state in ('received', 'unshowable', 'ready')")
    op.drop_index(op.f("ix_contribution_uploaded_by"), table_name="contribution")
    op.drop_index("ix_contribution_campaign_id_id", table_name="contribution")
    op.drop_table("contribution")
    op.drop_index(op.f("ix_call_extension_campaign_id"), table_name="call_extension")
    op.drop_table("call_extension")
    op.drop_table("open_call")
    op.drop_index("ix_upload_unfinished", table_name="upload", postgresql_where="state in ('arriving', 'complete')")
    op.drop_index(op.f("ix_upload_person_id"), table_name="upload")
    op.drop_table("upload")


# SQL that the models cannot say, run after the tables are made.
BEYOND_THE_MODELS = tuple(
    f"create trigger append_only before update or delete on {table} for each row execute function refuse_change()"
    for table in ("maker", "contribution_file", "licence_grant", "call_extension", "screening")
)
