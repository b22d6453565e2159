"""Payments that were sent long ago and are not reported as arrived: over HTTP, in a browser, and as CSV."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, Page, Tx, page_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.runs.queries import Overdue, overdue

router, pages = APIRouter(prefix="/payouts"), APIRouter()


class OverdueShown(BaseModel):
    """A payment that Stripe transferred more than 30 days ago and no payout to the payee's bank is known to contain."""

    id: UUID
    run_id: UUID
    run_number: int
    person_id: UUID
    name: str
    account: str = Field(description="The payee's Stripe account.", examples=["acct_1"])
    transfer: str = Field(description="The Stripe ID of the transfer.", examples=["tr_1"])
    amount: int = Field(description="Minor units.", examples=[5_000])
    currency: str = Field(examples=["USD"])
    sent_at: datetime

    @classmethod
    def of(cls, found: Overdue) -> "OverdueShown":
        item = found.item
        return cls(
            id=item.id, run_id=item.run_id, run_number=found.run_number, person_id=item.person_id, name=found.name,
            account=item.destination, transfer=str(item.transfer_id), amount=item.amount, currency=item.currency, sent_at=item.settled_at,
        )  # fmt: skip


class OverdueList(Listing):
    items: list[OverdueShown]


@router.get("/not-arrived")
def list_not_arrived(session: Tx, by: By, at: At, page: Page) -> OverdueList:
    """Payments sent more than 30 days ago and not reported as arrived, newest first."""
    found = overdue(session, by=by, at=at, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.item.id)
    return OverdueList(items=[OverdueShown.of(each) for each in shown], next=following)


@pages.get("/runs/not-arrived", response_class=HTMLResponse)
def show_not_arrived(reader: SignedIn, page: Page) -> HTMLResponse:
    """What was sent more than 30 days ago and is not reported as arrived, and what to look at in Stripe."""
    found = overdue(reader.session, by=reader.by, at=reader.at, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.item.id)
    return reader.page(
        "payout/not_arrived.html",
        found=shown,
        next=following,
    )


@pages.get("/runs/not-arrived.csv")
def download_not_arrived(reader: SignedIn) -> StreamingResponse:
    """Every payment that was sent more than 30 days ago and is not reported as arrived, newest first."""
    reader.by.require(Permission.VIEW_MONEY)
    by, at = reader.by, reader.at

    found = all_of(lambda session, before: overdue(session, by=by, at=at, before=before, limit=AT_ONCE), lambda each: each.item.id)
    header = (_("Name"), _("Run"), _("Amount"), _("Currency"), _("Sent"), _("Stripe account"), _("Transfer"))
    rows = (
        (each.name, each.run_number, figure(each.item.amount, each.item.currency), each.item.currency, each.item.settled_at,
         each.item.destination, each.item.transfer_id)
        for each in found
    )  # fmt: skip
    return spreadsheet("not-arrived", header, rows)
