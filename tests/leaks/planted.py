"""Markers in every text that people or providers write: each says whose it is and which field it stood in."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from campaigns.brief.disputes.models import DisputeFile
from campaigns.brief.models import Advance, BilledParty, Brief, Invoice, Receipt, Refund, RefundPart
from campaigns.client_delivery.models import Annotation, OutsideMaterial, ReviewDecision, Version
from campaigns.collaboration.models import CollaborationExtension, Source, WrapperFinding
from campaigns.core.access import WebSession
from campaigns.core.campaign import Campaign, Deliverable, StageVisit
from campaigns.core.cancellations import Cancellation
from campaigns.core.db import Base
from campaigns.core.events import Event
from campaigns.core.factors.models import Passkey
from campaigns.core.people import Brand, Person
from campaigns.core.tokens import ApiToken
from campaigns.curation.models import Criterion, Review, SelectedContribution, Selection, SelectionOutcome, TakenBack
from campaigns.open_call.models import CallExtension, Contribution, NamedMaker, Question, Screening, Upload
from campaigns.payments.models import CountryChange, PayoutAccount
from campaigns.payout.holds.models import Hold
from campaigns.payout.models import Assessment, Comment, Points, Proposal
from campaigns.payout.runs.models import PayoutRun

CODES = {"provider_id", "customer", "place"}
MARKER = re.compile(r"zq(\d{4})z", re.IGNORECASE)
WRITTEN: Mapping[type[Base], tuple[str, ...]] = {
    Person: ("name", "email"), Brand: ("name", "billing_email"), Campaign: ("title", "pause_reason"),
    Deliverable: ("title", "format", "length", "entered_because"), StageVisit: ("reason",), ApiToken: ("name",), WebSession: ("agent",
    "place"),
    Brief: ("story", "asked_for", "do_list", "dont_list"), Receipt: ("reference",),
    Invoice: ("po_number",), BilledParty: ("name", "email", "customer"), Advance: ("reason",), Refund: ("reason",),
    RefundPart: ("reference",), CallExtension: ("reason",), CollaborationExtension: ("reason",),
    Contribution: ("title", "statement", "state_reason"), Upload: ("name",), Question: ("text", "answer"), Screening: ("reason",),
    Source: ("reason",), WrapperFinding: ("reason",), Criterion: ("name", "question"), Review: ("reason",),
    TakenBack: ("reason",), Passkey: ("name",), SelectedContribution: ("reason",), SelectionOutcome: ("reason",),
    Selection: ("common_reason",),
    Version: ("note",), OutsideMaterial: ("title", "origin", "licence"), Annotation: ("words",), ReviewDecision: ("note",),
    DisputeFile: ("name",), Assessment: ("due_because",), Points: ("reason",), Proposal: ("because",),
    Comment: ("claim", "evidence", "reason"),
    PayoutAccount: ("provider_id", "reason"), Event: ("reason",), PayoutRun: ("reason",), Hold: ("reason",), NamedMaker: ("address",),
    Cancellation: ("reason",), CountryChange: ("note",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose campaign a marker was planted for, and where: the table's column, and for a person's who they are to it."""

    whose: str
    where: str


@dataclass
class Pen:
    """Writes the markers: everything that is set while `whose` is named gets its own."""

    whose: str = "staff"
    marks: dict[Mark, int] = field(default_factory=dict)

    def mark(self, kind: type[Base], name: str, words: str) -> str:
        """The words after the marker of this field."""
        where = f"{kind.__tablename__}.{name}"
        mark = Mark(self.whose, f"{where} of {words.split()[0].split('.')[0]}" if kind is Person else where)
        sign = f"zq{self.marks.setdefault(mark, len(self.marks)):04}z"
        return f"{sign}{'.' if '@' in words or name in CODES else ' '}{words}"

    def found(self, text: str) -> set[Mark]:
        """Every mark whose marker stands in the text."""
        by_number = list(self.marks)
        return {by_number[int(number)] for number in MARKER.findall(text)}


@contextmanager
def planting(pen: Pen) -> Iterator[None]:
    """Within the block, whatever people write carries the pen's markers."""
    listening = [(getattr(kind, name), _writer(pen, kind, name)) for kind, names in WRITTEN.items() for name in names]
    for attribute, writes in listening:
        event.listen(attribute, "set", writes, retval=True)
    try:
        yield
    finally:
        for attribute, writes in listening:
            event.remove(attribute, "set", writes)


def _writer(pen: Pen, kind: type[Base], name: str) -> Callable[..., Any]:
    def write(_thing: object, words: Any, *_before: object) -> Any:
        if isinstance(words, list):
            return [pen.mark(kind, name, each) for each in words]
        return pen.mark(kind, name, words) if isinstance(words, str) and words and not MARKER.search(words) else words

    return write
