"""What contributors say of a proposal, and the public answers, as pages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BeforeValidator

from api.deps import Page, page_of
from api.payout.comments import CommentForm, DispositionForm
from api.payout.proposal_pages import headed
from api.reader import OnceForm, SignedIn
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.proposals import pools
from campaigns.payout.proposals import queries as proposal_queries
from campaigns.payout.proposals.actions import comment, dispose
from campaigns.payout.proposals.queries import find_comment, find_proposal

pages = APIRouter()
LEFT_OUT = "left_out"
Somebody = Annotated[UUID | None, BeforeValidator(lambda typed: None if typed in ("", LEFT_OUT) else typed)]


class CommentPageForm(CommentForm, OnceForm):
    """As a program sends it; one choice of the form is that it is about someone who was left out."""

    about: Somebody = None


@pages.get("/proposals/{proposal_id}/comments", response_class=HTMLResponse)
def show_comments(proposal_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """Everything that was said of the deliverable's proposal, in all its versions."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    found = pools.said_of(reader.session, deliverable.id, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.said.comment.id)
    return reader.page(
        "payout/comments.html",
        remarks=shown,
        next=following,
        may_dispose=reader.by.may(Permission.DISPOSE, on=deliverable),
        **headed(proposal, campaign, deliverable, reader),
    )


@pages.post("/proposals/{proposal_id}/comments")
def say(proposal_id: UUID, form: Annotated[CommentPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Say what is wrong and how one can see it; everyone in the campaign reads it."""

    def said() -> tuple[str, str]:
        made = comment(reader.session, proposal_id, form.about, form.claim, form.evidence, by=reader.by, at=reader.at)
        return f"/proposals/{proposal_id}#comment-{made.id}", _("Your comment is published. You will get the answer by email.")

    return reader.once(form, said)


@pages.get("/comments/{comment_id}", response_class=HTMLResponse)
def show_comment(comment_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One comment, with its answer or the form for it."""
    found, proposal, campaign, deliverable = find_comment(reader.session, comment_id, by=reader.by)
    return reader.page(
        "payout/comment.html",
        remark=pools.Remark(proposal_queries.said(reader.session, found, by=reader.by), proposal.number),
        may_dispose=found.disposition is None and reader.by.may(Permission.DISPOSE, on=deliverable) and found.person_id != reader.by.person,
        **headed(proposal, campaign, deliverable, reader),
    )


@pages.post("/comments/{comment_id}/disposition")
def answer(comment_id: UUID, form: Annotated[DispositionForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Answer a comment, in public: once."""
    answered = dispose(reader.session, comment_id, form.disposition, form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/proposals/{answered.proposal_id}#comment-{comment_id}", _("Answer published. The author gets it by email."))
