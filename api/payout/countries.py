"""Whoever changed the country they live in: what waits for finance's look, over HTTP; and that look, from the page of holds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, Page, Tx, page_of
from api.reader import SignedIn
from campaigns.core.words import _
from campaigns.payments.countries import country_changes
from campaigns.payout.holds.actions import confirm_country

router, pages = APIRouter(prefix="/payouts"), APIRouter()


class LookForm(BaseModel):
    """What was looked at, for whoever asks later."""

    note: str = Field(max_length=2000, examples=["The person moved; we have seen the new registration."])


class CountryChangeShown(FromRow):
    """A person's change of country after their account was opened; nothing is paid to them before `looked_at`."""

    id: UUID
    person_id: UUID
    before: str | None = Field(examples=["US"])
    after: str | None = Field(examples=["DE"])
    changed_at: datetime
    looked_at: datetime | None
    note: str | None


class CountryChangeListed(CountryChangeShown):
    """A change that waits, with the person's name and the country that their account is in."""

    name: str
    account_country: str | None = Field(examples=["US"])


class CountryChangeList(Listing):
    items: list[CountryChangeListed]


@router.get("/country-changes")
def list_changes(session: Tx, by: By, page: Page) -> CountryChangeList:
    """People whose country changed and who are not paid until finance reviews it, newest first."""
    found = country_changes(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    items = [
        CountryChangeListed(**CountryChangeShown.model_validate(change).model_dump(), name=name, account_country=country)
        for change, name, country in shown
    ]
    return CountryChangeList(items=items, next=following)


@router.post("/country-changes/{person_id}/confirm")
def confirm(person_id: UUID, body: LookForm, session: Tx, by: By, at: At) -> CountryChangeShown:
    """Resume payments to the person from the next run on."""
    return CountryChangeShown.model_validate(confirm_country(session, person_id, body.note, by=by, at=at))


@pages.post("/runs/countries/{person_id}/confirm")
def confirm_on_page(person_id: UUID, form: Annotated[LookForm, Form()], reader: SignedIn) -> RedirectResponse:
    """The same from the page of holds."""
    confirm_country(reader.session, person_id, form.note, by=reader.by, at=reader.at)
    return reader.done("/runs/holds", _("Recorded. They will be paid in the next run."))
