"""Works: sent in, listed for everyone who builds on them, and one's own with where each stands."""

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
from campaigns.open_call.models import WorkState
from campaigns.open_call.queries import ContributionDetails, OwnContribution

router = APIRouter()
Shares = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class ContributionForm(BaseModel):
    """A work: one of your checked uploads or a `text`; with several makers, the shares they agreed on.

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
    is_wrapper: bool = Field(False, description="Whether it adds nothing of its own, such as a bundle of other works.")

    @model_validator(mode="after")
    def _one_source(self) -> "ContributionForm":
        if (self.upload is None) == (self.text is None):
            raise ValueError(_("Send either an upload or a text."))
        return self


class RenditionShown(FromRow):
    """A rendition of a work in one role; the link works for an hour."""

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


class WorkShown(BaseModel):
    """An accepted work; curators of its campaign see neither its credits nor its original."""

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
    def of(cls, shown: ContributionDetails) -> "WorkShown":
        return cls(
            id=shown.work.id, campaign=shown.work.campaign_id, title=shown.title, kind=shown.work.kind,
            is_wrapper=shown.work.is_wrapper, statement=shown.statement, original=shown.original,
            renditions=[RenditionShown.model_validate(r) for r in shown.renditions],
            credits=[CreditShown.model_validate(c) for c in shown.credits],
        )  # fmt: skip


class OwnWorkShown(BaseModel):
    """One of your works: its state, since when, and why."""

    id: UUID
    campaign: UUID
    campaign_title: str
    title: str
    kind: MediaKind
    statement: str
    is_wrapper: bool
    state: WorkState
    state_since: datetime
    reason: str | None
    received_at: datetime
    came_by_extension: bool
    renditions: list[RenditionShown]
    credits: list[CreditShown]

    @classmethod
    def of(cls, own: OwnContribution) -> "OwnWorkShown":
        work = own.work
        return cls(
            id=work.id, campaign=work.campaign_id, campaign_title=own.campaign, title=work.title, kind=work.kind,
            statement=work.statement, is_wrapper=work.is_wrapper, state=work.state, state_since=work.state_since,
            reason=own.reason, received_at=work.received_at, came_by_extension=work.by_extension_id is not None,
            renditions=[RenditionShown.model_validate(r) for r in own.renditions],
            credits=[CreditShown.model_validate(c) for c in own.credits],
        )  # fmt: skip


class WorkList(Listing):
    items: list[WorkShown]


class OwnWorkList(Listing):
    items: list[OwnWorkShown]


@router.post("/campaigns/{campaign_id}/contributions", status_code=201, response_model=OwnWorkShown)
def contribute(campaign_id: UUID, body: ContributionForm, session: Tx, by: By, at: At, once: OnlyOnce) -> OwnWorkShown | Response:
    """Submit a work to the open call. You grant the license in the version that you name."""

    def take() -> OwnWorkShown:
        work = contribution_actions.contribute(session, campaign_id, entry_of(body, session, by), by=by, at=at)
        return OwnWorkShown.of(queries.own_work(session, work.id, by=by))

    return once(take)


def entry_of(body: ContributionForm, session: Tx, by: Actor) -> NewContribution:
    """The entry that the form describes; a text written in it becomes a file first."""
    upload_id = body.upload or uploads.take_text(session, body.text or "", body.text_type, by=by).id
    return NewContribution(
        title=body.title, upload_id=upload_id, licence_version=body.licence_version, statement=body.statement,
        makers=body.makers, is_wrapper=body.is_wrapper,
    )  # fmt: skip


@router.get("/campaigns/{campaign_id}/contributions")
def list_works(
    campaign_id: UUID,
    session: Tx,
    by: By,
    page: Page,
    kind: Annotated[MediaKind | None, Query(description="Only works of this kind.")] = None,
) -> WorkList:
    """List the accepted works, newest first."""
    found = queries.works(session, campaign_id, by=by, after=page.after, limit=page.one_more, kind=kind)
    shown, following = page_of(found, page.limit, lambda details: details.work.id)
    return WorkList(items=[WorkShown.of(details) for details in shown], next=following)


@router.put("/campaigns/{campaign_id}/contributions/publication", status_code=204)
def publish_contributions(campaign_id: UUID, session: Tx, by: By, at: At) -> None:
    """Show the accepted contributions to everyone who is signed in, including after the call."""
    call_actions.publish_contributions(session, campaign_id, by=by, at=at)


@router.delete("/campaigns/{campaign_id}/contributions/publication", status_code=204)
def stop_publishing_contributions(campaign_id: UUID, session: Tx, by: By, at: At) -> None:
    """Show the contributions after the call only to participants, the brand and staff."""
    call_actions.stop_publishing_contributions(session, campaign_id, by=by, at=at)


@router.get("/contributions/{contribution_id}")
def show_work(contribution_id: UUID, session: Tx, by: By) -> WorkShown:
    """Show a work, with fresh links to its renditions."""
    return WorkShown.of(queries.work(session, contribution_id, by=by))


@router.get("/me/contributions")
def list_own_works(session: Tx, by: By, page: Page) -> OwnWorkList:
    """List your works with their state and its reason, newest first."""
    found = queries.own_works(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda own: own.work.id)
    return OwnWorkList(items=[OwnWorkShown.of(own) for own in shown], next=following)


@router.get("/me/contributions/{contribution_id}")
def show_own_work(contribution_id: UUID, session: Tx, by: By) -> OwnWorkShown:
    """Show one of your works."""
    return OwnWorkShown.of(queries.own_work(session, contribution_id, by=by))


@router.post("/contributions/{contribution_id}/confirmation")
def confirm_part(contribution_id: UUID, session: Tx, by: By, at: At) -> OwnWorkShown:
    """Confirm that you are a maker of a work that names you. You are credited and grant its license from now on."""
    maker_actions.confirm_part(session, contribution_id, by=by, at=at)
    return OwnWorkShown.of(queries.own_work(session, contribution_id, by=by))


@router.post("/contributions/{contribution_id}/decline", status_code=204)
def decline_part(contribution_id: UUID, session: Tx, by: By, at: At) -> None:
    """Decline the credit for a work that names you as a maker. You are neither credited nor paid for it."""
    maker_actions.decline_part(session, contribution_id, by=by, at=at)


@router.delete("/contributions/{contribution_id}/unconfirmed-makers", status_code=204)
def end_namings(contribution_id: UUID, session: Tx, by: By, at: At) -> None:
    """Remove every maker who has not confirmed, as the person who submitted the work or the campaign's manager."""
    maker_actions.end_namings(session, contribution_id, by=by, at=at)


@router.post("/contributions/{contribution_id}/withdrawal")
def withdraw(contribution_id: UUID, session: Tx, by: By, at: At) -> OwnWorkShown:
    """Withdraw one of your works. Anything already delivered with it stays licensed and paid."""
    contribution_actions.withdraw(session, contribution_id, by=by, at=at)
    return OwnWorkShown.of(queries.own_work(session, contribution_id, by=by))
