"""The collaboration over HTTP: remixes, lineage, sources claimed, confirmed and decided, and each deliverable's close."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.collaboration.lineage import LineageEdgeShown
from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import AwareMoment, Reason, ReasonForm
from api.open_call.contributions import ContributionForm, OwnContributionShown, entry_of
from api.open_call.screening import BlindContributionShown
from campaigns.collaboration import actions
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.claims import queries as claim_queries
from campaigns.collaboration.claims.queries import BlindClaim, OpenClaim, claims_about
from campaigns.collaboration.lineage import families
from campaigns.collaboration.models import CollaborationWindow, Party, SourceKind, SourceState
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.open_call.queries import own_contribution

router = APIRouter(tags=["collaboration"])
Weight = Annotated[int | None, Field(strict=True, examples=[2], description="Weight relative to the other sources, 1 to 1,000,000.")]


class CitationForm(BaseModel):
    """A source of your work: your work contains material from it or was influenced by it."""

    source: UUID
    kind: SourceKind = Field(examples=["contains"])


class RemixForm(ContributionForm):
    sources: list[CitationForm] = Field(max_length=100, description="The contributions it is built on: at least one, each listed once.")


class SourceShown(FromRow):
    """A link to an older contribution; it counts only when confirmed."""

    contribution_id: UUID
    source_id: UUID
    kind: SourceKind
    weight: int
    state: SourceState
    claimed_as: Party
    claimed_at: datetime
    decided_as: Party | None
    decided_at: datetime | None
    reason: str | None


class EdgeDecided(LineageEdgeShown):
    state: SourceState
    decided_at: datetime
    reason: str


class ClaimShown(BaseModel):
    """A claim for you to answer: that `contribution` contains `source` or was influenced by it."""

    id: UUID
    contribution: UUID
    contribution_title: str
    source: UUID
    source_title: str
    kind: SourceKind
    claimed_as: Party
    claimed_at: datetime

    @classmethod
    def of(cls, asked: OpenClaim) -> "ClaimShown":
        return cls(
            id=asked.source.id, contribution=asked.contribution.id, contribution_title=asked.contribution.title, source=asked.older.id,
            source_title=asked.older.title,
            kind=asked.source.kind, claimed_as=asked.source.claimed_as, claimed_at=asked.source.claimed_at,
        )  # fmt: skip


class ClaimList(Listing):
    items: list[ClaimShown]


class OwnClaimShown(ClaimShown):
    """A claim about one of your contributions, by you or by others, with its state."""

    state: SourceState
    decided_as: Party | None
    decided_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, asked: OpenClaim) -> "OwnClaimShown":
        source = asked.source
        return cls(
            **ClaimShown.of(asked).model_dump(), state=source.state, decided_as=source.decided_as, decided_at=source.decided_at,
            reason=source.reason,
        )  # fmt: skip


class OwnClaimList(Listing):
    items: list[OwnClaimShown]


class BlindClaimShown(BaseModel):
    """An open claim as curators see it: both contributions without their makers."""

    id: UUID
    kind: SourceKind
    weight: int
    claimed_as: Party
    claimed_at: datetime
    contribution: BlindContributionShown
    source: BlindContributionShown

    @classmethod
    def of(cls, claim: BlindClaim) -> "BlindClaimShown":
        return cls(
            id=claim.source.id, kind=claim.source.kind, weight=claim.source.weight, claimed_as=claim.source.claimed_as,
            claimed_at=claim.source.claimed_at, contribution=BlindContributionShown.model_validate(claim.contribution),
            source=BlindContributionShown.model_validate(claim.older),
        )  # fmt: skip


class BlindClaimList(Listing):
    items: list[BlindClaimShown]


class SourceDecision(BaseModel):
    """A curator's decision on a link, which overrides both sides."""

    counts: bool
    reason: Reason
    weight: Weight = None


class WrapperForm(BaseModel):
    is_wrapper: bool = Field(description="Whether it adds nothing of its own, such as an unchanged re-upload or a bundle.")
    reason: Reason


class WrapperShown(FromRow):
    contribution_id: UUID
    is_wrapper: bool
    reason: str
    found_at: datetime


class VisitForm(BaseModel):
    visit: int = Field(ge=1, description="The visit that you have seen; an outdated number is refused.")


class Extended(BaseModel):
    closes_at: AwareMoment = Field(examples=["2026-11-30T18:00:00-08:00"])
    reason: Reason


class WindowShown(FromRow):
    """The collaboration window of a visit; one without `closes_at` is closed by marking the material complete."""

    deliverable_id: UUID
    visit: int
    opened_at: datetime
    closes_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def of(cls, window: CollaborationWindow) -> "WindowShown":
        return cls.model_validate(window)


class SourceList(Listing):
    items: list[SourceShown]


@router.post("/campaigns/{campaign_id}/remixes", status_code=201, response_model=OwnContributionShown)
def send_remix(campaign_id: UUID, body: RemixForm, session: Tx, by: By, at: At, once: OnlyOnce) -> OwnContributionShown | Response:
    """Submit a contribution that is built on others, and name them. You grant the license in the version that you name."""

    def take() -> OwnContributionShown:
        cited = [Citation(citation.source, citation.kind) for citation in body.sources]
        contribution = remix(session, campaign_id, entry_of(body, session, by), cited, by=by, at=at)
        return OwnContributionShown.of(own_contribution(session, contribution.id, by=by))

    return once(take)


@router.get("/contributions/{contribution_id}/sources")
def list_sources(contribution_id: UUID, session: Tx, by: By) -> SourceList:
    """List the sources of a contribution; its makers also see open and declined claims."""
    return SourceList(items=[SourceShown.model_validate(source) for source in families.sources(session, contribution_id, by=by)])


@router.post("/contributions/{contribution_id}/sources", status_code=201, response_model=SourceShown)
def claim(contribution_id: UUID, body: CitationForm, session: Tx, by: By, at: At, once: OnlyOnce) -> SourceShown | Response:
    """Claim that this contribution contains or was influenced by an older one. It counts once the other side or a curator confirms it."""
    return once(lambda: SourceShown.model_validate(claim_actions.claim(session, contribution_id, body.source, body.kind, by=by, at=at)))


@router.get("/me/claims")
def list_claims(session: Tx, by: By, page: Page) -> ClaimList:
    """List the claims for you to answer, newest first."""
    found = claim_queries.claims_to_answer(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.source.id)
    return ClaimList(items=[ClaimShown.of(asked) for asked in shown], next=following)


@router.get("/me/claims/all")
def list_all_claims(session: Tx, by: By, page: Page) -> OwnClaimList:
    """List all claims about your contributions, by you or by others, with their state, newest first."""
    found = claims_about(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda asked: asked.source.id)
    return OwnClaimList(items=[OwnClaimShown.of(asked) for asked in shown], next=following)


@router.post("/sources/{contribution_id}/{source_id}/confirm")
def confirm(contribution_id: UUID, source_id: UUID, session: Tx, by: By, at: At) -> SourceShown:
    """Confirm a claim that the other side made."""
    return SourceShown.model_validate(claim_actions.confirm(session, contribution_id, source_id, by=by, at=at))


@router.post("/sources/{contribution_id}/{source_id}/decline")
def decline(contribution_id: UUID, source_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> SourceShown:
    """Decline a claim that the other side made."""
    return SourceShown.model_validate(claim_actions.decline(session, contribution_id, source_id, body.reason, by=by, at=at))


@router.get("/campaigns/{campaign_id}/influence-claims")
def list_open_claims(campaign_id: UUID, session: Tx, by: By, page: Page) -> BlindClaimList:
    """List the open claims for curators to decide, newest first."""
    found = claim_queries.open_claims(session, campaign_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda claim: claim.source.id)
    return BlindClaimList(items=[BlindClaimShown.of(claim) for claim in shown], next=following)


@router.post("/sources/{contribution_id}/{source_id}/decide")
def decide(contribution_id: UUID, source_id: UUID, body: SourceDecision, session: Tx, by: By, at: At) -> EdgeDecided:
    """Decide, as a curator, whether a link counts and with what weight."""
    decided = claim_actions.decide(session, contribution_id, source_id, body.counts, body.reason, weight=body.weight, by=by, at=at)
    return EdgeDecided.model_validate(decided)


@router.put("/contributions/{contribution_id}/wrapper")
def find_wrapper(contribution_id: UUID, body: WrapperForm, session: Tx, by: By, at: At) -> WrapperShown:
    """Record, as a curator, whether a contribution adds anything of its own."""
    return WrapperShown.model_validate(claim_actions.find_wrapper(session, contribution_id, body.is_wrapper, body.reason, by=by, at=at))


@router.post("/deliverables/{deliverable_id}/collaboration/complete")
def complete(deliverable_id: UUID, body: VisitForm, session: Tx, by: By, at: At) -> WindowShown:
    """Mark the material for the deliverable as complete, as its manager or leader. This closes its collaboration."""
    return WindowShown.of(actions.complete(session, deliverable_id, body.visit, by=by, at=at))


@router.post("/deliverables/{deliverable_id}/collaboration/extend")
def extend(deliverable_id: UUID, body: Extended, session: Tx, by: By, at: At) -> WindowShown:
    """Extend the deliverable's collaboration for everyone and notify everyone."""
    return WindowShown.of(actions.extend(session, deliverable_id, body.closes_at, body.reason, by=by, at=at))
