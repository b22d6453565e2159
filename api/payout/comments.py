"""Comments on proposals over HTTP, and their public answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import Reason
from campaigns.payout.models import Disposition
from campaigns.payout.proposals import queries as proposal_queries
from campaigns.payout.proposals.actions import comment, dispose
from campaigns.payout.proposals.queries import Said, find_proposal, said

router = APIRouter()
Words = Annotated[str, Field(max_length=4000)]


class CommentForm(BaseModel):
    """About one person's line, or without `about` about someone who was left out."""

    about: UUID | None = Field(None, description="Whose share it is about; null for someone left out.")
    claim: Words = Field(examples=["My sketch inspired “Lantern street”, but I have no share."])
    evidence: Words = Field(examples=["I posted it on 3 November; Ben answered it under his draft."])


class DispositionForm(BaseModel):
    disposition: Disposition
    reason: Reason


class CommentShown(BaseModel):
    """What a contributor said, and the public answer once there is one."""

    id: UUID
    proposal: UUID
    author: str
    about: UUID | None
    about_name: str | None
    claim: str
    evidence: str
    made_at: datetime
    disposition: Disposition | None
    reason: str | None
    disposed_at: datetime | None

    @classmethod
    def of(cls, found: Said) -> "CommentShown":
        it = found.comment
        return cls(
            id=it.id, proposal=it.proposal_id, author=found.author, about=it.about_id, about_name=found.about, claim=it.claim,
            evidence=it.evidence, made_at=it.made_at, disposition=it.disposition, reason=it.reason, disposed_at=it.disposed_at,
        )  # fmt: skip


class CommentList(Listing):
    items: list[CommentShown]


@router.get("/proposals/{proposal_id}/comments")
def list_comments(proposal_id: UUID, session: Tx, by: By, page: Page) -> CommentList:
    """Comments on this version, newest first."""
    proposal, _campaign, _deliverable = find_proposal(session, proposal_id, by=by)
    found = proposal_queries.comments(session, proposal, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.comment.id)
    return CommentList(items=[CommentShown.of(each) for each in shown], next=following)


@router.post("/proposals/{proposal_id}/comments", status_code=201, response_model=CommentShown)
def make_comment(proposal_id: UUID, body: CommentForm, session: Tx, by: By, at: At, once: OnlyOnce) -> CommentShown | Response:
    """Comment as a contributor to the campaign: what is wrong, with evidence. Everyone in the campaign can read it."""

    def make() -> CommentShown:
        made = comment(session, proposal_id, body.about, body.claim, body.evidence, by=by, at=at)
        return CommentShown.of(said(session, made, by=by))

    return once(make)


@router.post("/comments/{comment_id}/disposition")
def answer_comment(comment_id: UUID, body: DispositionForm, session: Tx, by: By, at: At) -> CommentShown:
    """Answer a comment publicly. Its author gets the answer by email."""
    return CommentShown.of(said(session, dispose(session, comment_id, body.disposition, body.reason, by=by, at=at), by=by))
