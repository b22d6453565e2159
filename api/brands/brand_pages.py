"""The brands one works with, and what one of them is called, signs as and is billed at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import Page, page_of
from api.forms import EmailAddress, EmptyIsNone
from api.reader import SignedIn
from api.spreadsheet import spreadsheet
from campaigns.administration import brands as administration_brands
from campaigns.administration.brands import BrandChanges
from campaigns.core import brand_roles, brands
from campaigns.core.people import Scope
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter()
MOST_ROWS = 10_000
HEADER = ("name", "sign-off roles", "billing email", "since")


class BrandPageForm(BaseModel):
    """What a brand is to be; `sign_off_roles` one a line, an empty billing address takes it away."""

    name: str = Field(max_length=120)
    sign_off_roles: str = Field("", max_length=2000)
    billing_email: Annotated[EmailAddress | None, EmptyIsNone] = None
    same_name: bool = False


@pages.get("/brands", response_class=HTMLResponse)
def show_brands(reader: SignedIn, page: Page) -> HTMLResponse:
    """The brands that one works for or with, the newest first."""
    found = brands.brands_seen(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    return reader.page(
        "brands/brands.html",
        brands=shown,
        next=following,
        may_add=reader.by.may(Permission.CREATE_CAMPAIGN),
    )


@pages.get("/brands.csv")
def download_brands(reader: SignedIn) -> StreamingResponse:
    """All of them, as a table."""
    found = brands.brands_seen(reader.session, after=None, limit=MOST_ROWS, by=reader.by)
    rows = [(each.name, ", ".join(each.sign_off_roles), each.billing_email, each.created_at) for each in found]
    return spreadsheet("brands", HEADER, rows)


@pages.get("/brands/{brand_id}/edit", response_class=HTMLResponse)
def ask_edit(brand_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What is to be otherwise."""
    brand = brands.find_brand(reader.session, brand_id, by=reader.by)
    reader.by.require(Permission.EDIT_BRAND, on=Scope(brand_id=brand.id))
    speakers = brand_roles.administrators(reader.session, brand.id)
    is_theirs = bool(speakers) and reader.by.person_id not in {each.id for each in speakers}
    may_merge = reader.by.may(Permission.MERGE_BRANDS, on=Scope(brand_id=brand.id))
    return reader.page("brands/edit.html", brand=brand, speakers=speakers if is_theirs else [], may_merge=may_merge)


@pages.post("/brands/{brand_id}/edit")
def edit(brand_id: UUID, form: Annotated[BrandPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Change it."""
    sign_off_roles = [sign_off_role.strip().lower() for sign_off_role in form.sign_off_roles.splitlines() if sign_off_role.strip()]
    changes = BrandChanges(form.name, sign_off_roles, form.billing_email or "", form.same_name)
    brand = administration_brands.edit_brand(reader.session, brand_id, changes, by=reader.by, at=reader.at)
    return reader.done(f"/brands/{brand.id}/people", _("{brand} has been updated.", brand=brand.name))
