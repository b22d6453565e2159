"""One word for each thing: tables, columns, constraints, indexes, triggers and functions take the glossary's names."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

from campaigns.migrations.renaming import call, rename

revision: str = "0099"
down_revision: str | None = "0098"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# What an outbox message is called by in names that hold its table's.
DEAD, FAILED = r"(?<=^ix_outbox_message_)dead", r"(?<=^ix_outbox_message_)failed"
PROMISED, ENQUEUED = r"(?<=^outbox_message_)promised_at", r"(?<=^outbox_message_)enqueued_at"
# Disputes had a `reminded_at` before: of reminders it is told apart by what stands before it.
NUDGED = {r"nudged(?=_by)": "reminded", r"(?<=_campaign_id_)nudged(?=_at)": "reminded", r"(?<=^reminder_)nudged(?=_at_)": "reminded"}
REMINDED = {old.replace("nudged", "reminded"): "nudged" for old in NUDGED}
WORDS = {
    "track": "deliverable",
    "cut": "version",
    "outbox": "outbox_message",
    DEAD: "failed",
    PROMISED: "enqueued_at",
    "hat": "sign_off_role",
    "nudge": "reminder",
    **NUDGED,
}
# There were versions of other things before, such as briefs and licenses: only these were called cuts.
CUT = (
    r"version(?=_id|_rendition|_maker(?!_unconfirmed'))|(?<=[cfipu][kqx]_)version|(?<=ck_assessment_)version|^version(?=_\w+_not_null$)"
    r"|(?<=')version(?=')|(?<=from )version(?= where)"
)
# A brand's `sign_off_roles` were called so before.
WAS = {
    **REMINDED,
    "reminder": "nudge",
    r"sign_off_role(?!s)": "hat",
    FAILED: "dead",
    ENQUEUED: "promised_at",
    "outbox_message": "outbox",
    "deliverable": "track",
    CUT: "cut",
}
# Columns whose old names stay, or whose new names were there before, in other tables.
COLUMNS = (
    ("outbox_message", "promised_at", "enqueued_at"),
    ("outbox_message", "kept_at", "done_at"),
    ("outbox_message", "dead_at", "failed_at"),
    ("reminder", "nudged_at", "reminded_at"),
)
# What rows are of: a table and its column, the old word and the new.
KINDS = (("outbox_message", "kind", "nudge", "wake"), ("mail", "notice", "nudged", "reminded"))
# What people were reminded of, and what they have put aside, is known by what it waits for.
CODES = (
    text("update reminder set gate = :new where gate = :old"),
    text("update put_aside set notice = replace(notice, 'need ' || :old, 'need ' || :new) where notice like 'need ' || :old || ' %'"),
)


def upgrade() -> None:
    rename(WORDS)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    recode("no_cut", "no_version")
    for table, column, old, new in KINDS:
        call(table, column, old, new)


def downgrade() -> None:
    for table, column, old, new in KINDS:
        call(table, column, new, old)
    recode("no_version", "no_cut")
    for table, old, new in COLUMNS:
        op.alter_column(table, new, new_column_name=old)
    op.rename_table("version", "cut")
    rename(WAS)


def recode(old: str, new: str) -> None:
    for each in CODES:
        op.execute(each.bindparams(old=old, new=new))
