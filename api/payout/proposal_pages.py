"""A proposal as a page: the total, every line with its why, what changed, what was said, where the pool goes, the final word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Page, page_of
from api.payout.pictures import OTHERS, SplitDiagram, where_it_goes
from api.payout.places import From
from api.payout.proposals import RecalculationForm
from api.payout.why import why
from api.reader import Reader, SignedIn
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Brand
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout import queries
from campaigns.payout.errors import ProposalClosed
from campaigns.payout.finalizations.actions import finalize, why_not_final
from campaigns.payout.models import Proposal, ProposalLine, ProposalState
from campaigns.payout.proposals import changes, pools
from campaigns.payout.proposals import queries as proposal_queries
from campaigns.payout.proposals.actions import propose_again
from campaigns.payout.proposals.explanations import divided, doubts_of, edges_among, shown_titles
from campaigns.payout.proposals.queries import find_proposal
from campaigns.payout.rules import FINALIZERS, blockers
from campaigns.payout.split import Split
from campaigns.payout.split.trails import LARGEST

pages = APIRouter()
SAID_LATELY = 20
MOST_DOUBTS = 5
MOST_CHANGES = 10


@dataclass(frozen=True, slots=True)
class FinalState:
    """Who has said that the proposal is final, and whether the reader may; `hindrance` says why not now."""

    words: Sequence[pools.FinalWord]
    needed: int
    is_mine_to_say: bool
    hindrance: str | None


@pages.get("/proposals/{proposal_id}", response_class=HTMLResponse)
def show_proposal(proposal_id: UUID, reader: SignedIn, page: Page, about: UUID | None = None) -> HTMLResponse:
    """How a deliverable's pool is to be shared, and why."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    found = proposal_queries.lines(reader.session, proposal, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.line.person_id)
    moved, change_count = changes.some_changes(reader.session, proposal, by=reader.by, limit=MOST_CHANGES)
    remarks = pools.said_of(reader.session, deliverable.id, by=reader.by, limit=SAID_LATELY + 1)
    return reader.page(
        "payout/proposal.html",
        lines=shown,
        next=following,
        total=pools.total_of(reader.session, proposal.id),
        changes=moved,
        change_count=change_count,
        before=changes.amounts_before(reader.session, proposal, [named.line.person_id for named in found]) if moved else {},
        versions=pools.versions_of(reader.session, deliverable.id),
        remarks=remarks[:SAID_LATELY],
        is_more_said=len(remarks) > SAID_LATELY,
        final=_final_state(proposal, campaign, deliverable, reader),
        about=_about(proposal, about, reader),
        waits=_waits(proposal, campaign, deliverable, reader),
        why_closed=ProposalClosed.with_(campaign).message if proposal.state is ProposalState.CLOSED else None,
        **headed(proposal, campaign, deliverable, reader),
        **_computed(proposal, campaign, deliverable, reader),
        **_may(proposal, campaign, deliverable, reader),
    )


def headed(proposal: Proposal, campaign: Campaign, deliverable: Deliverable, reader: Reader) -> dict[str, Any]:
    """What the head of every page about a proposal shows."""
    return {
        "proposal": proposal,
        "campaign": campaign,
        "deliverable": deliverable,
        "brand": reader.session.get_one(Brand, campaign.brand_id),
    }


def _computed(proposal: Proposal, campaign: Campaign, deliverable: Deliverable, reader: Reader) -> dict[str, Any]:
    """What is computed from the frozen inputs."""
    whole = divided(proposal)
    # Whoever has no other way to a proposal is a contributor, or would not have found it.
    is_mine = not reader.by.may(Permission.VIEW_PROPOSAL, on=deliverable) or queries.is_contributor(
        reader.session, campaign.id, reader.by.person
    )
    doubted = sorted(doubts_of(proposal))
    doubts = edges_among(reader.session, proposal, doubted[:MOST_DOUBTS])
    picture = where_it_goes(proposal)
    return {
        "mine": why(reader.session, proposal, campaign, reader.by.person, by=reader.by, contributions=0) if is_mine else None,
        "rule": whole.inputs.rule,
        "picture": picture,
        "names": _names(proposal, whole, picture, reader) if picture else {},
        "doubts": doubts,
        "doubt_count": len(doubted),
        "titles": shown_titles(reader.session, {str(end) for edge in doubts for end in (edge.contribution, edge.source)}) if doubts else {},
    }


def _names(proposal: Proposal, whole: Split, picture: SplitDiagram, reader: Reader) -> Mapping[str, str]:
    """The names of the contributions and people that the picture shows."""
    shown = [UUID(bar.key) for bar in picture.people if bar.key != OTHERS]
    people = proposal_queries.credited(reader.session, proposal, shown, by=reader.by)
    contributions = shown_titles(reader.session, whole.inputs.composition.components)
    return {str(key): name for key, name in (*people.items(), *contributions.items())}


def _about(proposal: Proposal, about: UUID | None, reader: Reader) -> tuple[UUID, str] | None:
    """Whose line a comment that is about to be written is about."""
    if about is None or reader.session.get(ProposalLine, (proposal.id, about)) is None:
        return None
    return about, proposal_queries.credited(reader.session, proposal, [about], by=reader.by)[about]


def _waits(proposal: Proposal, campaign: Campaign, deliverable: Deliverable, reader: Reader) -> Sequence[Blocker]:
    """What the version that stands waits for."""
    if proposal.state is not ProposalState.OPEN or not campaign.is_unsettled:
        return []
    return blockers(reader.session, [deliverable], at=reader.at)[deliverable.id]


def _may(proposal: Proposal, campaign: Campaign, deliverable: Deliverable, reader: Reader) -> dict[str, Any]:
    """What the reader may do about the proposal now."""
    is_open, by = proposal.state is ProposalState.OPEN and campaign.is_unsettled, reader.by
    is_heard = is_open and queries.moment(campaign, reader.at) < proposal.closes_at
    return {
        "is_heard": is_heard,
        "may_dispose": is_open and by.may(Permission.DISPOSE, on=deliverable),
        "may_propose": is_open and by.may(Permission.PROPOSE, on=deliverable),
    }


def _final_state(proposal: Proposal, campaign: Campaign, deliverable: Deliverable, reader: Reader) -> FinalState:
    words = pools.final_words(reader.session, proposal.id)
    is_over = queries.moment(campaign, reader.at) >= proposal.closes_at
    if not (proposal.state is ProposalState.OPEN and is_over and reader.by.may(Permission.FINALIZE, on=deliverable)):
        return FinalState(words, FINALIZERS, False, None)
    if reader.by.person in proposal_queries.finalized_by(reader.session, proposal.id):
        return FinalState(words, FINALIZERS, False, _("You have finalized it. One more person must."))
    refusal = why_not_final(reader.session, proposal.id, by=reader.by, at=reader.at)
    return FinalState(words, FINALIZERS, refusal is None, refusal.message if refusal else None)


@pages.get("/proposals/{proposal_id}/lines/{person_id}", response_class=HTMLResponse)
def show_line(proposal_id: UUID, person_id: UUID, reader: SignedIn, after: From = 0, bare: bool = False) -> HTMLResponse:
    """Why one person gets what they get: a page, or the part of one for a line that was opened there, `bare` where its sentence stands."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    if "hx-request" in reader.request.headers:
        return reader.page("payout/line_part.html", why=why(reader.session, proposal, campaign, person_id, by=reader.by), bare=bare)
    opened = why(reader.session, proposal, campaign, person_id, by=reader.by, skip=after, paths=LARGEST)
    return reader.page("payout/line.html", why=opened, **headed(proposal, campaign, deliverable, reader))


@pages.post("/proposals/{proposal_id}/finalization")
def say_final(proposal_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that the proposal is final: it takes two people who gain nothing from it."""
    proposal = finalize(reader.session, proposal_id, by=reader.by, at=reader.at)
    is_final = proposal.state is ProposalState.FINAL
    said = _("The proposal is final; its amounts are being posted.") if is_final else _("Recorded. One more person must finalize it.")
    return reader.done(f"/proposals/{proposal_id}", said)


@pages.post("/deliverables/{deliverable_id}/proposals")
def ask_again(deliverable_id: UUID, form: Annotated[RecalculationForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Have a new version computed."""
    assessment = propose_again(reader.session, deliverable_id, form.reason, by=reader.by, at=reader.at)
    campaign_id = reader.session.get_one(Deliverable, assessment.deliverable_id).campaign_id
    return reader.done(f"/campaigns/{campaign_id}/payout", _("A new version is being calculated and opens in a moment."))
