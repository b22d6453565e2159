"""Contributions: sent in, listed for everyone who builds on them, and one's own with where each stands."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, model_validator

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.open_call import queries, uploads
from campaigns.open_call.call import actions as call_actions
from campaigns.open_call.contributions import actions as contribution_actions
from campaigns.open_call.contributions.actions import NewContribution
from campaigns.open_call.makers import actions as maker_actions
from campaigns.open_call.media.formats import MediaKind
from campaigns.open_call.models import ContributionState
from campaigns.open_call.queries import ContributionDetails, OwnContribution

router = APIRouter()
Shares = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class ContributionForm(BaseModel):
    """A contribution: one of your checked uploads or a `text`; with several makers, the shares they agreed on.

    The other makers are credited and grant the license once they confirm.
    """

    title: str = Field(max_length=160, examples=["Lantern street"])
    upload: UUID | None = None
    text: str | None = Field(None, max_length=1_000_000, examples=["# Lantern street\n\nEvery December my grandmother…"])
    text_type: Literal["text/markdown", "text/plain"] = "text/markdown"
    statement: str = Field("", max_length=4_000, description="What you want to say about it; screeners and reviewers do not see it.")
    licence_version: str = Field(max_length=40, description="The license version that you have read and grant.", examples=["2026-01"])
    makers: dict[UUID, Shares] = Field(
        default_factory=dict, max_length=50, description="Its makers, including you, with their shares; defaults to you alone."
    )
    is_wrapper: bool = Field(False, description="Whether it adds nothing of its own, such as a bundle of other contributions.")

    @model_validator(mode="after")
    def _one_source(self) -> "ContributionForm":
        if (self.upload is None) == (self.text is None):
            raise ValueError(_("Send either an upload or a text."))
        return self


class RenditionShown(FromRow):
    """A rendition of a contribution in one role; the link works for an hour."""

    role: str = Field(examples=["picture"])
    mime: str = Field(examples=["image/webp"])
    bytes: int
    url: str
    width: int | None
    height: int | None
    words: int | None


class CreditShown(FromRow):
    person_id: UUID | None = Field(description="Null for a maker who has not confirmed yet, except to themselves.")
    name: str = Field(description="The maker’s name once they confirm; until then, the person who named them sees the address.")
    shares: int
    is_confirmed: bool


class ContributionShown(BaseModel):
    """An accepted contribution; curators of its campaign see neither its credits nor its original."""

    id: UUID
    campaign: UUID
    title: str
    kind: MediaKind
    is_wrapper: bool
    renditions: list[RenditionShown]
    credits: list[CreditShown]
    statement: str | None
    original: str | None = Field(description="A link to the original file, for remixing.")

    @classmethod
    def of(cls, shown: ContributionDetails) -> "ContributionShown":
        return cls(
            id=shown.contribution.id, campaign=shown.contribution.campaign_id, title=shown.title, kind=shown.contribution.kind,
            is_wrapper=shown.contribution.is_wrapper, statement=shown.statement, original=shown.original,
            renditions=[RenditionShown.model_validate(r) for r in shown.renditions],
            credits=[CreditShown.model_validate(c) for c in shown.credits],
        )  # fmt: skip


class OwnContributionShown(BaseModel):
    """One of your contributions: its state, since when, and why."""

    id: UUID
    campaign: UUID
    campaign_title: str
    title: str
    kind: MediaKind
    statement: str
    is_wrapper: bool
    state: ContributionState
    state_since: datetime
    reason: str | None
    received_at: datetime
    came_by_extension: bool
    renditions: list[RenditionShown]
    credits: list[CreditShown]

    @classmethod
    def of(cls, own: OwnContribution) -> "OwnContributionShown":
        contribution = own.contribution
        return cls(
            id=contribution.id, campaign=contribution.campaign_id, campaign_title=own.campaign, title=contribution.title,
            kind=contribution.kind,
            statement=contribution.statement, is_wrapper=contribution.is_wrapper, state=contribution.state,
            state_since=contribution.state_since,
            reason=own.reason, received_at=contribution.received_at, came_by_extension=contribution.by_extension_id is not None,
            renditions=[RenditionShown.model_validate(r) for r in own.renditions],
            credits=[CreditShown.model_validate(c) for c in own.credits],
        )  # fmt: skip


class ContributionList(Listing):
    items: list[ContributionShown]


class OwnContributionList(Listing):
    items: list[OwnContributionShown]


@router.post("/campaigns/{campaign_id}/contributions", status_code=201, response_model=OwnContributionShown)
def contribute(campaign_id: UUID, body: ContributionForm, session: Tx, by: By, at: At, once: OnlyOnce) -> OwnContributionShown | Response:
    """Submit a contribution to the open call. You grant the license in the version that you name."""

    def take() -> OwnContributionShown:
        contribution = contribution_actions.contribute(session, campaign_id, entry_of(body, session, by), by=by, at=at)
        return OwnContributionShown.of(queries.own_contribution(session, contribution.id, by=by))

    return once(take)


def entry_of(body: ContributionForm, session: Tx, by: Actor) -> NewContribution:
    """The entry that the form describes; a text written in it becomes a file first."""
    upload_id = body.upload or uploads.take_text(session, body.text or "", body.text_type, by=by).id
    return NewContribution(
        title=body.title, upload_id=upload_id, licence_version=body.licence_version, statement=body.statement,
        makers=body.makers, is_wrapper=body.is_wrapper,
    )  # fmt: skip


@router.get("/campaigns/{campaign_id}/contributions")
def list_contributions(
    campaign_id: UUID,
    session: Tx,
    by: By,
    page: Page,
    kind: Annotated[MediaKind | None, Query(description="Only contributions of this kind.")] = None,
) -> ContributionList:
    """List the accepted contributions, newest first."""
    found = queries.contributions(session, campaign_id, by=by, after=page.after, limit=page.one_more, kind=kind)
    shown, following = page_of(found, page.limit, lambda details: details.contribution.id)
    return ContributionList(items=[ContributionShown.of(details) for details in shown], next=following)


@router.put("/campaigns/{campaign_id}/contributions/publication", status_code=204)
def publish_contributions(campaign_id: UUID, session: Tx, by: By, at: At) -> None:
    """Show the accepted contributions to everyone who is signed in, including after the call."""
    call_actions.publish_contributions(session, campaign_id, by=by, at=at)


@router.delete("/campaigns/{campaign_id}/contributions/publication", status_code=204)
def stop_publishing_contributions(campaign_id: UUID, session: Tx, by: By, at: At) -> None:
    """Show the contributions after the call only to participants, the brand and staff."""
    call_actions.stop_publishing_contributions(session, campaign_id, by=by, at=at)


@router.get("/contributions/{contribution_id}")
def show_contribution(contribution_id: UUID, session: Tx, by: By) -> ContributionShown:
    """Show a contribution, with fresh links to its renditions."""
    return ContributionShown.of(queries.contribution(session, contribution_id, by=by))


@router.get("/me/contributions")
def list_own_contributions(session: Tx, by: By, page: Page) -> OwnContributionList:
    """List your contributions with their state and its reason, newest first."""
    found = queries.own_contributions(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda own: own.contribution.id)
    return OwnContributionList(items=[OwnContributionShown.of(own) for own in shown], next=following)


@router.get("/me/contributions/{contribution_id}")
def show_own_contribution(contribution_id: UUID, session: Tx, by: By) -> OwnContributionShown:
    """Show one of your contributions."""
    return OwnContributionShown.of(queries.own_contribution(session, contribution_id, by=by))


@router.post("/contributions/{contribution_id}/confirmation")
def confirm_part(contribution_id: UUID, session: Tx, by: By, at: At) -> OwnContributionShown:
    """Confirm that you are a maker of a contribution that names you. You are credited and grant its license from now on."""
    maker_actions.confirm_part(session, contribution_id, by=by, at=at)
    return OwnContributionShown.of(queries.own_contribution(session, contribution_id, by=by))


@router.post("/contributions/{contribution_id}/decline", status_code=204)
def decline_part(contribution_id: UUID, session: Tx, by: By, at: At) -> None:
    """Decline the credit for a contribution that names you as a maker. You are neither credited nor paid for it."""
    maker_actions.decline_part(session, contribution_id, by=by, at=at)


@router.delete("/contributions/{contribution_id}/unconfirmed-makers", status_code=204)
def end_namings(contribution_id: UUID, session: Tx, by: By, at: At) -> None:
    """Remove every maker who has not confirmed, as the person who submitted the contribution or the campaign's manager."""
    maker_actions.end_namings(session, contribution_id, by=by, at=at)


@router.post("/contributions/{contribution_id}/withdrawal")
def withdraw(contribution_id: UUID, session: Tx, by: By, at: At) -> OwnContributionShown:
    """Withdraw one of your contributions. Anything already delivered with it stays licensed and paid."""
    contribution_actions.withdraw(session, contribution_id, by=by, at=at)
    return OwnContributionShown.of(queries.own_contribution(session, contribution_id, by=by))
