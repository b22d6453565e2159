"""The difference between two texts of a brief as people read it: fields by their names, money as money, days as days."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.brief.deliverable_pages import kind_choices
from campaigns.brief.models import DATES, WHOLE_BPS
from campaigns.brief.terms.checks import FRACTIONS, RATES
from campaigns.brief.terms.contents import FieldChange, Words, changes_between
from campaigns.brief.terms.labels import label
from campaigns.core.people import Person
from campaigns.core.words import _

Fate = Literal["added", "removed", "changed"]
NAMES: Mapping[str, str] = {"do": "do_list", "dont": "dont_list", "licence": "licence_version", "staff": "staff_ids"}
KINDS: Mapping[str, str] = {
    "price": "money",
    "staff": "people",
    "kind": "piece",
    **dict.fromkeys((*RATES, *FRACTIONS), "share"),
    **dict.fromkeys(DATES, "moment"),
    **dict.fromkeys(("ai_training", "credit_names"), "truth"),
}
WORDED = frozenset({"title", "story", "asked_for", "do", "dont", "format", "length", "rights"})


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that has changed; `kind` says how its values are written, "words" that its runs show what is different."""

    name: str
    kind: str
    before: Any
    after: Any
    words: Sequence[Words]


@dataclass(frozen=True, slots=True)
class Group:
    """The changed fields of one deliverable, or of the brief's own text, which has no title; a deliverable may be new, or gone."""

    title: str | None
    fate: Fate
    lines: Sequence[FieldDifference]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is different; each text in its own currency and zone."""

    groups: Sequence[Group]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def written_in(self, is_after: bool) -> tuple[str, str]:
        """The currency and the zone of one of the two texts."""
        content = self.after if is_after else self.before
        return content["money"]["currency"], content["dates"]["time_zone"]


def reading_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Reading:
    """What is different in `after`, in the order of the brief, one deliverable after the other."""
    changes = changes_between(before, after)
    return Reading([_group(piece, list(within), before, after) for piece, within in groupby(changes, _piece)], before, after)


def _piece(change: FieldChange) -> str | None:
    first, _dot, rest = change.field.partition(".")
    return rest.partition(".")[0] if first == "deliverables" else None


def _group(piece: str | None, changes: list[FieldChange], before: Mapping[str, Any], after: Mapping[str, Any]) -> Group:
    if piece is None:
        return Group(None, "changed", [_line(change) for change in changes])
    old, new = before["deliverables"].get(piece), after["deliverables"].get(piece)
    fate: Fate = "added" if old is None else "removed" if new is None else "changed"
    lines = [_line(change) for change in changes if not change.field.endswith(".number")]
    return Group((new or old or {})["title"], fate, lines)


def _line(change: FieldChange) -> FieldDifference:
    field = change.field.rpartition(".")[2]
    kind = "words" if field in WORDED else KINDS.get(field, "plain")
    before, after = _value(field, kind, change.before), _value(field, kind, change.after)
    return FieldDifference(label(NAMES.get(field, field)), kind, before, after, change.words)


def _value(field: str, kind: str, line: str | None) -> Any:
    """The value that stands in a line of the text."""
    if line is None:
        return None
    read: Mapping[str, Callable[[str], Any]] = {
        "money": int,
        "share": lambda line: int(line) / WHOLE_BPS if field in RATES else float(line),
        "moment": datetime.fromisoformat,
        "truth": lambda line: line == "true",
        "people": str.splitlines,
        "piece": dict(kind_choices()).__getitem__,
    }
    return read.get(kind, str)(line)


def named(session: Session, readings: Sequence[Reading]) -> dict[str, str]:
    """The names of everyone whom these texts call staff, by their ids."""
    ids = {UUID(each) for reading in readings for content in (reading.before, reading.after) for each in _staff(content)}
    return {str(key): name for key, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def _staff(content: Mapping[str, Any]) -> Iterator[str]:
    yield from content.get("pay_rule", {}).get("staff", [])


def fate_word(fate: Fate) -> str:
    """What became of a deliverable."""
    return {"added": _("new"), "removed": _("removed"), "changed": _("changed")}[fate]
