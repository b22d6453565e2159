"""The steps in which a brief is written, and what each of them still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.brief import rules
from campaigns.brief.models import DATES
from campaigns.brief.queries import WrittenBrief
from campaigns.brief.terms.labels import labels
from campaigns.core.words import _

STEPS = ("words", "dates", "deliverables", "pay", "fees", "terms")


@dataclass(frozen=True, slots=True)
class BriefStep:
    """One step; `lacks` says what is missing or wrong in it, nothing where it is done."""

    key: str
    name: str
    address: str
    lacks: str


def steps_of(written: WrittenBrief, *, at: datetime) -> list[BriefStep]:
    """Every step of this brief in its order."""
    lacking, passed = rules.missing_fields(written), rules.passed_dates(written, at)
    dates = [name for name in lacking if name in DATES]
    lacks: Mapping[str, str] = {
        "words": labels(name for name in lacking if name not in DATES),
        "dates": labels(dates) or (_("In the past: {dates}", dates=labels(passed)) if passed else ""),
        "deliverables": "" if written.deliverables else _("None yet"),
    }
    names = step_names()
    return [BriefStep(key, names[key], step_address(written.campaign.id, key), lacks.get(key, "")) for key in STEPS]


def step_names() -> dict[str, str]:
    """What the steps are called."""
    return {
        "words": _("About the campaign"),
        "dates": _("Dates"),
        "deliverables": _("Deliverables"),
        "pay": _("Pay rule"),
        "fees": _("Fees"),
        "terms": _("Terms"),
    }


def step_address(campaign_id: UUID, key: str) -> str:
    """Where the step is written."""
    return f"/campaigns/{campaign_id}/brief/{key}"


def after(campaign_id: UUID, key: str) -> str:
    """Where the step after this one is written; after the last, the whole brief."""
    place = STEPS.index(key) + 1
    return step_address(campaign_id, STEPS[place]) if place < len(STEPS) else f"/campaigns/{campaign_id}/brief"
