"""Lineage pay: a deliverable's pool divided over everyone whose work is in it or led to it, to the last cent and explained.

`split(inputs)` is arithmetic on whole numbers alone: no database, no clock, the same cents on every machine, in any order.
"""

from campaigns.payout.split.arithmetic import Split, SplitLine, StaffLine, split
from campaigns.payout.split.explanation import ContributionCredit, CreditPath, Explanation, PathStep, explain, explain_everyone
from campaigns.payout.split.first_line import first_line
from campaigns.payout.split.form import from_canonical, inputs_hash, to_canonical
from campaigns.payout.split.lineage import (
    KINDS,
    WHOLE,
    Composition,
    Inputs,
    InvalidLineage,
    Kind,
    Lineage,
    LineageContribution,
    LineageSource,
    PayRule,
    Shares,
    trace,
)
from campaigns.payout.split.streams import Stream, streams

__all__ = [
    "KINDS",
    "WHOLE",
    "Composition",
    "ContributionCredit",
    "CreditPath",
    "Explanation",
    "Inputs",
    "InvalidLineage",
    "Kind",
    "Lineage",
    "LineageContribution",
    "LineageSource",
    "PathStep",
    "PayRule",
    "Shares",
    "Split",
    "SplitLine",
    "StaffLine",
    "Stream",
    "explain",
    "explain_everyone",
    "first_line",
    "from_canonical",
    "inputs_hash",
    "split",
    "streams",
    "to_canonical",
    "trace",
]
