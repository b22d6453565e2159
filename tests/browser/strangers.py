"""Everything that people write, written by someone who means harm: it goes in while a town is built, by the town's own deeds."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from sqlalchemy import event

from campaigns.brief.models import Brief, Receipt
from campaigns.client_delivery.models import Annotation, OutsideMaterial, ReviewDecision, Version
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import Base
from campaigns.core.people import Brand, Person
from campaigns.curation.models import Criterion, Review, SelectedContribution, Selection, SelectionOutcome
from campaigns.open_call.models import Contribution, Question
from campaigns.payout.models import Comment, Points

OPENS, CLOSES = "\u27e6", "\u27e7"
ATTACKS = (
    "<script>harm()</script>",
    "<img src=x onerror=harm()>",
    "</textarea></title><svg onload=harm()>",
    '" autofocus onfocus="harm()',
    "'-harm()-'",
    "<b hx-get=/me hx-trigger=load>hx</b>",
    "<i hx-on:htmx:load=harm()>on</i>",
    "[click](javascript:harm()) [1]: data:text/html,x",
    "{{7919*7927}}{% raw %}${7919*7927}",
    "<style>*{display:none}</style>",
    "\u200b\u200d\ufeff\u00ad",
    "n\u0302\u0303\u0304\u0305\u0306\u0307",
    "W" * 80,
    "&lt;script&gt;harm()&lt;/script&gt;",
)
TURNED = "\u05de\u05e2\u05dc 3"
LONGEST = "W" * 10_000
# What someone types in, in a form or through the API: the names of columns, by the table that they are written into.
WRITTEN: Mapping[type[Base], tuple[str, ...]] = {
    Person: ("name",), Brand: ("name",), Campaign: ("title", "pause_reason"), Deliverable: ("title", "format", "length"),
    Brief: ("story", "asked_for", "do_list", "dont_list"), Receipt: ("reference",),
    Contribution: ("title", "statement", "state_reason"), Question: ("text", "answer"), Criterion: ("name", "question"),
    Review: ("reason",), SelectedContribution: ("reason",), SelectionOutcome: ("reason",), Selection: ("common_reason",),
    Points: ("reason",),
    Version: ("note",), OutsideMaterial: ("title", "origin", "licence"), Annotation: ("words",), ReviewDecision: ("note",),
    Comment: ("claim", "evidence", "reason"),
}  # fmt: skip


@contextmanager
def pen_that_means_harm() -> Iterator[None]:
    """Within the block, whatever is written is an attack as well, ends in another direction, and is as long as there is room for."""
    attacks = cycle(ATTACKS)
    listening = [(getattr(kind, name), _writer(kind, name, attacks)) for kind, names in WRITTEN.items() for name in names]
    for attribute, writes in listening:
        event.listen(attribute, "set", writes, retval=True)
    try:
        yield
    finally:
        for attribute, writes in listening:
            event.remove(attribute, "set", writes)


def _writer(kind: type[Base], name: str, attacks: Iterator[str]) -> Callable[..., Any]:
    room = getattr(kind.__table__.c[name].type, "length", None) or len(LONGEST)

    def write(_thing: object, words: Any, *_before: object) -> Any:
        if isinstance(words, list):
            return [harmful(each, attacks, room) for each in words]
        return harmful(words, attacks, room) if isinstance(words, str) and words else words

    return write


def harmful(words: str, attacks: Iterator[str], room: int) -> str:
    """The words with the next attack that fits into `room` characters; where there is room for ten thousand, with all of them."""
    if room >= len(LONGEST):
        return f"{OPENS}{words} {' '.join(ATTACKS)} {LONGEST} {TURNED}{CLOSES}"
    left = room - len(words) - len(TURNED) - 4
    attack = next(each for each in attacks if len(each) <= left)
    return f"{OPENS}{words} {attack} {TURNED}{CLOSES}"
