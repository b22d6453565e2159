"""One's own works: where each of them stands, since when, and why."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.curation.selections.queries import fates_of, outcomes
from campaigns.open_call import queries
from campaigns.open_call.contributions import actions as contribution_actions
from campaigns.open_call.credits import grants_of
from campaigns.open_call.makers import actions as maker_actions
from campaigns.open_call.models import WorkState

pages = APIRouter()
HEADER = ("title", "campaign", "kind", "state", "since", "reason", "received", "shares", "total shares")


def states() -> Mapping[WorkState, tuple[str, str]]:
    """Where a work stands in a word or two, and the tone in which it is said."""
    return {
        WorkState.RECEIVED: (_("Processing"), "plain"),
        WorkState.READY: (_("In review"), "warn"),
        WorkState.UNSHOWABLE: (_("Processing failed"), "warn"),
        WorkState.SCREENED_IN: (_("Accepted"), "ok"),
        WorkState.SCREENED_OUT: (_("Declined"), "bad"),
        WorkState.WITHDRAWN: (_("Withdrawn"), "plain"),
    }


@pages.get("/me/works")
def show_works(reader: SignedIn, page: Page) -> HTMLResponse:
    """Everything that the reader made, newest first."""
    found = queries.own_works(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    works, following = page_of(found, page.limit, lambda row: row.work.id)
    return reader.page(
        "open_call/own_works.html",
        works=works,
        next=following,
        counts=queries.own_counts(reader.session, by=reader.by),
        states=states(),
        fates=fates_of(reader.session, [own.work.id for own in works if not own.is_asked]),
    )


@pages.get("/me/works.csv")
def download_works(reader: SignedIn) -> StreamingResponse:
    """The same as a table."""
    return spreadsheet("my-works", HEADER, _rows(reader.by))


def _rows(by: Actor) -> Iterator[tuple[Any, ...]]:
    every = all_of(lambda session, after: queries.own_works(session, by=by, after=after, limit=AT_ONCE), lambda own: own.work.id)
    for own in every:
        work = own.work
        own_shares = next(credit.shares for credit in own.credits if credit.person_id == by.person)
        yield (
            work.title, own.campaign, work.kind.value, work.state.value, work.state_since, own.reason, work.received_at,
            own_shares, sum(credit.shares for credit in own.credits),
        )  # fmt: skip


@pages.get("/me/contributions/{work_id}")
def show_work(work_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One work: its way so far, each step with its reason."""
    own = queries.own_work(reader.session, work_id, by=reader.by)
    granted = grants_of(reader.session, [work_id])[work_id]
    return reader.page(
        "open_call/own_work.html",
        own=own,
        work=own.work,
        campaign=reader.session.get_one(Campaign, own.work.campaign_id),
        outcomes=[] if own.is_asked else outcomes(reader.session, work_id, by=reader.by),
        grant=next((grant for grant in granted if grant.person_id == reader.by.person), None),
        may_take_back=own.work.uploaded_by == reader.by.person and any(not credit.is_confirmed for credit in own.credits),
        all_shares=sum(credit.shares for credit in own.credits),
        states=states(),
        State=WorkState,
    )


@pages.post("/me/contributions/{work_id}/confirmation")
def confirm_part(work_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm that one made it too."""
    work = maker_actions.confirm_part(reader.session, work_id, by=reader.by, at=reader.at)
    return reader.done(f"/me/contributions/{work_id}", _("You are now credited for “{title}”.", title=work.title))


@pages.post("/me/contributions/{work_id}/decline")
def decline_part(work_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that one had no part in it."""
    work = maker_actions.decline_part(reader.session, work_id, by=reader.by, at=reader.at)
    return reader.done("/me/works", _("You are no longer named as a maker of “{title}”.", title=work.title))


@pages.post("/me/contributions/{work_id}/unconfirmed-makers")
def end_namings(work_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back, as whoever sent it, the naming of everybody who has not confirmed it."""
    work = maker_actions.end_namings(reader.session, work_id, by=reader.by, at=reader.at)
    sentence = _("“{title}” is now credited only to makers who have confirmed it.", title=work.title)
    return reader.done(f"/me/contributions/{work_id}", sentence)


@pages.post("/me/contributions/{work_id}/withdrawal")
def withdraw(work_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take it down."""
    work = contribution_actions.withdraw(reader.session, work_id, by=reader.by, at=reader.at)
    return reader.done(f"/me/contributions/{work_id}", _("“{title}” is withdrawn. Others can no longer see it.", title=work.title))
