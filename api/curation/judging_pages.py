"""One contribution on the curator's desk, full-bleed: judged, changed, taken back, or handed on for a conflict."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from api.forms import Reason
from api.media import ahead, at_place
from api.reader import Reader, SignedIn
from campaigns.core.words import _
from campaigns.curation.assignments.actions import declare_conflict
from campaigns.curation.models import HIGHEST, LOWEST, Criterion
from campaigns.curation.reviews.actions import submit_review, take_back
from campaigns.curation.reviews.queries import BlindReview, blind_review, blind_reviews, desks, next_on_desk

pages = APIRouter()
POINTS = {str(value): value for value in range(LOWEST, HIGHEST + 1)}


class JudgementForm(BaseModel, extra="allow"):
    """Beside the reason one field for each criterion: `score-` and its number in the rubric."""

    reason: Reason = ""

    def scores(self, criteria: Sequence[Criterion]) -> dict[str, int]:
        """What was scored, by the criterion's name."""
        said = {criterion.name: POINTS.get((self.model_extra or {}).get(f"score-{criterion.number}", "")) for criterion in criteria}
        return {name: value for name, value in said.items() if value is not None}


@pages.get("/desk/{assignment_id}")
def show_contribution(assignment_id: UUID, reader: SignedIn, after: UUID | None = None) -> HTMLResponse:
    """One contribution on the reader's desk; `after` is the one that they have just judged and may undo."""
    blind, criteria = blind_review(reader.session, assignment_id, by=reader.by)
    next_id = next_on_desk(reader.session, blind.campaign_id, blind.id, by=reader.by)
    beside = blind_reviews(reader.session, [each for each in (next_id, after) if each and each != blind.id], by=reader.by)
    following, before = (beside.get(each) if each else None for each in (next_id, after))
    return reader.page(
        "curation/judge.html",
        contribution=_at_its_place(blind),
        criteria=criteria,
        said=_said(blind),
        progress=next((desk for desk in desks(reader.session, by=reader.by) if desk.campaign_id == blind.campaign_id), None),
        following=following,
        ahead=ahead(_at_its_place(following).renditions) if following else [],
        before=before if before and before.may_change and before.reason else None,
        points=POINTS.values(),
    )


def _at_its_place(blind: BlindReview) -> BlindReview:
    return replace(blind, renditions=at_place(f"/desk/{blind.id}", blind.renditions))


def _said(blind: BlindReview) -> tuple[dict[str, int], str]:
    """The scores and the reason that the form begins with: the reader's judgement, or the one that they took back."""
    if blind.reason is None and blind.taken_back:
        return blind.taken_back.scores, blind.taken_back.reason
    return dict(blind.scores), blind.reason or ""


@pages.post("/desk/{assignment_id}")
def judge(assignment_id: UUID, form: Annotated[JudgementForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Judge the contribution, or change one's judgement, and go on to the next."""
    blind, criteria = blind_review(reader.session, assignment_id, by=reader.by)
    submit_review(reader.session, assignment_id, form.scores(criteria), form.reason, by=reader.by, at=reader.at)
    return _onward(reader, blind, _("Review of {code} submitted.", code=blind.code), undo=True)


@pages.post("/desk/{assignment_id}/undo")
def undo(assignment_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take one's judgement back, to judge the contribution anew."""
    take_back(reader.session, assignment_id, by=reader.by, at=reader.at)
    return reader.done(f"/desk/{assignment_id}", _("Review withdrawn. Your scores and reason are kept below until you submit again."))


@pages.post("/desk/{assignment_id}/conflict")
def hand_on(assignment_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that one cannot judge this contribution."""
    blind, _criteria = blind_review(reader.session, assignment_id, by=reader.by)
    there = _onward(reader, blind, _("Conflict declared. {code} goes to another curator.", code=blind.code), undo=False)
    declare_conflict(reader.session, assignment_id, by=reader.by, at=reader.at)
    return there


def _onward(reader: Reader, blind: BlindReview, said: str, *, undo: bool) -> RedirectResponse:
    following = next_on_desk(reader.session, blind.campaign_id, blind.id, by=reader.by)
    if following in (None, blind.id):
        return reader.done("/desk?judged=true" if undo else "/desk", " ".join((said, _("You have nothing left to review."))))
    return reader.done(f"/desk/{following}?after={blind.id}" if undo else f"/desk/{following}", said)
