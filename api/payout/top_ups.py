"""Money drawn from our bank onto our balance with Stripe: over HTTP, and from the page of a run that waits for it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.payout.runs import Currency
from api.reader import OnceForm, SignedIn
from campaigns.core.money import minor_units
from campaigns.core.words import _
from campaigns.payments.top_ups import ask_top_up, top_ups
from campaigns.payout.runs.queries import find_run

router, pages = APIRouter(prefix="/payouts"), APIRouter()


class TopUpForm(BaseModel):
    """How much to draw."""

    currency: Currency
    amount: int = Field(strict=True, gt=0, lt=2**53, description="Minor units.", examples=[250_000])


class TopUpShown(FromRow):
    """A top-up: promised, pending until the bank has sent it, then succeeded; or failed, canceled, or reversed by the bank after that."""

    id: UUID
    currency: str
    amount: int
    state: str
    asked_by: UUID
    asked_at: datetime
    expected_at: datetime | None = Field(description="When Stripe expects the money.")
    failure: str | None


class TopUpList(Listing):
    items: list[TopUpShown]


class AmountForm(OnceForm):
    """The amount as people write it."""

    amount: str = Field(max_length=40)


@router.get("/top-ups")
def list_top_ups(session: Tx, by: By, page: Page) -> TopUpList:
    """Every top-up of our balance, newest first."""
    found = top_ups(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.id)
    return TopUpList(items=[TopUpShown.model_validate(each) for each in shown], next=following)


@router.post("/top-ups", status_code=201, response_model=TopUpShown)
def top_up(body: TopUpForm, session: Tx, by: By, at: At, once: OnlyOnce) -> TopUpShown | Response:
    """Top up our balance from our bank account. Runs waiting for the money resume automatically when it arrives."""
    return once(lambda: TopUpShown.model_validate(ask_top_up(session, body.currency, body.amount, by=by, at=at)))


@pages.post("/runs/{run_id}/top-up")
def top_up_for_run(run_id: UUID, form: Annotated[AmountForm, Form()], reader: SignedIn) -> RedirectResponse:
    """The same, in the currency of a run that waits for money."""
    run = find_run(reader.session, run_id, by=reader.by)

    def deed() -> tuple[str, str]:
        amount = minor_units(form.amount.strip(), run.currency, field="amount")
        ask_top_up(reader.session, run.currency, amount, by=reader.by, at=reader.at)
        return f"/runs/{run.id}", _("Top-up requested from Stripe. The run resumes automatically when the money arrives.")

    return reader.once(form, deed)
