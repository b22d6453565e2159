"""The first page of a partnership: for which brand, and what it is called."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.brief.campaigns import CampaignForm
from api.brief.steps import step_address
from api.forms import EmailAddress, EmptyIsNone
from api.reader import OnceForm, SignedIn
from campaigns.brief import actions
from campaigns.core import administrators, brands
from campaigns.core.errors import Refusal
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter()


class CampaignPageForm(CampaignForm, OnceForm):
    """The brand and the title of a new campaign."""


class NewBrandPageForm(OnceForm):
    """A client; `sign_off_roles`, one a line, are those that sign its briefs, and `administrator` appoints who does."""

    name: str = Field(max_length=120)
    sign_off_roles: str = Field("", max_length=400)
    billing_email: Annotated[EmailAddress | None, EmptyIsNone] = None
    administrator: Annotated[EmailAddress | None, EmptyIsNone] = None
    same_name: bool = False


@pages.get("/campaigns/new")
def ask_begin(reader: SignedIn, brand: Annotated[UUID | None, Query()] = None) -> HTMLResponse:
    """Which brand, and which title."""
    found = brands.brands_to_begin_for(reader.session, by=reader.by)
    may_add = reader.by.may(Permission.CREATE_CAMPAIGN)
    return reader.page("brief/new.html", brands=[(each.id, each.name) for each in found], chosen=brand, may_add=may_add)


@pages.post("/campaigns/new")
def begin(form: Annotated[CampaignPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Begin a campaign with an empty brief."""

    def deed() -> tuple[str, str]:
        campaign = actions.create_campaign(reader.session, form.brand, form.title, by=reader.by, at=reader.at)
        return step_address(campaign.id, "words"), _("Campaign created. You are its manager. Next, write its brief.")

    return reader.once(form, deed)


@pages.get("/brands/new")
def ask_brand(reader: SignedIn) -> HTMLResponse:
    """Who the new client is."""
    reader.by.require(Permission.CREATE_CAMPAIGN)
    return reader.page("brief/new_brand.html")


@pages.post("/brands/new")
def add_brand(form: Annotated[NewBrandPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Take a client on."""
    sign_off_roles = [sign_off_role.strip().lower() for sign_off_role in form.sign_off_roles.splitlines() if sign_off_role.strip()]

    def deed() -> tuple[str, str]:
        brand = brands.create_brand(
            reader.session, form.name, sign_off_roles, form.billing_email, same_name=form.same_name, by=reader.by, at=reader.at
        )  # fmt: skip
        if not form.administrator:
            return f"/campaigns/new?brand={brand.id}", _("{brand} has been added.", brand=brand.name)
        _ask(reader, brand.id, form.administrator)
        asked = _("{brand} has been added. An email to its billing address asks to confirm the administrator.", brand=brand.name)
        return f"/campaigns/new?brand={brand.id}", asked

    return reader.once(form, deed)


def _ask(reader: SignedIn, brand_id: UUID, administrator: str) -> None:
    """Ask for the brand's administrator; what is refused of their address is shown at the field that it has here."""
    try:
        administrators.ask_administrator(reader.session, brand_id, administrator, by=reader.by, at=reader.at)
    except Refusal as refused:
        refused.field = "administrator" if refused.field == "email" else refused.field
        raise
