"""Questions and answers at the call, for everyone to read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import Anyone, At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from campaigns.open_call.questions import actions as question_actions
from campaigns.open_call.questions import queries as question_queries
from campaigns.open_call.questions.actions import LONGEST_ANSWER, LONGEST_QUESTION

router = APIRouter()


class QuestionShown(FromRow):
    """A question without the name of the person who asked; `answer` is null until it is answered."""

    id: UUID
    text: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


class QuestionList(Listing):
    items: list[QuestionShown]


class QuestionForm(BaseModel):
    text: Annotated[str, Field(max_length=LONGEST_QUESTION, examples=["May the film be in Quechua, with subtitles?"])]


class QuestionAnswerForm(BaseModel):
    answer: Annotated[str, Field(max_length=LONGEST_ANSWER, examples=["Yes, gladly. Send the subtitles with the film, in English."])]


@router.get("/campaigns/{campaign_id}/call/questions")
def list_questions(campaign_id: UUID, session: Tx, by: Anyone, page: Page) -> QuestionList:
    """List the answered questions and your own; those who can answer see all of them."""
    found = question_queries.questions(session, campaign_id, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda question: question.id)
    return QuestionList(items=[QuestionShown.model_validate(question) for question in shown], next=following)


@router.post("/campaigns/{campaign_id}/call/questions", status_code=201, response_model=QuestionShown)
def ask(campaign_id: UUID, body: QuestionForm, session: Tx, by: By, at: At, once: OnlyOnce) -> QuestionShown | Response:
    """Ask a question about the call. Once it is answered, everyone can read the question and the answer."""
    return once(lambda: QuestionShown.model_validate(question_actions.ask(session, campaign_id, body.text, by=by, at=at)))


@router.put("/questions/{question_id}/answer")
def answer(question_id: UUID, body: QuestionAnswerForm, session: Tx, by: By, at: At) -> QuestionShown:
    """Answer a question, or replace the answer."""
    return QuestionShown.model_validate(question_actions.answer(session, question_id, body.answer, by=by, at=at))
