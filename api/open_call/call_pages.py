"""The calls as everyone reads them, signed in or not; and the questions that are asked there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.everyone.choices import countries
from api.open_call.gallery_pages import some_contributions
from api.open_call.questions import QuestionAnswerForm, QuestionForm
from api.reader import OnceForm, Reader, SignedIn, Visitor
from api.spreadsheet import spreadsheet
from campaigns.brief.queries import WrittenBrief
from campaigns.collaboration.queries import is_remixing_open
from campaigns.core.campaign import Campaign
from campaigns.core.money import format_money
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.call.queries import CallPage, call_page, open_calls
from campaigns.open_call.questions import actions as question_actions
from campaigns.open_call.questions import queries as question_queries
from campaigns.payout.proposals.inputs import rule_of
from campaigns.payout.split.example import ExampleLine, worked_example

pages = APIRouter()
QUESTIONS = 20
MOST_CALLS = 1_000
CALLS_HEADER = ("title", "brand", "paid to contributors", "currency", "closes at")
COUNTRY = Query(pattern="^([A-Z]{2})?$")


@dataclass(frozen=True, slots=True)
class DeliverableExample:
    """The pay rule at work on one of the call's own pieces."""

    piece: str
    price: int
    lines: Sequence[ExampleLine]


class QuestionPageForm(QuestionForm, OnceForm):
    """A question about the call."""


@pages.get("/calls")
def show_calls(visitor: Visitor, page: Page) -> HTMLResponse:
    """The calls that are open now."""
    found = open_calls(visitor.session, at=visitor.at, after=page.after, limit=page.one_more)
    calls, following = page_of(found, page.limit, lambda row: row[1].campaign_id)
    return visitor.page("open_call/calls.html", calls=calls, next=following, is_first=page.after is None)


@pages.get("/calls.csv")
def download_calls(visitor: Visitor) -> StreamingResponse:
    """The same as a table."""
    found = open_calls(visitor.session, at=visitor.at, limit=MOST_CALLS)
    rows = [(w.campaign.title, w.brand.name, _exact(w), w.brief.currency, call.closes_at) for w, call in found]
    return spreadsheet("open-calls", CALLS_HEADER, rows)


def _exact(written: WrittenBrief) -> str:
    return format_money(written.budget.pool, written.brief.currency, "en")


@pages.get("/calls/{campaign_id}")
def show_call(campaign_id: UUID, visitor: Visitor, country: Annotated[str, COUNTRY] = "", after: UUID | None = None) -> HTMLResponse:
    """The call: the money first, the rights, the dates, what has come in, and the questions."""
    by, session = visitor.by, visitor.session
    page = call_page(session, campaign_id, country or None, by=by, at=visitor.at)
    campaign = page.written.campaign
    return visitor.page(
        "open_call/call.html",
        page=page,
        campaign=campaign,
        brief=page.written.brief,
        date_names=date_names(),
        example=_example(page.written),
        countries=[("", ""), *countries(visitor.locale)],
        contributions=some_contributions(visitor, campaign),
        is_remixing_open=_may_build(visitor, campaign),
        runs_it=by.may(Permission.VIEW_CAMPAIGN, on=campaign),
        **_questions(page, after, visitor),
    )


def date_names() -> Mapping[str, str]:
    """What each date of a call is called."""
    return {
        "call_opened_at": _("Call opened"),
        "call_closes_at": _("Call closes"),
        "collaboration_closes_at": _("Remixing ends"),
        "curation_due_at": _("Selection due"),
        "go_live_at": _("Go-live"),
    }


def _may_build(visitor: Reader, campaign: Campaign) -> bool:
    return campaign.is_live and is_remixing_open(visitor.session, campaign.id, at=campaign.paused_at or visitor.at)


def _example(written: WrittenBrief) -> DeliverableExample | None:
    """The dearest piece of the call, as it would be divided."""
    dearest = max(written.deliverables, key=lambda d: d.price, default=None)
    if dearest is None:
        return None
    price = dearest.price
    return DeliverableExample(dearest.title, price, worked_example(rule_of(written.brief), price, written.brief.currency))


def _questions(page: CallPage, after: UUID | None, visitor: Reader) -> dict[str, Any]:
    campaign = page.written.campaign
    found = question_queries.questions(visitor.session, campaign.id, by=visitor.by, after=after, limit=QUESTIONS + 1)
    shown, following = page_of(found, QUESTIONS, lambda row: row.id)
    return {
        "questions": shown,
        "next": following,
        "may_answer": visitor.by.may(Permission.ANSWER, on=campaign),
        "may_ask": campaign.is_live and (visitor.by.person_id is None or visitor.by.may(Permission.ASK, on=campaign)),
        "most": {"question": question_actions.LONGEST_QUESTION, "answer": question_actions.LONGEST_ANSWER},
    }


@pages.post("/calls/{campaign_id}/questions")
def ask(campaign_id: UUID, form: Annotated[QuestionPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Ask about the call."""

    def deed() -> tuple[str, str]:
        question_actions.ask(reader.session, campaign_id, form.text, by=reader.by, at=reader.at)
        return f"/calls/{campaign_id}#questions", _("Question sent. You will get the answer by email, and it will be public here.")

    return reader.once(form, deed)


@pages.post("/questions/{question_id}/answer")
def answer(question_id: UUID, form: Annotated[QuestionAnswerForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Answer a question, or answer it better."""
    question = question_actions.answer(reader.session, question_id, form.answer, by=reader.by, at=reader.at)
    said = _("Answer published. The person who asked gets an email.")
    return reader.done(f"/calls/{question.campaign_id}#question-{question.id}", said)
