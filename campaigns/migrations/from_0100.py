"""From the last revision before the migrations were squashed to the first after it: the words of the glossary, and names by one rule."""

from alembic import op
from sqlalchemy import text

from campaigns.migrations.renaming import call, rename, rename_column, rename_table

REACHED = "0101"
TABLES = (
    ("visit", "stage_visit"),
    ("outcome", "selection_outcome"),
    ("pick", "selected_contribution"),
    ("decision", "review_decision"),
    ("payout_item", "payout"),
    ("bank_payout_item", "banked_payout"),
    ("payout_stay", "blocked_payout"),
    ("proposal_finalisation", "proposal_finalization"),
)
# The tables in which a contribution was a work.
OF_CONTRIBUTIONS = (
    "arrival", "component", "conflict", "selection_outcome", "selected_contribution", "points", "review_assignment", "review_round",
    "source", "tally",
    "wrapper_finding",
)  # fmt: skip
# Columns in one table or two, with what is named after them.
COLUMNS = (
    ("item_id", "payout_id", ("payout_discrepancy", "banked_payout")),
    ("picked_by", "selected_by", ("selected_contribution",)),
    ("picked_at", "selected_at", ("selected_contribution",)),
    ("promised_at", "enqueued_at", ("email",)),
)
# What people were reminded of, and what they have dismissed, is known by what it waits for.
CODES = ("unscreened", "arriving", "unshowable", "barred")
RECODED = (
    text("update reminder set gate = :new where gate = :old"),
    text(
        "update dismissal set notification = replace(notification, 'need ' || :old, 'need ' || :new) where notification like 'need ' || "
        ":old || ' %'"
    ),
)
# What was claimed stays, says a trigger; it stays, and is called otherwise.
PARTIES = text("""
    update source set claimed_as = case claimed_as when :old then :new else claimed_as end,
        decided_as = case decided_as when :old then :new else decided_as end
    where :old in (claimed_as, decided_as)
""")
# Foreign keys whose names also held the table that they refer to.
KEYS = {
    "country_change": {"looked_by": "person", "person_id": "person"},
    "ended_naming": {"contribution_id": "contribution", "ended_by": "person", "person_id": "person"},
    "provider_conversion": {"journal_id": "journal", "movement_id": "provider_movement"},
    "security_entry": {"person_id": "person"},
    "top_up": {"asked_by": "person"},
}


def upgrade() -> None:
    for table, columns in KEYS.items():
        for column, named in columns.items():
            op.execute(f"alter table {table} rename constraint fk_{table}_{column}_{named} to fk_{table}_{column}")
    for old, new in TABLES:
        rename_table(old, new)
    rename({"work": "contribution"}, OF_CONTRIBUTIONS)
    rename({"payout_item": "payout"}, ())
    for old, new, tables in COLUMNS:
        rename_column(old, new, tables)
    for code in CODES:
        recode(f"works_{code}", f"contributions_{code}")
    recode("finalisation", "finalization")
    call("email", "notification", "your_work_was_used", "your_contribution_was_used")
    call_parties("work", "contribution")


def recode(old: str, new: str) -> None:
    for each in RECODED:
        op.execute(each.bindparams(old=old, new=new))


def call_parties(old: str, new: str) -> None:
    op.execute("alter table source disable trigger claim_stays")
    op.execute(PARTIES.bindparams(old=old, new=new))
    op.execute("alter table source enable trigger claim_stays")
