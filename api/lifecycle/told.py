"""The timeline in words: what each fact says of whoever did it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from api.wording import role_name, stage_name
from campaigns.client_delivery.models import Verdict
from campaigns.collaboration.models import Party
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EVENTS, EventName
from campaigns.core.events import Event
from campaigns.core.stages import MoveCause
from campaigns.core.words import _, n_

MAKERS = frozenset(
    {
        EventName.OPEN_CALL_CONTRIBUTION_RECEIVED,
        EventName.OPEN_CALL_CONTRIBUTION_WITHDRAWN,
        EventName.OPEN_CALL_MAKER_CONFIRMED,
        EventName.OPEN_CALL_NAMING_ENDED,
        EventName.OPEN_CALL_QUESTION_ASKED,
        EventName.COLLABORATION_REMIXED,
    }
)
MANY = 3
# What facts from before causes were codes have in the place of one, sealed in the chain as it is.
BEFORE_CAUSES = frozenset({"The gate opened."})


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the timeline: who did what to which deliverable, when and why."""

    number: int
    name: str
    at: datetime
    actor: str
    sentence: str
    deliverable: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class TimelineGroup:
    """One line, or many of one kind, newest first, told as one."""

    lines: Sequence[TimelineLine]
    sentence: str | None

    @property
    def first(self) -> TimelineLine:
        return self.lines[0]


def told(facts: Sequence[Event], deliverables: Sequence[Deliverable], *, blind: bool) -> list[TimelineLine]:
    """These facts in words; for who judges blind, without the names of makers."""
    titles = {deliverable.id: deliverable.title for deliverable in deliverables}
    return [_told(fact, titles, blind) for fact in facts]


def in_runs(lines: Sequence[TimelineLine]) -> list[TimelineGroup]:
    """The lines, with those put together that follow each other and are of one kind, or say the same of several deliverables."""
    runs: list[TimelineGroup] = []
    for name, group in groupby(lines, key=lambda line: line.name):
        alike = list(group)
        together = _together(name, len(alike)) if len(alike) >= MANY else None
        runs += [TimelineGroup(alike, together)] if together else [TimelineGroup([line], None) for line in _merged(alike)]
    return runs


def _merged(lines: Sequence[TimelineLine]) -> list[TimelineLine]:
    """What was done alike to several deliverables as one line that names them all."""
    merged: list[TimelineLine] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last and line.deliverable and (last.actor, last.sentence, last.reason) == (line.actor, line.sentence, line.reason):
            merged[-1] = replace(last, deliverable=f"{line.deliverable}, {last.deliverable}")
        else:
            merged.append(line)
    return merged


def _told(fact: Event, titles: Mapping[UUID, str], blind: bool) -> TimelineLine:
    title = titles.get(fact.deliverable_id) if fact.deliverable_id else None
    return TimelineLine(fact.number, fact.name, fact.at, actor_of(fact, blind=blind), sentence(fact), title, _reason(fact))


def _reason(fact: Event) -> str | None:
    """Why, as far as there is more to say of it than that a gate was open."""
    if fact.facts.get("cause") == MoveCause.PROPOSAL_FINAL:
        return _("Its proposal is final.")
    return None if fact.reason in BEFORE_CAUSES else fact.reason


# Older events say that the side of the contribution was the work's.
MAKERS_SIDES = (Party.CONTRIBUTION, Party.SOURCE, "work")


def actor_of(fact: Event, *, blind: bool) -> str:
    """Who did it; for who judges blind, no maker of a contribution."""
    is_by_maker = fact.name in MAKERS or fact.facts.get("party") in MAKERS_SIDES
    return _("Someone") if blind and is_by_maker else fact.actor_name


def sentence(fact: Event) -> str:
    """What was done, as it follows the name of who did it."""
    name = EVENTS.get(fact.name)
    if name is None or name.sentence is None:
        return fact.name.partition(".")[2].replace("_", " ")
    return _counted(name, fact.facts) or _(name.sentence, **_params(name, fact.facts))


def _params(name: EventName, about: Mapping[str, Any]) -> dict[str, object]:
    """What the event's sentence names, in words."""
    match name:
        case EventName.CAMPAIGN_MOVED:
            return {"frm": stage_name(about["frm"]), "to": stage_name(about["to"])}
        case EventName.BRIEF_SIGNED:
            return {"sign_off_role": about["hat"]}
        case EventName.PEOPLE_ROLE_GRANTED | EventName.PEOPLE_ROLE_ASKED:
            return {"role": role_name(about["role"]).lower()}
        case _:
            return {}


def _counted(name: EventName, about: Mapping[str, Any]) -> str | None:
    """The sentence of an event whose facts decide what it says; None where its own is said."""
    match name:
        case EventName.CLIENT_DELIVERY_DECIDED if about["verdict"] == Verdict.APPROVED:
            return _("approved version {number}", number=about["number"])
        case EventName.CLIENT_DELIVERY_DECIDED:
            return _("requested changes to version {number}", number=about["number"])
        case EventName.CLIENT_DELIVERY_NOTES_GATHERED:
            return n_("sent {count} note by email", "sent {count} notes by email", len(about["notes"]))
        case EventName.CAMPAIGN_REMINDED:
            return n_("reminded {count} person", "reminded {count} people", len(about["people"]))
        case _:
            return None


def _together(name: str, count: int) -> str | None:
    """Many facts of a kind in one sentence; None where each stands for itself."""
    match name:
        case EventName.OPEN_CALL_CONTRIBUTION_RECEIVED:
            return n_("{count} contribution was submitted", "{count} contributions were submitted", count)
        case EventName.OPEN_CALL_SCREENED:
            return n_("{count} contribution was screened", "{count} contributions were screened", count)
        case EventName.COLLABORATION_REMIXED:
            return n_("{count} remix was submitted", "{count} remixes were submitted", count)
        case EventName.CURATION_REVIEWED:
            return n_("{count} review was written", "{count} reviews were written", count)
        case EventName.COLLABORATION_SOURCE_CLAIMED | EventName.COLLABORATION_SOURCE_CONFIRMED | EventName.COLLABORATION_SOURCE_DECLINED:
            return n_("{count} influence was claimed or answered", "{count} influences were claimed or answered", count)
        case EventName.BRIEF_EDITED:
            return n_("the brief was edited {count} time", "the brief was edited {count} times", count)
        case _:
            return None
