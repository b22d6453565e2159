"""What is typed in each step of a brief, as people write it, and what it means: percents, a clock on the wall, a line for each point."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from api.forms import EmptyIsNone
from api.lifecycle.moments import in_zone, local
from campaigns.brief.models import DATES
from campaigns.brief.queries import WrittenBrief, planned_back
from campaigns.brief.terms.checks import FRACTIONS, RATES, BriefChanges, checked
from campaigns.core.errors import Invalid
from campaigns.core.words import _

HUNDRED = 100
OWN = {"version", "then"}
Number = BeforeValidator(lambda typed: typed.strip().removesuffix("%").rstrip().replace(",", ".") if isinstance(typed, str) else typed)
Percent = Annotated[Decimal, Number, Field(ge=0, le=HUNDRED, decimal_places=2)]
PartOfWhole = Annotated[Decimal, Number, Field(ge=0, lt=HUNDRED, decimal_places=2)]
Moment = Annotated[datetime | None, EmptyIsNone]
Text = Annotated[str, Field(max_length=20_000)]


class StepForm(BaseModel):
    """One step as it was sent: written over which version of the brief, and what to do then: go on, stay, or plan the dates."""

    version: int
    then: Literal["stay", "next", "plan"] = "next"

    @property
    def changes(self) -> BriefChanges:
        """What was typed, as the brief keeps it."""
        return cast("BriefChanges", self.model_dump(exclude=OWN))


class WordsForm(StepForm):
    title: str = Field(max_length=160)
    story: Text = ""
    asked_for: Text = ""
    do_list: Text = ""
    dont_list: Text = ""

    @property
    def changes(self) -> BriefChanges:
        points = {"do_list": self.do_list.splitlines(), "dont_list": self.dont_list.splitlines()}
        return cast("BriefChanges", self.model_dump(exclude=OWN) | points)


class DatesForm(StepForm):
    time_zone: str = Field(max_length=64)
    call_closes_at: Moment = None
    collaboration_closes_at: Moment = None
    curation_due_at: Moment = None
    delivery_due_at: Moment = None
    go_live_at: Moment = None

    @property
    def changes(self) -> BriefChanges:
        zone = checked({"time_zone": self.time_zone})["time_zone"]
        typed = {name: in_zone(at, zone) for name in DATES if (at := getattr(self, name))}
        usual = self._usual(typed.get("go_live_at")) if self.then == "plan" else {}
        return cast("BriefChanges", {"time_zone": zone, **dict.fromkeys(DATES), **usual, **typed})

    def _usual(self, go_live_at: datetime | None) -> dict[str, datetime]:
        if go_live_at is None:
            raise Invalid(_("Enter the go-live date first. The other dates are planned back from it."), field="go_live_at")
        return planned_back(go_live_at)


class CurrencyForm(StepForm):
    currency: str = Field(max_length=3)


class PayForm(StepForm):
    assembly: PartOfWhole
    contains: PartOfWhole
    influenced_by: PartOfWhole
    staff_ids: list[UUID] = Field(default_factory=list)

    @property
    def changes(self) -> BriefChanges:
        fractions = {name: f"{getattr(self, name) / HUNDRED:.4f}" for name in FRACTIONS}
        return cast("BriefChanges", fractions | {"staff_ids": self.staff_ids})


class FeesForm(StepForm):
    fee_bps: Percent
    reserve_bps: Percent
    kill_fee_before_changes_bps: Percent
    kill_fee_after_changes_bps: Percent
    kill_fee_approved_bps: Percent
    cancellation_fee: str | None = Field(None, max_length=10)

    @property
    def changes(self) -> BriefChanges:
        rates = {name: int(getattr(self, name) * HUNDRED) for name in RATES}
        return cast("BriefChanges", rates | ({"cancellation_fee": self.cancellation_fee} if self.cancellation_fee else {}))


class TermsForm(StepForm):
    licence_version: str = Field(max_length=20)
    ai_training: bool = False
    credit_names: bool = False


def _words(written: WrittenBrief) -> dict[str, Any]:
    brief = written.brief
    points = {"do_list": "\n".join(brief.do_list), "dont_list": "\n".join(brief.dont_list)}
    return {"title": written.campaign.title, "story": brief.story, "asked_for": brief.asked_for} | points


def _dates(written: WrittenBrief) -> dict[str, Any]:
    zone = written.brief.time_zone
    return {"time_zone": zone} | {name: local(getattr(written.brief, name), zone) for name in DATES}


def _pay(written: WrittenBrief) -> dict[str, Any]:
    return {name: plain(getattr(written.brief, name) * HUNDRED) for name in FRACTIONS} | {"staff_ids": written.brief.staff_ids}


def _fees(written: WrittenBrief) -> dict[str, Any]:
    rates = {name: plain(Decimal(getattr(written.brief, name)) / HUNDRED) for name in RATES}
    return rates | {"cancellation_fee": written.brief.cancellation_fee}


def _terms(written: WrittenBrief) -> dict[str, Any]:
    brief = written.brief
    return {"licence_version": brief.licence_version, "ai_training": brief.ai_training, "credit_names": brief.credit_names}


def plain(percent: Decimal) -> str:
    """A percentage as it is typed: without zeros that say nothing."""
    return f"{percent.normalize():f}"


SHOWN: Mapping[str, Callable[[WrittenBrief], dict[str, Any]]] = {
    "words": _words,
    "dates": _dates,
    "deliverables": lambda written: {"currency": written.brief.currency},
    "pay": _pay,
    "fees": _fees,
    "terms": _terms,
}
