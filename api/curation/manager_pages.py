"""A campaign's curation for its manager: who judges, how far they have come, by what they judge, and where the choosing is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.curation.asking import AfterPlace
from api.deps import Page, page_of
from api.reader import OnceForm, Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.brief.models import Brief
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign
from campaigns.core.people import Brand
from campaigns.core.permissions import Permission, Role
from campaigns.core.role_grants import holders
from campaigns.core.stages import Stage
from campaigns.core.words import _, n_
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import conflicts_declared, coverage, progress
from campaigns.curation.assignments.rules import barred_contributions
from campaigns.curation.queries import CurationVisit, Outstanding, standings, titles_of
from campaigns.curation.rubrics.actions import RubricQuestion, is_used, rubric, set_rubric
from campaigns.curation.selections import queries as selection_queries
from campaigns.curation.selections.actions import selected_counts

pages = APIRouter()
LATEST = 10
ON_PAGE = 30
HEADER = ("curator", "assigned", "reviewed", "pending", "lapsed", "conflicts", "last review")
CONFLICTS = ("curator", "contribution", "declared", "reviewers now")
SPARE_ROWS = 2


@dataclass(frozen=True, slots=True)
class Choosing:
    """Where the choice for one deliverable stands; `chosen` is None before a first selection."""

    deliverable: Deliverable
    is_open: bool
    is_asked: bool
    outstanding: Outstanding | None
    selected: int
    chosen: int | None


class AskForm(OnceForm):
    deliverable: UUID
    curators: list[UUID] = Field(default_factory=list, max_length=500)
    per_contribution: int = Field(ge=1, le=20)


class QuestionsForm(BaseModel):
    """A criterion for each pair of fields; a pair left empty is none."""

    name: list[Annotated[str, Field(max_length=80)]] = Field(default_factory=list, max_length=12)
    question: list[Annotated[str, Field(max_length=1000)]] = Field(default_factory=list, max_length=12)

    def asked(self) -> list[RubricQuestion]:
        pairs = zip(self.name, self.question, strict=False)
        return [RubricQuestion(name, question) for name, question in pairs if name.strip() or question.strip()]


@pages.get("/campaigns/{campaign_id}/curation")
def show_curation(campaign_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """How the judging goes, and for each deliverable how the choosing does."""
    campaign = _mine(campaign_id, reader)
    session, by = reader.session, reader.by
    found = progress(session, campaign.id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.curator_id)
    choices = _choices(reader, deliverables_of(session, campaign.id))
    barred = barred_contributions(session, [choice.deliverable for choice in choices if choice.is_open])
    return reader.page(
        "curation/campaign.html",
        **_head(campaign, reader),
        due=session.get_one(Brief, campaign.id).curation_due_at,
        choices=choices,
        to_ask=[(choice.deliverable.id, choice.deliverable.title) for choice in choices if choice.is_open],
        cover=coverage(session, campaign.id, by=by),
        people=shown,
        next=following,
        barred=titles_of(session, barred.get(campaign.id, [])),
        conflicts=conflicts_declared(session, campaign.id, by=by, limit=LATEST + 1),
        latest=LATEST,
        criteria=rubric(session, campaign.id),
        is_used=is_used(session, campaign.id),
        curators=holders(session, Role.CURATOR, campaign.scope),
    )


def _mine(campaign_id: UUID, reader: Reader) -> Campaign:
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    reader.by.require(Permission.ASSIGN_CURATORS, on=campaign)
    return campaign


def _head(campaign: Campaign, reader: Reader) -> dict[str, Any]:
    return {"campaign": campaign, "brand": reader.session.get_one(Brand, campaign.brand_id)}


def _choices(reader: Reader, deliverables: Sequence[Deliverable]) -> list[Choosing]:
    found, meant = standings(reader.session, deliverables), selected_counts(reader.session, deliverables)
    chosen = selection_queries.chosen_counts(reader.session, deliverables)
    return [
        _choosing(deliverable, found[deliverable.id], meant.get(deliverable.id, 0), chosen.get(deliverable.id))
        for deliverable in deliverables
    ]


def _choosing(deliverable: Deliverable, standing: CurationVisit, meant: int, chosen: int | None) -> Choosing:
    is_open = deliverable.stage is Stage.CURATION and not standing.is_published
    return Choosing(deliverable, is_open, bool(standing.rounds), standing.outstanding, meant, chosen)


@pages.get("/campaigns/{campaign_id}/curation/curators.csv")
def download_progress(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """How far each curator has come, as a table."""
    campaign, by = _mine(campaign_id, reader), reader.by
    found = all_of(lambda session, after: progress(session, campaign_id, by=by, after=after, limit=AT_ONCE), lambda each: each.curator_id)
    rows = ((p.name, p.handed_out, p.reviewed, p.outstanding, p.lapsed, p.conflicts, p.last_at) for p in found)
    return spreadsheet(f"curators-{campaign.number}", HEADER, rows)


@pages.get("/campaigns/{campaign_id}/curation/conflicts.csv")
def download_conflicts(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every conflict that was declared, as a table."""
    campaign, by = _mine(campaign_id, reader), reader.by
    found = all_of(
        lambda session, after: conflicts_declared(session, campaign_id, by=by, after=after, limit=AT_ONCE), lambda each: each.place
    )
    return spreadsheet(f"conflicts-{campaign.number}", CONFLICTS, ((c.curator, c.title, c.declared_at, c.reviewers) for c in found))


@pages.get("/campaigns/{campaign_id}/curation/conflicts", response_class=HTMLResponse)
def show_conflicts(campaign_id: UUID, reader: SignedIn, after: AfterPlace = None) -> HTMLResponse:
    """Every conflict that was declared, newest first."""
    campaign = _mine(campaign_id, reader)
    found = conflicts_declared(reader.session, campaign.id, by=reader.by, after=after, limit=ON_PAGE + 1)
    shown, following = page_of(found, ON_PAGE, lambda row: row.place)
    return reader.page("curation/conflicts.html", conflicts=shown, next=following, **_head(campaign, reader))


@pages.post("/campaigns/{campaign_id}/curation/ask")
def ask(campaign_id: UUID, form: Annotated[AskForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Hand the campaign's contributions out to curators."""

    def deed() -> tuple[str, str]:
        before = coverage(reader.session, campaign_id, by=reader.by).outstanding
        assign(reader.session, form.deliverable, form.curators, form.per_contribution, by=reader.by, at=reader.at)
        new = coverage(reader.session, campaign_id, by=reader.by).outstanding - before
        return f"/campaigns/{campaign_id}/curation", _said(new)

    return reader.once(form, deed)


def _said(reviews: int) -> str:
    if not reviews:
        return _("Nothing new was assigned: every contribution already has that many reviewers, or no eligible curator is left.")
    return n_("{count} review assigned. Its curator gets an email.", "{count} reviews assigned. Their curators get an email.", reviews)


@pages.get("/campaigns/{campaign_id}/curation/rubric")
def show_rubric(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What contributions are judged by, to be written until one has been."""
    campaign = _mine(campaign_id, reader)
    typed = getattr(reader.request.state, "typed", None)
    criteria = rubric(reader.session, campaign.id)
    rows = (
        [(c.name, c.question) for c in criteria]
        if typed is None
        else list(zip(typed.getlist("name"), typed.getlist("question"), strict=False))
    )
    spare = [("", "")] * SPARE_ROWS if typed is None else []
    return reader.page(
        "curation/rubric.html",
        **_head(campaign, reader),
        rows=rows + spare,
        criteria=criteria,
        is_used=is_used(reader.session, campaign.id),
    )


@pages.post("/campaigns/{campaign_id}/curation/rubric")
def write_rubric(campaign_id: UUID, form: Annotated[QuestionsForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Ask other questions of the contributions."""
    set_rubric(reader.session, campaign_id, form.asked(), by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}/curation", _("Review criteria saved."))
