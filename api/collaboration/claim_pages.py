"""What is claimed between contributions: said, confirmed or declined by the other side, and decided by a curator."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.collaboration.routes import SourceDecision, WrapperForm
from api.deps import Page, page_of
from api.forms import EmptyIsNone, Line, Reason, ReasonForm
from api.reader import OnceForm, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.claims import queries as claim_queries
from campaigns.collaboration.claims.queries import claim_page, claims_about, claims_to_decide
from campaigns.collaboration.lineage.neighborhoods import SMALL
from campaigns.collaboration.models import MOST_WEIGHT, SourceKind, SourceState
from campaigns.collaboration.remixes.queries import contributions_named
from campaigns.core.campaign import find_campaign
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call import queries
from campaigns.open_call.credits import credits_of

pages = APIRouter()
HEADER = ("newer contribution", "relation", "older contribution", "state", "claimed at", "claimed by", "decided at", "reason")


class ClaimForm(OnceForm):
    """Another contribution, by its title or the address of its page; the older of the two is the source."""

    other: Line
    kind: SourceKind


class DeclinePageForm(ReasonForm):
    reason: Reason = ""


class ClaimDecisionPageForm(SourceDecision):
    reason: Reason = ""
    weight: Annotated[int | None, EmptyIsNone] = None


class WrapperPageForm(WrapperForm):
    reason: Reason = ""


@pages.get("/me/claims")
def show_claims(reader: SignedIn, page: Page) -> HTMLResponse:
    """The claims that wait for the reader's word, and where they decide as a curator."""
    found = claim_queries.claims_to_answer(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.source.id)
    ids = {contribution.id for asked in shown for contribution in (asked.contribution, asked.older)}
    return reader.page(
        "collaboration/claims.html",
        claims=shown,
        next=following,
        makers=credits_of(reader.session, ids, to=reader.by.person),
        renditions=queries.renditions_of(reader.session, ids, *SMALL),
        to_decide=claims_to_decide(reader.session, by=reader.by),
    )


@pages.get("/me/claims/all")
def show_all_claims(reader: SignedIn, page: Page) -> HTMLResponse:
    """Everything that was claimed of the reader's contributions, and how it stands."""
    found = claims_about(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.source.id)
    return reader.page("collaboration/claims_all.html", claims=shown, next=following, State=SourceState)


@pages.get("/me/claims/all.csv")
def download_claims(reader: SignedIn) -> StreamingResponse:
    """The same as a table."""
    return spreadsheet("claims", HEADER, _rows(reader.by))


def _rows(by: Actor) -> Iterator[tuple[Any, ...]]:
    every = all_of(lambda session, after: claims_about(session, by=by, after=after, limit=AT_ONCE), lambda asked: asked.source.id)
    for asked in every:
        source = asked.source
        yield (
            asked.contribution.title, source.kind.value, asked.older.title, source.state.value, source.claimed_at, source.claimed_as.value,
            source.decided_at, source.reason,
        )  # fmt: skip


@pages.get("/campaigns/{campaign_id}/claims")
def show_open_claims(campaign_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """The claims of a campaign that are open, blind, for the curators who decide what stays open."""
    found = claim_queries.open_claims(reader.session, campaign_id, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda claim: claim.source.id)
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    return reader.page("collaboration/open_claims.html", campaign=campaign, claims=shown, next=following)


@pages.get("/contributions/{contribution_id}/claim")
def ask_for_claim(contribution_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The form in which someone says that two contributions belong together."""
    shown = queries.contribution(reader.session, contribution_id, by=reader.by)
    campaign = find_campaign(reader.session, shown.contribution.campaign_id, by=reader.by)
    return reader.page("collaboration/claim.html", shown=shown, campaign=campaign)


@pages.post("/contributions/{contribution_id}/claim")
def claim(contribution_id: UUID, form: Annotated[ClaimForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say it."""
    contribution = queries.find_contribution(reader.session, contribution_id, by=reader.by)

    def deed() -> tuple[str, str]:
        (other,) = contributions_named(reader.session, contribution.campaign_id, [form.other], field="other", by=reader.by)
        older, newer = sorted([contribution.id, other])
        source = claim_actions.claim(reader.session, newer, older, form.kind, by=reader.by, at=reader.at)
        said = _("Claim submitted. It counts once the other side or a curator confirms it.")
        return f"/sources/{source.contribution_id}/{source.source_id}", said

    return reader.once(form, deed)


@pages.get("/sources/{contribution_id}/{source_id}")
def show_claim(contribution_id: UUID, source_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One claim: both contributions side by side, what was said, and what the reader may say."""
    claim = claim_page(reader.session, contribution_id, source_id, by=reader.by)
    return reader.page("collaboration/source.html", claim=claim, most_weight=MOST_WEIGHT)


@pages.post("/sources/{contribution_id}/{source_id}/confirm")
def confirm(contribution_id: UUID, source_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm it for the side that did not claim it."""
    claim_actions.confirm(reader.session, contribution_id, source_id, by=reader.by, at=reader.at)
    return reader.done("/me/claims", _("Confirmed. It now counts for credits and payment."))


@pages.post("/sources/{contribution_id}/{source_id}/decline")
def decline(contribution_id: UUID, source_id: UUID, form: Annotated[DeclinePageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Decline it for the side that did not claim it."""
    claim_actions.decline(reader.session, contribution_id, source_id, form.reason, by=reader.by, at=reader.at)
    return reader.done("/me/claims", _("Declined. The person who made the claim can read why. A curator can still overrule it."))


@pages.post("/sources/{contribution_id}/{source_id}/decide")
def decide(contribution_id: UUID, source_id: UUID, form: Annotated[ClaimDecisionPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Decide as a curator whether it counts."""
    claim_actions.decide(
        reader.session, contribution_id, source_id, form.counts, form.reason, weight=form.weight, by=reader.by, at=reader.at
    )
    campaign_id = queries.find_contribution(reader.session, contribution_id, by=reader.by).campaign_id
    said = _("Decision saved: it counts.") if form.counts else _("Decision saved: it does not count.")
    return reader.done(f"/campaigns/{campaign_id}/claims", said)


@pages.post("/contributions/{contribution_id}/wrapper")
def find_wrapper(contribution_id: UUID, form: Annotated[WrapperPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Find as a curator whether the contribution adds anything of its own."""
    claim_actions.find_wrapper(reader.session, contribution_id, form.is_wrapper, form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/contributions/{contribution_id}", _("Finding saved. It overrides what the maker said."))
