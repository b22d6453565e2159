"""Who speaks for a brand: appointed and let go by its administrators, whom the partnership manager asks for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import Field

from api.deps import Page, page_of
from api.forms import EmptyIsNone, PersonForm
from api.reader import OnceForm, SignedIn
from api.spreadsheet import spreadsheet
from api.wording import role_name
from campaigns.administration import roles
from campaigns.core import administrators, billing, brand_roles, brands, membership
from campaigns.core.campaign import find_campaign
from campaigns.core.people import Scope
from campaigns.core.permissions import BRAND_ROLES, Permission, Role
from campaigns.core.words import _

pages = APIRouter()
APPOINTED = (Role.SIGNER, Role.APPROVER)
MOST_ROWS = 10_000
HEADER = ("name", "address", "role", "sign-off role", "campaign", "since")


class AdministratorPageForm(PersonForm, OnceForm):
    """Whom the brand's billing address is asked to confirm."""


class BrandAppointmentForm(PersonForm, OnceForm):
    role: Role
    sign_off_role: Annotated[str | None, EmptyIsNone, Field(max_length=40)] = None


@pages.get("/campaigns/{campaign_id}/brand")
def go_to_brand(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """On to the people of the campaign's brand."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    brands.require_reach(Permission.VIEW_BRAND, campaign.brand_id, by=reader.by)
    return RedirectResponse(f"/brands/{campaign.brand_id}/people", 303)


@pages.get("/brands/{brand_id}/people", response_class=HTMLResponse)
def show_people(brand_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """Everyone with a role for the brand, newest first; the forms that appoint, and that ask for an administrator."""
    brand = brands.find_brand(reader.session, brand_id, by=reader.by)
    found = brand_roles.people_of(reader.session, brand.id, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    within = Scope(brand_id=brand.id)
    return reader.page(
        "brands/people.html",
        brand=brand,
        people=shown,
        next=following,
        administrators=brand_roles.administrators(reader.session, brand.id),
        asked=administrators.open_requests(reader.session, brand.id, by=reader.by),
        silent=billing.why_silent(brand, reader.at),
        own_roles=BRAND_ROLES,
        roles=[(role.value, role_name(role)) for role in APPOINTED],
        sign_off_roles=[
            ("", _("None (approvers do not sign)")),
            *((sign_off_role, sign_off_role) for sign_off_role in brand.sign_off_roles),
        ],
        may={permission.name: reader.by.may(permission, on=within) for permission in Permission},
        may_ask=brands.reaches(Permission.ASK_ADMINISTRATOR, brand.id, by=reader.by),
    )


@pages.get("/brands/{brand_id}/people.csv")
def download_people(brand_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Everyone with a role for the brand, as a table."""
    found = brand_roles.people_of(reader.session, brand_id, after=None, limit=MOST_ROWS, by=reader.by)
    rows = [(person.name, person.email, held.role, held.sign_off_role, campaign, held.granted_at) for held, person, campaign in found]
    return spreadsheet("brand-people", HEADER, rows)


@pages.post("/brands/{brand_id}/people")
def appoint(brand_id: UUID, form: Annotated[BrandAppointmentForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Give somebody of the brand a role in all of its campaigns."""
    brand = brands.find_brand(reader.session, brand_id, by=reader.by)
    on = Scope(brand_id=brand.id)
    reader.by.require(Permission.APPOINT_FOR_BRAND, on=on)

    def deed() -> tuple[str, str]:
        membership.invite(
            reader.session, form.email, form.role, on=on, sign_off_role=form.sign_off_role, name=form.name, by=reader.by, at=reader.at
        )
        said = _("{email} now has the role. The others at {brand} are notified.", email=form.email, brand=brand.name)
        return f"/brands/{brand.id}/people", said

    return reader.once(form, deed)


@pages.post("/brands/{brand_id}/people/{brand_role_id}/end")
def end_role(brand_id: UUID, brand_role_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take a role for the brand back."""
    roles.end_brand_role(reader.session, brand_id, brand_role_id, by=reader.by, at=reader.at)
    return reader.done(f"/brands/{brand_id}/people", _("Role removed."))


@pages.post("/brands/{brand_id}/administrators")
def ask_administrator(brand_id: UUID, form: Annotated[AdministratorPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Name somebody who appoints for the brand; its billing address is asked to confirm it."""
    brand = brands.find_brand(reader.session, brand_id, by=reader.by)
    brands.require_reach(Permission.ASK_ADMINISTRATOR, brand.id, by=reader.by)

    def deed() -> tuple[str, str]:
        administrators.ask_administrator(reader.session, brand.id, form.email, form.name, by=reader.by, at=reader.at)
        return f"/brands/{brand.id}/people", _("An email to {address} asks for confirmation.", address=brand.billing_email)

    return reader.once(form, deed)


@pages.post("/brands/{brand_id}/administrators/{request_id}/withdraw")
def withdraw(brand_id: UUID, request_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take a request for an administrator back."""
    administrators.withdraw_request(reader.session, brand_id, request_id, by=reader.by, at=reader.at)
    return reader.done(f"/brands/{brand_id}/people", _("Request withdrawn. The link in the email no longer works."))
