"""What artists send is a contribution everywhere; further tables and columns take the glossary's names."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

from campaigns.migrations.renaming import call, rename, rename_column, rename_table

revision: str = "0101"
down_revision: str | None = "0100"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

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
# Functions spoke of contributions before, too: of their table, and of what other tables than these have of it.
WAS = {
    "contribution(?=s)": "work",
    r"(?<!n\.)(?<!')(?<! = new\.)(?<! = old\.)contribution(?=_id(?! = (?:new|old)\.contribution))": "work",
    r"(?<=per_)contribution": "work",
    r"(?<=its )contribution": "work",
}
# Columns in one table or two, with what is named after them.
COLUMNS = (
    ("item_id", "payout_id", ("payout_discrepancy", "banked_payout")),
    ("picked_by", "selected_by", ("selected_contribution",)),
    ("picked_at", "selected_at", ("selected_contribution",)),
    ("promised_at", "enqueued_at", ("email",)),
)
# A function speaks of the table of payouts, and of others whose names begin so.
PAID, WAS_PAID = {"payout_item": "payout"}, {"(?<=from )payout(?= where)": "payout_item"}
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


def upgrade() -> None:
    for old, new in TABLES:
        rename_table(old, new)
    rename({"work": "contribution"}, OF_CONTRIBUTIONS)
    rename(PAID, ())
    for old, new, tables in COLUMNS:
        rename_column(old, new, tables)
    for code in CODES:
        recode(f"works_{code}", f"contributions_{code}")
    recode("finalisation", "finalization")
    call("email", "notification", "your_work_was_used", "your_contribution_was_used")
    call_parties("work", "contribution")


def downgrade() -> None:
    call_parties("contribution", "work")
    call("email", "notification", "your_contribution_was_used", "your_work_was_used")
    recode("finalization", "finalisation")
    for code in CODES:
        recode(f"contributions_{code}", f"works_{code}")
    for old, new, tables in COLUMNS:
        rename_column(new, old, tables)
    rename(WAS_PAID, ())
    rename(WAS, OF_CONTRIBUTIONS)
    for old, new in TABLES:
        rename_table(new, old)


def recode(old: str, new: str) -> None:
    for each in RECODED:
        op.execute(each.bindparams(old=old, new=new))


def call_parties(old: str, new: str) -> None:
    op.execute("alter table source disable trigger claim_stays")
    op.execute(PARTIES.bindparams(old=old, new=new))
    op.execute("alter table source enable trigger claim_stays")
