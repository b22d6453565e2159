"""The call: read by everyone, extended for everyone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import Anyone, At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import Moment, Reason
from campaigns.open_call.call import actions as call_actions
from campaigns.open_call.call.queries import CallPage, call_page, open_calls

router = APIRouter()
Country = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="Your country (ISO 3166-1); defaults to that in your profile.")]


class MoneyShown(BaseModel):
    """Amounts in minor units; `in_words` is the pool formatted for your locale."""

    pool: int = Field(examples=[5_000_000])
    currency: str = Field(examples=["USD"])
    in_words: str = Field(examples=["$50,000.00"])
    pay_rule: list[str]


class RouteShown(FromRow):
    """Whether we can pay you where you live."""

    country: str | None = Field(examples=["PE"])
    is_there: bool
    sentence: str


class RightsShown(BaseModel):
    """The license that you grant with each contribution: its version, its sentences and their SHA-256."""

    licence_version: str = Field(examples=["2026-01"])
    sentences: list[str]
    sha256: str
    ai_training: bool


class DateShown(FromRow):
    name: str = Field(examples=["call_closes_at"])
    at: datetime
    written: str = Field(examples=["16 November 2026, 01:00 (America/Los_Angeles; 16 November, 09:00 UTC)"])


class CallDeliverable(BaseModel):
    id: UUID
    title: str
    kind: str
    format: str
    length: str
    price: int


class ExtensionShown(FromRow):
    id: UUID
    from_close: datetime
    to_close: datetime
    reason: str
    extended_at: datetime


class CallShown(BaseModel):
    """A call: what it pays, your rights, its dates, and what it asks for."""

    campaign: UUID
    title: str
    brand: str
    money: MoneyShown
    payout_route: RouteShown
    rights: RightsShown
    is_open: bool
    dates: list[DateShown]
    time_zone: str
    story: str
    asked_for: str
    do: list[str]
    dont: list[str]
    deliverables: list[CallDeliverable]
    extensions: list[ExtensionShown]

    @classmethod
    def of(cls, page: CallPage) -> "CallShown":
        written, brief = page.written, page.written.brief
        return cls(
            campaign=written.campaign.id,
            title=written.campaign.title,
            brand=written.brand.name,
            money=MoneyShown(pool=written.budget.pool, currency=brief.currency, in_words=page.pool, pay_rule=list(page.pay_rule)),
            payout_route=RouteShown.model_validate(page.route),
            rights=_rights(page),
            is_open=page.is_open,
            dates=[DateShown.model_validate(date) for date in page.dates],
            time_zone=brief.time_zone,
            story=brief.story,
            asked_for=brief.asked_for,
            do=brief.do_list,
            dont=brief.dont_list,
            deliverables=_deliverables(page),
            extensions=[ExtensionShown.model_validate(extension) for extension in page.extensions],
        )


class CallListed(BaseModel):
    """An open call in the list; `pool` is in minor units."""

    campaign: UUID
    title: str
    brand: str
    pool: int
    currency: str
    closes_at: datetime


class CallList(Listing):
    items: list[CallListed]


class ExtensionForm(BaseModel):
    closes_at: Moment = Field(examples=["2026-11-20T18:00:00-08:00"])
    reason: Reason


def _rights(page: CallPage) -> RightsShown:
    brief = page.written.brief
    return RightsShown(
        licence_version=brief.licence_version, sentences=list(page.rights), sha256=page.licence_sha256, ai_training=brief.ai_training
    )


def _deliverables(page: CallPage) -> list[CallDeliverable]:
    return [
        CallDeliverable(id=d.id, title=d.title, kind=d.kind, format=d.format, length=d.length, price=d.price)
        for d in page.written.deliverables
    ]


@router.get("/calls")
def list_open_calls(session: Tx, at: At, page: Page) -> CallList:
    """List the open calls, newest first. No sign-in is needed."""
    found = open_calls(session, at=at, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[0].campaign.id)
    items = [
        CallListed(
            campaign=w.campaign.id, title=w.campaign.title, brand=w.brand.name, pool=w.budget.pool, currency=w.brief.currency,
            closes_at=call.closes_at,
        )
        for w, call in shown
    ]  # fmt: skip
    return CallList(items=items, next=following)


@router.get("/campaigns/{campaign_id}/call")
def show_call(campaign_id: UUID, session: Tx, by: Anyone, at: At, country: Country = None) -> CallShown:
    """Show a call: what it pays and by which rule, whether we can pay you, rights and dates. No sign-in is needed."""
    return CallShown.of(call_page(session, campaign_id, country, by=by, at=at))


@router.post("/campaigns/{campaign_id}/call/extensions", status_code=201, response_model=ExtensionShown)
def extend_call(campaign_id: UUID, body: ExtensionForm, session: Tx, by: By, at: At, once: OnlyOnce) -> ExtensionShown | Response:
    """Extend the call for everyone and notify everyone. Late submissions are not possible in any other way."""
    return once(
        lambda: ExtensionShown.model_validate(call_actions.extend_call(session, campaign_id, body.closes_at, body.reason, by=by, at=at))
    )
