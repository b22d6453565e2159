"""Proposals over HTTP: their versions, lines, changes, edges and frozen inputs, each line opened, and the final word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, Page, Tx, page_of
from api.payout.assessment import PointsGiven
from api.payout.places import InPlaces, SliceShown
from campaigns.collaboration.models import Party, SourceKind
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals import changes
from campaigns.payout.proposals import queries as proposal_queries
from campaigns.payout.proposals.actions import propose_again
from campaigns.payout.proposals.changes import LineChange, OtherEdge, what_if
from campaigns.payout.proposals.explanations import Edge, Opened, edges_among, open_line, pairs_of
from campaigns.payout.proposals.queries import NamedLine, find_proposal
from campaigns.payout.rules import FINALIZERS
from campaigns.payout.split import Kind

router = APIRouter()
SHA256 = {"type": "string", "pattern": '^"[0-9a-f]{64}"$'}
HASHED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "The hash of the inputs, as stated in the proposal.", "required": True, "schema": SHA256}}}
}


class ProposalShown(FromRow):
    """A version of a proposal; `inputs_hash` is the sha256 of the inputs that anyone can compute it from again."""

    id: UUID
    deliverable_id: UUID
    number: int
    is_kill_fee: bool = Field(description="Whether the campaign was canceled and this proposal splits the deliverable's kill fee.")
    pool: int
    currency: str
    inputs_hash: str
    because: str | None
    opened_at: datetime
    closes_at: datetime
    state: ProposalState
    final_at: datetime | None
    posted_at: datetime | None

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalShown":
        return cls.model_validate(proposal)


class ProposalList(Listing):
    items: list[ProposalShown]


class ProposalLineShown(BaseModel):
    """What a person gets, in minor units; `credit` in millionths. Staff have no amount: theirs went to everyone else."""

    person: UUID
    name: str
    amount: int = Field(examples=[123_456])
    credit: int
    before_staff: int
    is_staff: bool

    @classmethod
    def of(cls, named: NamedLine) -> "ProposalLineShown":
        line = named.line
        return cls(
            person=line.person_id, name=named.name, amount=line.amount, credit=line.credit,
            before_staff=line.before_staff, is_staff=line.is_staff,
        )  # fmt: skip


class ProposalOpened(ProposalShown, Listing):
    """A proposal with a page of its lines, the largest first, staff last; `next` is the person to go on after."""

    finalized: int = Field(description="How many people have finalized it.")
    needed: int
    lines: list[ProposalLineShown]


class LineChangeShown(FromRow):
    """Whose amount differs from the version before."""

    person_id: UUID
    name: str
    before: int
    amount: int

    @classmethod
    def of(cls, change: LineChange) -> "LineChangeShown":
        return cls.model_validate(change)


class LineChangeList(SliceShown):
    items: list[LineChangeShown]


class ProposalEdgeShown(FromRow):
    """An edge of the lineage: who recorded and who confirmed it; `doubts` is what the rule does not undo and people must look at."""

    contribution: UUID
    source: UUID
    kind: SourceKind
    weight: int
    recorded_by: str
    recorded_as: Party
    recorded_at: datetime
    confirmed_by: str | None
    confirmed_as: Party | None
    confirmed_at: datetime | None
    doubts: list[str]

    @classmethod
    def of(cls, edge: Edge) -> "ProposalEdgeShown":
        return cls.model_validate(edge)


class ProposalEdgeList(SliceShown):
    items: list[ProposalEdgeShown]


class LineOpened(BaseModel):
    """Why a person gets what they get: the first line, every path with its fractions, the contributions' titles and the edges on the
    paths."""

    sentence: str = Field(examples=["$1,204.50: 70% for “Lantern street” in the film (5 of 8 points), 30% passed on from 2 contributions"])
    explanation: dict[str, Any]
    titles: Mapping[UUID, str]
    edges: list[ProposalEdgeShown]

    @classmethod
    def of(cls, opened: Opened) -> "LineOpened":
        edges = [ProposalEdgeShown.of(edge) for edge in opened.edges]
        return cls(sentence=opened.sentence, explanation=opened.explanation.as_json(), titles=opened.titles, edges=edges)


class EdgeForm(BaseModel):
    """An edge as it might be; with a weight of 0 it is not there."""

    contribution: UUID
    source: UUID
    kind: Kind = Field(examples=["influenced_by"])
    weight: int = Field(1, strict=True, ge=0)


class WhatIf(BaseModel):
    """What might be otherwise: points of components, and edges between contributions of the campaign."""

    points: dict[UUID, PointsGiven] = Field({}, max_length=1000)
    edges: list[EdgeForm] = Field([], max_length=100)


class RecalculationForm(BaseModel):
    reason: str = Field("", max_length=2000, examples=["The curators have confirmed a source that was missing."])


class ProposalDue(BaseModel):
    proposal_due_since: datetime | None


@router.get("/deliverables/{deliverable_id}/proposals")
def list_proposals(deliverable_id: UUID, session: Tx, by: By, page: Page) -> ProposalList:
    """Every version of the deliverable's proposal, newest first."""
    found = proposal_queries.proposals(session, deliverable_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda proposal: proposal.id)
    return ProposalList(items=[ProposalShown.of(proposal) for proposal in shown], next=following)


@router.post("/deliverables/{deliverable_id}/proposals", status_code=202)
def compute_again(deliverable_id: UUID, body: RecalculationForm, session: Tx, by: By, at: At) -> ProposalDue:
    """Calculate a new version because lineage, weights or points have changed. It opens a moment later."""
    return ProposalDue(proposal_due_since=propose_again(session, deliverable_id, body.reason, by=by, at=at).due_since)


@router.get("/proposals/{proposal_id}")
def show_proposal(proposal_id: UUID, session: Tx, by: By, page: Page) -> ProposalOpened:
    """A version of a proposal with its lines, visible to all contributors to the campaign."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    found = proposal_queries.lines(session, proposal, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda line: line.line.person_id)
    lines = [ProposalLineShown.of(line) for line in shown]
    return ProposalOpened(
        **ProposalShown.of(proposal).model_dump(), lines=lines, next=following,
        finalized=len(proposal_queries.finalized_by(session, proposal.id)), needed=FINALIZERS,
    )  # fmt: skip


@router.get("/proposals/{proposal_id}/changes")
def show_changes(proposal_id: UUID, session: Tx, by: By, places: InPlaces) -> LineChangeList:
    """People whose amount changed since the previous version, largest decrease first."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    found, count = changes.some_changes(session, proposal, by=by, skip=places.after, limit=places.limit)
    return LineChangeList(items=[LineChangeShown.of(change) for change in found], next=places.next(count))


@router.get("/proposals/{proposal_id}/edges")
def show_edges(proposal_id: UUID, session: Tx, by: By, places: InPlaces) -> ProposalEdgeList:
    """The edges of the lineage. Edges that need a person's review come first."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    pairs = pairs_of(proposal)
    found = edges_among(session, proposal, pairs[places.after : places.end])
    return ProposalEdgeList(items=[ProposalEdgeShown.of(edge) for edge in found], next=places.next(len(pairs)))


@router.get("/proposals/{proposal_id}/inputs", response_class=JSONResponse, responses=HASHED)
def download_inputs(proposal_id: UUID, session: Tx, by: By) -> Response:
    """The frozen inputs, from which anyone can recalculate the lines and the hash."""
    proposal, _campaign, deliverable = find_proposal(session, proposal_id, by=by)
    file = f"proposal-{deliverable.number}-{proposal.number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "ETag": f'"{proposal.inputs_hash}"'}
    return JSONResponse(proposal.inputs, headers=headers)


@router.get("/proposals/{proposal_id}/lines/{person_id}")
def explain_line(proposal_id: UUID, person_id: UUID, session: Tx, by: By) -> LineOpened:
    """Why this person gets this amount. For someone without a line: that none of their contributions contributed."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    return LineOpened.of(open_line(session, proposal, person_id))


@router.post("/proposals/{proposal_id}/what-if")
def show_what_if(proposal_id: UUID, body: WhatIf, session: Tx, by: By) -> LineChangeList:
    """Who would get more or less with different points or edges. Nothing is saved."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    edges = [OtherEdge(edge.contribution, edge.source, edge.kind, edge.weight) for edge in body.edges]
    return LineChangeList(items=[LineChangeShown.of(change) for change in what_if(session, proposal, body.points, edges, by=by)])


@router.post("/proposals/{proposal_id}/finalization")
def say_final(proposal_id: UUID, session: Tx, by: By, at: At) -> ProposalShown:
    """Finalize the proposal. Two people with no share in it must do so."""
    return ProposalShown.of(finalize(session, proposal_id, by=by, at=at))
