"""An artist's own money: earned, held, paid, and the one thing to do next."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.actions import open_payout_account
from campaigns.payments.queries import has_active_account
from campaigns.payout.earnings.next_steps import next_step
from campaigns.payout.earnings.queries import Earning, my_earnings, my_money, my_proposed
from campaigns.payout.runs.queries import payments_to
from notifications.addresses import RETURN_PATH

pages = APIRouter()
LATEST = 10


@pages.get(RETURN_PATH)
def show_payout() -> RedirectResponse:
    """Where emails lead, and where the provider's form sends people back to: their own money."""
    return RedirectResponse("/me/money", 303)


@pages.get("/me/money", response_class=HTMLResponse)
def show_money(reader: SignedIn, page: Page) -> HTMLResponse:
    """What the reader has earned, what was paid, what is proposed, and what they do next."""
    purses = my_money(reader.session, by=reader.by, at=reader.at)
    earned = my_earnings(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(earned, page.limit, lambda row: row[0])
    return reader.page(
        "payout/money.html",
        purses=purses,
        has_account=has_active_account(reader.session, reader.by.person),
        next_step=next_step(reader.session, purses, by=reader.by, at=reader.at),
        proposed=[] if page.after else my_proposed(reader.session, by=reader.by),
        earned=shown,
        payments=[] if page.after else payments_to(reader.session, by=reader.by, limit=LATEST),
        latest=LATEST,
        is_first=page.after is None,
        next=following,
    )


@pages.get("/me/payouts", response_class=HTMLResponse)
def show_payments(reader: SignedIn, page: Page) -> HTMLResponse:
    """Every payment to the reader, newest first."""
    found = payments_to(reader.session, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    return reader.page("payout/payments.html", payments=shown, next=following)


@pages.post("/me/payout-account")
def open_account(reader: SignedIn) -> RedirectResponse:
    """Have an account opened with the provider; asking twice leaves one."""
    open_payout_account(reader.session, by=reader.by, at=reader.at)
    return reader.done("/me/money", _("Stripe is opening your account. You can complete your details there in a minute."))


@pages.get("/me/earnings.csv")
def download_earnings(reader: SignedIn) -> StreamingResponse:
    """Each final share and kill fee, newest first."""
    reader.by.require(Permission.RECEIVE)
    header = (_("When"), _("Campaign"), _("Deliverable"), _("Amount"), _("Currency"), _("Kill fee"))
    rows = (
        (e.at, e.campaign, e.deliverable, figure(e.amount, e.currency), e.currency, _("yes") if e.is_kill_fee else _("no"))
        for e in _earned(reader.by)
    )
    return spreadsheet("earnings", header, rows)


@pages.get("/me/payouts.csv")
def download_payments(reader: SignedIn) -> StreamingResponse:
    """Each payment, newest first."""
    reader.by.require(Permission.RECEIVE)
    header = (_("Number"), _("State"), _("Sent"), _("Amount"), _("Currency"), _("Received by your bank"))
    return spreadsheet("payments", header, _payments(reader.by))


def _earned(by: Actor) -> Iterator[Earning]:
    placed = all_of(lambda session, after: my_earnings(session, by=by, after=after, limit=AT_ONCE), lambda each: each[0])
    return (earned for _place, earned in placed)


def _payments(by: Actor) -> Iterator[tuple[Any, ...]]:
    items = all_of(lambda session, before: payments_to(session, by=by, before=before, limit=AT_ONCE), lambda item: item.id)
    return ((i.id, i.state, i.settled_at, figure(i.amount, i.currency), i.currency, i.arrived_at) for i in items)
