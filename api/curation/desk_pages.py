"""The curator's desk: what is left to judge and what was judged, all of it blind."""

from collections.abc import Iterator
from statistics import fmean
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.files import sent
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.curation.queries import Which
from campaigns.curation.reviews.queries import BlindReview, blind_desk, blind_file, desks, next_on_desk

pages = APIRouter()
HEADER = ("campaign", "contribution", "kind", "reviewed", "mean", "scores", "reason")


@pages.get("/me/reviews")
def lead_to_desk() -> RedirectResponse:
    """Where emails lead."""
    return RedirectResponse("/desk", 303)


@pages.get("/desk")
def show_desk(reader: SignedIn, page: Page, judged: bool = False) -> HTMLResponse:
    """How far the reader has come, and the contributions on their desk in the order drawn for them."""
    which = Which.JUDGED if judged else Which.LEFT
    found = blind_desk(reader.session, by=reader.by, after=page.after, limit=page.one_more, which=which)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    return reader.page(
        "curation/desk.html",
        desks=desks(reader.session, by=reader.by),
        judged=judged,
        contributions=shown,
        next=following,
    )


@pages.get("/desk.csv")
def download_desk(reader: SignedIn) -> StreamingResponse:
    """Everything on the reader's desk with what they said of it."""
    return spreadsheet("desk", HEADER, _rows(reader.by))


def _rows(by: Actor) -> Iterator[tuple[Any, ...]]:
    every = all_of(lambda session, after: blind_desk(session, by=by, after=after, limit=AT_ONCE, which=None), lambda each: each.id)
    return map(_row, every)


def _row(blind: BlindReview) -> tuple[Any, ...]:
    scores = "; ".join(f"{name} {value}" for name, value in blind.scores.items())
    mean = round(fmean(blind.scores.values()), 2) if blind.scores else None
    return blind.campaign, blind.code, blind.kind.value, "yes" if blind.reason else "no", mean, scores, blind.reason


@pages.get("/desk/next")
def show_next(reader: SignedIn, campaign: UUID) -> RedirectResponse:
    """The first contribution in the campaign that the reader has not judged."""
    assignment_id = next_on_desk(reader.session, campaign, by=reader.by)
    return reader.done(f"/desk/{assignment_id}") if assignment_id else reader.done("/desk", _("Nothing left to review."))


@pages.get("/desk/{assignment_id}/{role}", response_class=FileResponse)
def show_file(assignment_id: UUID, role: str, reader: SignedIn) -> FileResponse:
    """What a contribution on the desk looks or sounds like: always at the same address, so that it can be fetched ahead."""
    return sent(blind_file(reader.session, assignment_id, role, by=reader.by))
