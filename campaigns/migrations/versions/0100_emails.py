"""Mails become emails, notices notifications, and what is put aside is dismissed."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

from campaigns.migrations.renaming import call, rename

revision: str = "0100"
down_revision: str | None = "0099"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WORDS = {"mail": "email", "notice": "notification", "put_aside": "dismissal", r"(?<=^dismissal_)put_at": "dismissed_at"}
# People had an email before, and parties that are billed: only in names that begin with the table's it was a mail.
EMAIL = r"(?<=[cfipu][kqx]_)email|^email(?=_\w+_not_null$)"
WAS = {
    "email_chunk": "mail_chunk",
    EMAIL: "mail",
    "notification": "notice",
    r"(?<=^dismissal_)dismissed_at": "put_at",
    "dismissal": "put_aside",
}
KINDS = (("mail", "email"), ("mail_chunk", "email_chunk"))
# An email that somebody has dismissed is known by its id, after this word.
EMAILS = text("update dismissal set notification = :new || substr(notification, length(:old) + 1) where notification like :old || ' %'")
# What there is to send names its email in its body.
BODY = text("update outbox_message set body = body - :old || jsonb_build_object(:new, body -> :old) where kind = 'email' and body ? :old")
# The simulator makes its tables itself, if it plays a part here.
SIMULATED = (("table", "letter", "email"), ("index", "letter_pkey", "email_pkey"), ("index", "letter_newest", "email_newest"))


def upgrade() -> None:
    rename(WORDS)
    op.alter_column("dismissal", "put_at", new_column_name="dismissed_at")
    op.execute(EMAILS.bindparams(old="letter", new="email"))
    for kind, old, new in SIMULATED:
        op.execute(f"alter {kind} if exists sendgrid_sandbox.{old} rename to {new}")
    for old, new in KINDS:
        call("outbox_message", "kind", old, new)
    op.execute(BODY.bindparams(old="mail", new="email"))


def downgrade() -> None:
    op.execute(BODY.bindparams(old="email", new="mail"))
    for old, new in KINDS:
        call("outbox_message", "kind", new, old)
    for kind, old, new in SIMULATED:
        op.execute(f"alter {kind} if exists sendgrid_sandbox.{new} rename to {old}")
    op.execute(EMAILS.bindparams(old="email", new="letter"))
    op.alter_column("dismissal", "dismissed_at", new_column_name="put_at")
    op.rename_table("email", "mail")
    rename(WAS)
