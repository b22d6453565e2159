"""Who is named as a maker of a version confirms or declines it, over HTTP and as a page; unanswered namings are taken back."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from api.deps import At, By, Listing, Page, Tx, page_of
from api.reader import SignedIn
from campaigns.client_delivery.makers.actions import confirm_version, decline_version, end_version_namings
from campaigns.client_delivery.makers.queries import versions_asked_of
from campaigns.core.words import _

router = APIRouter()
pages = APIRouter()


class AskedShown(BaseModel):
    """A version that names you as a maker and that you have not confirmed or declined."""

    version: UUID
    number: int
    deliverable: str
    campaign: str
    shares: int


class AskedList(Listing):
    items: list[AskedShown]


@router.get("/me/versions")
def list_asked(session: Tx, by: By, page: Page) -> AskedList:
    """The versions that name you as a maker and that you have not confirmed or declined, newest first."""
    found = versions_asked_of(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.version.id)
    items = [
        AskedShown(
            version=a.version.id, number=a.version.number, deliverable=a.deliverable.title, campaign=a.campaign.title, shares=a.shares
        )
        for a in shown
    ]
    return AskedList(items=items, next=following)


@router.post("/versions/{version_id}/confirmation", status_code=204)
def confirm(version_id: UUID, session: Tx, by: By, at: At) -> None:
    """Confirm that you are a maker of a version. It is then credited to you."""
    confirm_version(session, version_id, by=by, at=at)


@router.post("/versions/{version_id}/decline", status_code=204)
def decline(version_id: UUID, session: Tx, by: By, at: At) -> None:
    """Decline the credit for a version that names you as a maker."""
    decline_version(session, version_id, by=by, at=at)


@router.delete("/versions/{version_id}/unconfirmed-makers", status_code=204)
def end_namings(version_id: UUID, session: Tx, by: By, at: At) -> None:
    """Remove every maker who has not confirmed the version. Only the person who made it or the manager can do this."""
    end_version_namings(session, version_id, by=by, at=at)


@pages.get("/me/versions")
def show_asked(reader: SignedIn, page: Page) -> HTMLResponse:
    """The versions that name the reader as a maker and wait for their word."""
    found = versions_asked_of(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.version.id)
    return reader.page("client_delivery/asked.html", asked=shown, next=following)


@pages.post("/me/versions/{version_id}/confirmation")
def confirm_here(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm that one made it too."""
    version = confirm_version(reader.session, version_id, by=reader.by, at=reader.at)
    return reader.done("/me/versions", _("You are now credited for version {number}.", number=version.number))


@pages.post("/me/versions/{version_id}/decline")
def decline_here(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that one had no part in it."""
    version = decline_version(reader.session, version_id, by=reader.by, at=reader.at)
    return reader.done("/me/versions", _("You are no longer named as a maker of version {number}.", number=version.number))


@pages.post("/versions/{version_id}/unconfirmed-makers")
def end_here(version_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back the naming of everybody who has not confirmed it."""
    version = end_version_namings(reader.session, version_id, by=reader.by, at=reader.at)
    return reader.done(f"/versions/{version_id}", _("Version {number} now names only makers who have confirmed.", number=version.number))
