"""Payees whose account at Stripe is below zero: over HTTP, in a browser, and as CSV."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import By, Listing, Page, Tx, page_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from api.wording import shortfall_name
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.reconciliations.negative_balances import Negative, negative_balances, why_unexplained

router, pages = APIRouter(prefix="/payouts"), APIRouter()


class NegativeShown(BaseModel):
    """A payee's account at Stripe that is below zero in one currency, as Stripe said when it was last asked."""

    id: UUID
    person_id: UUID
    name: str
    account: str = Field(description="The Stripe ID.", examples=["acct_1"])
    amount: int = Field(description="Minor units, below zero.", examples=[-3_000])
    currency: str = Field(examples=["USD"])
    since: datetime
    cause: str = Field(description="What kind of Stripe balance transaction took it below zero.", examples=["adjustment"])
    sentence: str = Field(description="What happens next.")
    looked_at: datetime = Field(description="When Stripe was last asked.")

    @classmethod
    def of(cls, found: Negative) -> "NegativeShown":
        stands = found.balance
        return cls(
            id=stands.id, person_id=found.person_id, name=found.name, account=found.account, amount=stands.amount,
            currency=stands.currency, since=stands.since, cause=stands.cause, sentence=found.sentence, looked_at=stands.looked_at,
        )  # fmt: skip


class NegativeList(Listing):
    items: list[NegativeShown]
    unexplained: str | None = Field(description="Why there may be more, if the last comparison stopped before its end.")


@router.get("/negative-balances")
def list_negative_balances(session: Tx, by: By, page: Page) -> NegativeList:
    """Payees whose Stripe account is below zero, why, and since when, the one found last first."""
    found = negative_balances(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.balance.id)
    return NegativeList(items=[NegativeShown.of(each) for each in shown], next=following, unexplained=why_unexplained(session, by=by))


@pages.get("/runs/negative-balances", response_class=HTMLResponse)
def show_negative_balances(reader: SignedIn, page: Page) -> HTMLResponse:
    """Whose account at Stripe is below zero, by what, since when, and what becomes of it."""
    found = negative_balances(reader.session, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.balance.id)
    return reader.page(
        "payout/negative_balances.html",
        found=shown,
        next=following,
        unexplained=why_unexplained(reader.session, by=reader.by),
    )


@pages.get("/runs/negative-balances.csv")
def download_negative_balances(reader: SignedIn) -> StreamingResponse:
    """Every account below zero, the one found last first."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by

    found = all_of(lambda session, before: negative_balances(session, by=by, before=before, limit=AT_ONCE), lambda each: each.balance.id)
    header = (_("Name"), _("Stripe account"), _("Amount"), _("Currency"), _("Since"), _("Cause"), _("What happens next"), _("Checked"))
    rows = (
        (each.name, each.account, figure(each.balance.amount, each.balance.currency), each.balance.currency, each.balance.since,
         shortfall_name(each.balance.cause), each.sentence, each.balance.looked_at)
        for each in found
    )  # fmt: skip
    return spreadsheet("negative-balances", header, rows)
