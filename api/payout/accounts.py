"""One's own money over HTTP, and the account that it is paid to."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field

from api.deps import COOKIE, At, By, FromRow, Listing, OnlyOnce, Page, Tx, anyone, bearer, page_of, someone
from api.reader import SignedIn
from campaigns.core.clock import business_now, process_now
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.payments.actions import ask_after, open_payout_account
from campaigns.payments.destination import is_open, open_form, require_open, require_proof
from campaigns.payments.errors import BrowserOnly
from campaigns.payments.models import PayoutAccount
from campaigns.payments.queries import payout_account
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.earnings.queries import Earning, my_earnings, my_money
from campaigns.payout.runs.queries import payments_to
from notifications.addresses import BACK_PATH, ONBOARDING_PATH, RETURN_PATH
from workers.gateways import money_out
from workers.provider.accounts import onboarding_link
from workers.transactions import unit_of_work

router, pages = APIRouter(), APIRouter()
FORM_PATH = f"{ONBOARDING_PATH}/form"


class PurseShown(FromRow):
    """One currency, in minor units; without a `reason` the next run takes the balance, with one `sentence` says what to do."""

    currency: str = Field(examples=["USD"])
    earned: int
    balance: int
    on_its_way: int
    sent: int = Field(description="Transferred to your Stripe account, but not received by your bank yet.")
    bank_returned: int = Field(description="Returned by your bank. Give Stripe another bank account to receive it.")
    paid: int = Field(description="Received by your bank.")
    proposed: int
    reason: Reason | None
    sentence: str | None = Field(examples=["Set up payouts, and $120.00 will be paid in the next run."])


class EarnedShown(FromRow):
    """A final share of a deliverable's pool, or a kill fee."""

    id: UUID
    campaign: str
    deliverable: str
    amount: int
    currency: str
    at: datetime
    is_kill_fee: bool
    proposal: UUID | None = Field(description="The proposal that explains it; null for the oldest kill fees.")

    @classmethod
    def of(cls, row: tuple[UUID, Earning]) -> "EarnedShown":
        place, earned = row
        return cls(
            id=place, campaign=earned.campaign, deliverable=earned.deliverable, amount=earned.amount, currency=earned.currency,
            at=earned.at, is_kill_fee=earned.is_kill_fee, proposal=earned.proposal_id,
        )  # fmt: skip


class EarnedList(Listing):
    items: list[EarnedShown]


class PayoutShown(FromRow):
    """A payment to you: ready, sending, unknown; sent once Stripe has transferred it, paid once your bank has it, bank_returned where that
    sent it back; failed or returned."""

    id: UUID
    amount: int
    currency: str
    state: str
    settled_at: datetime | None = Field(description="When it was sent, or failed.")
    arrived_at: datetime | None = Field(description="When your bank received it.")
    expected_at: datetime | None = Field(description="The expected arrival date, once Stripe pays it out to your bank.")


class PaymentList(Listing):
    items: list[PayoutShown]


class PayoutAccountShown(FromRow):
    """Your account with the provider: promised, onboarding, active or refused; `requirements` is what it still asks of you, by `due_by`."""

    id: UUID
    country: str
    state: str
    requirements: list[str]
    due_by: datetime | None
    reason: str | None
    opened_at: datetime

    @classmethod
    def of(cls, account: PayoutAccount) -> "PayoutAccountShown":
        return cls.model_validate(account)


class LinkShown(BaseModel):
    """The provider's form, for you alone and good once."""

    url: str


def in_browser(by: By, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None) -> Actor:
    """Who asks, from their browser; raises BrowserOnly for a program."""
    by.require(Permission.RECEIVE)
    if token is not None:
        raise BrowserOnly(_("You can change your payout account only in your browser, not with a token. Open My money there."))
    return by


InBrowser = Annotated[Actor, Depends(in_browser)]


def opened(
    request: Request,
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
) -> UUID:
    """To whom the way to the form is open, found in a transaction that is over before the provider is called."""
    with unit_of_work() as session:
        by = in_browser(someone(anyone(request, session, token, cookie)), token)
        return require_open(session, by=by, at=business_now(session)).person_id


Opened = Annotated[UUID, Depends(opened)]


class PurseList(Listing):
    items: list[PurseShown]


@router.get("/me/money")
def show_money(session: Tx, by: By, at: At) -> PurseList:
    """What you have earned, what was paid, and why the rest is unpaid."""
    return PurseList(items=[PurseShown.model_validate(purse) for purse in my_money(session, by=by, at=at)])


@router.get("/me/earnings")
def list_earnings(session: Tx, by: By, page: Page) -> EarnedList:
    """Each of your final shares and kill fees, newest first."""
    found = my_earnings(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[0])
    return EarnedList(items=[EarnedShown.of(row) for row in shown], next=following)


@router.get("/me/payouts")
def list_payments(session: Tx, by: By, page: Page) -> PaymentList:
    """Each payment to you, newest first."""
    found = payments_to(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda item: item.id)
    return PaymentList(items=[PayoutShown.model_validate(item) for item in shown], next=following)


@router.get("/me/payout-account")
def show_account(session: Tx, by: By) -> PayoutAccountShown:
    """Your payout account, and what the provider still needs from you."""
    by.require(Permission.RECEIVE)
    return PayoutAccountShown.of(payout_account(session, by.person))


@router.post("/me/payout-account", status_code=201, response_model=PayoutAccountShown)
def open_account(session: Tx, by: By, at: At, once: OnlyOnce) -> PayoutAccountShown | Response:
    """Open an account with your country's provider. Repeating the request does not open a second one."""
    return once(lambda: PayoutAccountShown.of(open_payout_account(session, by=by, at=at)))


@router.post("/me/payout-account/opening")
def open_way(by: InBrowser, session: Tx, at: At) -> PayoutAccountShown:
    """Unlock the provider's form for ten minutes, in your own browser. If your account was active, its waiting period starts now."""
    return PayoutAccountShown.of(open_form(session, by=by, at=at))


@router.post("/me/payout-account/link")
def make_link(person: Opened, response: Response) -> LinkShown:
    """Get a new link to the provider's form, where you choose how to be paid; only in your browser, never with a token.

    If your account is already active, unlock the form first.
    """
    response.headers["Cache-Control"] = "no-store"
    return LinkShown(url=onboarding_link(money_out(), person))


@pages.get(ONBOARDING_PATH)
def show_way_to_form(by: InBrowser, reader: SignedIn) -> Response:
    """The address that emails name, and that the provider sends people back to when its link is spent.

    On to its form for whoever is setting up how they are paid; for whoever has done so, the page that says what a change means.
    """
    require_proof(by)
    account = payout_account(reader.session, by.person)
    if account.state != "active":
        return RedirectResponse(FORM_PATH, 303)
    return reader.page("payout/destination.html", hours=settings().cooling_hours, is_open=is_open(account, reader.at), form=FORM_PATH)


@pages.post(ONBOARDING_PATH)
def open_way_on_page(by: InBrowser, reader: SignedIn) -> RedirectResponse:
    """Open the way to the provider's form, where the destination may be changed."""
    open_form(reader.session, by=by, at=reader.at)
    return reader.done(ONBOARDING_PATH)


@pages.get(BACK_PATH)
def come_back(by: InBrowser, reader: SignedIn) -> RedirectResponse:
    """Where the provider's form sends people back to: their account is asked after soon, and they see their money."""
    ask_after(reader.session, by.person, now=process_now())
    return RedirectResponse(RETURN_PATH, 303)


@pages.get(FORM_PATH)
def go_to_form(person: Opened) -> RedirectResponse:
    """On to the provider's form."""
    return RedirectResponse(onboarding_link(money_out(), person), 303, {"Cache-Control": "no-store"})
