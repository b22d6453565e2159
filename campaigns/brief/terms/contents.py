"""What binds in a brief, as canonical JSON under a hash, and the difference between two such texts."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from campaigns.brief.licenses import licence
from campaigns.brief.models import DATES, Brief
from campaigns.core.campaign import Campaign, Deliverable

# What the brand agrees to where the installation is one of few people; it stands in the text that is signed.
FEW_PEOPLE = (
    "Few people run this platform. Two different people still confirm receipts, final splits and payouts, "
    "but one of the two may have given the other their role."
)
WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words of a changed text: kept, removed or added."""

    fate: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is not what it was; None where it was not there, or is not any more."""

    field: str
    before: str | None
    after: str | None
    words: Sequence[Words]


def content_of(campaign: Campaign, brand: str, brief: Brief, deliverables: Sequence[Deliverable]) -> dict[str, Any]:
    """Everything that binds, as JSON values; dates as they were written, before any pause moved them on."""
    return {
        "title": campaign.title,
        "brand": brand,
        "story": brief.story,
        "asked_for": brief.asked_for,
        "do": brief.do_list,
        "dont": brief.dont_list,
        "deliverables": {str(d.id): _deliverable(d) for d in deliverables},
        "dates": {"time_zone": brief.time_zone, **{name: _moment(written_date(brief, name)) for name in DATES}},
        "money": _money(brief),
        "pay_rule": pay_rule_of(brief),
        "terms": _terms(brief),
    }


def pay_rule_of(brief: Brief) -> dict[str, Any]:
    """The pay rule in its written form: fractions as text, staff as sorted ids."""
    pass_on = {"contains": f"{brief.contains:.4f}", "influenced_by": f"{brief.influenced_by:.4f}"}
    return {"assembly": f"{brief.assembly:.4f}", "pass_on": pass_on, "staff": sorted(brief.staff_ids)}


def hash_of(content: Mapping[str, Any]) -> str:
    """The sha256, in hexadecimal, of the content as compact JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def written_date(brief: Brief, name: str) -> datetime | None:
    """The date as it was agreed, without what pauses and extensions have added to it."""
    at: datetime | None = getattr(brief, name)
    return at - timedelta(seconds=brief.moved_on.get(name, 0)) if at else None


def _deliverable(deliverable: Deliverable) -> dict[str, Any]:
    return {name: getattr(deliverable, name) for name in ("number", "title", "kind", "format", "length", "price")}


def _money(brief: Brief) -> dict[str, Any]:
    # Briefs from before there was a choice say nothing of it, and mean the same: their signatures hold.
    kept = {} if brief.cancellation_fee == "none" else {"cancellation_fee": brief.cancellation_fee}
    return {
        "currency": brief.currency,
        "fee_bps": brief.fee_bps,
        "reserve_bps": brief.reserve_bps,
        "kill_fee_before_changes_bps": brief.kill_fee_before_changes_bps,
        "kill_fee_after_changes_bps": brief.kill_fee_after_changes_bps,
        "kill_fee_approved_bps": brief.kill_fee_approved_bps,
        **kept,
    }


def _terms(brief: Brief) -> dict[str, Any]:
    return {
        "licence": brief.licence_version,
        "rights": list(licence(brief.licence_version).sentences),
        "ai_training": brief.ai_training,
        "credit_names": brief.credit_names,
        "exclusivity": brief.exclusivity,
        **({"few_people": FEW_PEOPLE} if brief.few_people else {}),
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """Field by field and word by word, what is different in `after`; fields as dotted paths, lists as lines."""
    old, new = dict(_lines(before)), dict(_lines(after))
    changed = [name for name in dict.fromkeys([*new, *old]) if old.get(name) != new.get(name)]
    return [FieldChange(name, old.get(name), new.get(name), words_between(old.get(name) or "", new.get(name) or "")) for name in changed]


def words_between(before: str, after: str) -> list[Words]:
    """The two texts as one, each run of words kept, removed or added."""
    old, new = WORD.findall(before), WORD.findall(after)
    runs: list[Words] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Words("kept", "".join(old[a:b])))
            continue
        runs += [Words(fate, text) for fate, text in (("removed", "".join(old[a:b])), ("added", "".join(new[c:d]))) if text]
    return runs


def _lines(content: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str | None]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", _line(value)


def _line(value: Any) -> str | None:
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return value if value is None or isinstance(value, str) else json.dumps(value)
