"""Proof of who someone is, how many things wait for them, their letters in order, and words that are searched for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SEARCHED = (("person", "name"), ("person", "email"), ("contribution", "title"))


def upgrade() -> None:
    """Add them."""
    _prove()
    op.create_table(
        "attention",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attention_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_attention")),
    )
    op.drop_index("ix_mail_recipient_id", "mail")
    op.create_index("ix_mail_recipient_id_id", "mail", ["recipient_id", "id"])
    op.create_index("ix_campaign_owner_id", "campaign", ["owner_id"])
    op.execute("create extension if not exists pg_trgm")
    for table, column in SEARCHED:
        index = f"ix_{table}_{column}_words"
        # Without a list of pending words, which every search would have to read from end to end.
        at_once = {"fastupdate": "off"}
        op.create_index(index, table, [column], postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"}, postgresql_with=at_once)


def _prove() -> None:
    op.add_column("web_session", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("web_session", sa.Column("agent", sa.String(length=300), nullable=True))
    op.add_column("web_session", sa.Column("place", sa.String(length=64), nullable=True))
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_challenge_person_id")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_person_id"), "passkey_challenge", ["person_id"])
    op.create_table(
        "code_app",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.String(length=300), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_code_app_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_code_app")),
    )


def downgrade() -> None:
    """Take them away; the extension stays, for it may serve others."""
    for table, column in reversed(SEARCHED):
        op.drop_index(f"ix_{table}_{column}_words", table)
    op.drop_index("ix_campaign_owner_id", "campaign")
    op.drop_index("ix_mail_recipient_id_id", "mail")
    op.create_index("ix_mail_recipient_id", "mail", ["recipient_id"])
    for table in ("attention", "code_app", "passkey_challenge", "passkey"):
        op.drop_table(table)
    for column in ("place", "agent", "proven_at"):
        op.drop_column("web_session", column)
