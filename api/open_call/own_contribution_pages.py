"""One's own contributions: where each of them stands, since when, and why."""

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
from campaigns.open_call.models import ContributionState

pages = APIRouter()
HEADER = ("title", "campaign", "kind", "state", "since", "reason", "received", "shares", "total shares")


def states() -> Mapping[ContributionState, tuple[str, str]]:
    """Where a contribution stands in a word or two, and the tone in which it is said."""
    return {
        ContributionState.RECEIVED: (_("Processing"), "plain"),
        ContributionState.READY: (_("In review"), "warn"),
        ContributionState.UNSHOWABLE: (_("Processing failed"), "warn"),
        ContributionState.SCREENED_IN: (_("Accepted"), "ok"),
        ContributionState.SCREENED_OUT: (_("Declined"), "bad"),
        ContributionState.WITHDRAWN: (_("Withdrawn"), "plain"),
    }


@pages.get("/me/contributions")
def show_contributions(reader: SignedIn, page: Page) -> HTMLResponse:
    """Everything that the reader made, newest first."""
    found = queries.own_contributions(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    contributions, following = page_of(found, page.limit, lambda row: row.contribution.id)
    return reader.page(
        "open_call/own_contributions.html",
        contributions=contributions,
        next=following,
        counts=queries.own_counts(reader.session, by=reader.by),
        states=states(),
        fates=fates_of(reader.session, [own.contribution.id for own in contributions if not own.is_asked]),
    )


@pages.get("/me/contributions.csv")
def download_contributions(reader: SignedIn) -> StreamingResponse:
    """The same as a table."""
    return spreadsheet("my-contributions", HEADER, _rows(reader.by))


def _rows(by: Actor) -> Iterator[tuple[Any, ...]]:
    every = all_of(
        lambda session, after: queries.own_contributions(session, by=by, after=after, limit=AT_ONCE), lambda own: own.contribution.id
    )
    for own in every:
        contribution = own.contribution
        own_shares = next(credit.shares for credit in own.credits if credit.person_id == by.person)
        yield (
            contribution.title, own.campaign, contribution.kind.value, contribution.state.value, contribution.state_since, own.reason,
            contribution.received_at,
            own_shares, sum(credit.shares for credit in own.credits),
        )  # fmt: skip


@pages.get("/me/contributions/{contribution_id}")
def show_contribution(contribution_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One contribution: its way so far, each step with its reason."""
    own = queries.own_contribution(reader.session, contribution_id, by=reader.by)
    granted = grants_of(reader.session, [contribution_id])[contribution_id]
    return reader.page(
        "open_call/own_contribution.html",
        own=own,
        contribution=own.contribution,
        campaign=reader.session.get_one(Campaign, own.contribution.campaign_id),
        outcomes=[] if own.is_asked else outcomes(reader.session, contribution_id, by=reader.by),
        grant=next((grant for grant in granted if grant.person_id == reader.by.person), None),
        may_take_back=own.contribution.uploaded_by == reader.by.person and any(not credit.is_confirmed for credit in own.credits),
        all_shares=sum(credit.shares for credit in own.credits),
        states=states(),
        State=ContributionState,
    )


@pages.post("/me/contributions/{contribution_id}/confirmation")
def confirm_part(contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm that one made it too."""
    contribution = maker_actions.confirm_part(reader.session, contribution_id, by=reader.by, at=reader.at)
    return reader.done(f"/me/contributions/{contribution_id}", _("You are now credited for “{title}”.", title=contribution.title))


@pages.post("/me/contributions/{contribution_id}/decline")
def decline_part(contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that one had no part in it."""
    contribution = maker_actions.decline_part(reader.session, contribution_id, by=reader.by, at=reader.at)
    return reader.done("/me/contributions", _("You are no longer named as a maker of “{title}”.", title=contribution.title))


@pages.post("/me/contributions/{contribution_id}/unconfirmed-makers")
def end_namings(contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back, as whoever sent it, the naming of everybody who has not confirmed it."""
    contribution = maker_actions.end_namings(reader.session, contribution_id, by=reader.by, at=reader.at)
    sentence = _("“{title}” is now credited only to makers who have confirmed it.", title=contribution.title)
    return reader.done(f"/me/contributions/{contribution_id}", sentence)


@pages.post("/me/contributions/{contribution_id}/withdrawal")
def withdraw(contribution_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take it down."""
    contribution = contribution_actions.withdraw(reader.session, contribution_id, by=reader.by, at=reader.at)
    return reader.done(
        f"/me/contributions/{contribution_id}", _("“{title}” is withdrawn. Others can no longer see it.", title=contribution.title)
    )
