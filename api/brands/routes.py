"""The brands, who speaks for each, and who is asked to."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool

from api.deps import TAGGED, At, By, FromRow, IfMatch, Listing, OnlyOnce, Page, Tx, etag, page_of, require_version, tag_of
from api.forms import EmailAddress, PersonForm
from api.people import Invitation, RoleListed, RoleShown
from campaigns.administration import brands as administration_brands
from campaigns.administration import roles
from campaigns.administration.brands import BrandChanges
from campaigns.core import administrators, brand_roles, brands, membership
from campaigns.core.administrators import AdministratorRequest
from campaigns.core.people import Brand, Scope

router = APIRouter()
SignOffRoles = list[Annotated[str, Field(max_length=40)]]
ANOTHER = "Set to true if another brand with this name exists and this is a different one."


class BrandForm(BaseModel):
    name: str = Field(min_length=1, max_length=120, examples=["Zappos"])
    sign_off_roles: SignOffRoles = Field(default_factory=list, examples=[["marketing", "legal"]])
    billing_email: EmailAddress | None = Field(None, examples=["invoices@zappos.example"])


class NewBrand(BrandForm):
    same_name: StrictBool = Field(False, description=ANOTHER)


class BrandShown(BrandForm, FromRow):
    id: UUID
    created_at: datetime


class BrandNamed(FromRow):
    id: UUID
    name: str = Field(examples=["Zappos"])


class BrandList(Listing):
    items: list[BrandNamed]


class BrandPatch(BaseModel):
    """The fields to change; omitted fields stay unchanged."""

    name: str | None = Field(None, min_length=1, max_length=120, examples=["Zappos"])
    sign_off_roles: SignOffRoles | None = Field(None, examples=[["marketing", "legal"]])
    billing_email: EmailAddress | None = Field(None, examples=["invoices@zappos.example"])
    same_name: StrictBool = Field(False, description=ANOTHER)


class MergeForm(BaseModel):
    into: UUID = Field(description="The brand to keep.")


class BrandRole(RoleListed):
    campaign: UUID | None = Field(description="The only campaign that the role is for; null for all of the brand's campaigns.")


class BrandRoles(Listing):
    items: list[BrandRole]


class AdministratorNamed(PersonForm):
    """The person to become an administrator of the brand; its billing email confirms them."""


class AdministratorAsked(BaseModel):
    """A request that the brand's billing email can confirm until it expires."""

    id: UUID
    person: UUID
    asked_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, asked: AdministratorRequest) -> "AdministratorAsked":
        return cls(id=asked.id, person=asked.person_id, asked_at=asked.asked_at, expires_at=asked.expires_at)


class AdministratorAskedList(Listing):
    items: list[AdministratorAsked]


@router.post("/brands", status_code=201, response_model=BrandShown)
def create_brand(body: NewBrand, session: Tx, by: By, at: At, once: OnlyOnce) -> BrandShown | Response:
    """Add a brand."""
    return once(
        lambda: BrandShown.model_validate(
            brands.create_brand(session, body.name, body.sign_off_roles, body.billing_email, same_name=body.same_name, by=by, at=at)
        )
    )


@router.get("/brands")
def list_brands(session: Tx, by: By) -> BrandList:
    """List the brands that you may create a campaign for, by name."""
    return BrandList(items=[BrandNamed.model_validate(brand) for brand in brands.brands_to_begin_for(session, by=by)])


@router.get("/brands/{brand_id}", responses=TAGGED)
def show_brand(brand_id: UUID, session: Tx, by: By, response: Response) -> BrandShown:
    """Get a brand; for its people and for staff."""
    return _tagged(brands.find_brand(session, brand_id, by=by), response)


def _tagged(brand: Brand, response: Response) -> BrandShown:
    shown = BrandShown.model_validate(brand)
    etag(response, tag_of(shown, *BrandForm.model_fields))
    return shown


@router.patch("/brands/{brand_id}", responses=TAGGED)
def edit_brand(brand_id: UUID, body: BrandPatch, session: Tx, by: By, at: At, response: Response, if_match: IfMatch = None) -> BrandShown:
    """Change a brand's name, sign-off roles or billing email; once it has an administrator, the last two are theirs to change."""
    before = BrandShown.model_validate(brands.find_brand(session, brand_id, by=by, lock=True))
    require_version(if_match, tag_of(before, *BrandForm.model_fields))
    changes = BrandChanges(body.name, body.sign_off_roles, body.billing_email, body.same_name)
    return _tagged(administration_brands.edit_brand(session, brand_id, changes, by=by, at=at), response)


@router.post("/brands/{brand_id}/merge")
def merge_brand(brand_id: UUID, body: MergeForm, session: Tx, by: By, at: At) -> BrandShown:
    """Merge a brand into another one. Its campaigns, people and invoices move to that brand. This cannot be undone."""
    return BrandShown.model_validate(administration_brands.merge_brands(session, brand_id, body.into, by=by, at=at))


@router.post("/brands/{brand_id}/roles", status_code=201, response_model=RoleShown)
def invite_for_brand(brand_id: UUID, body: Invitation, session: Tx, by: By, at: At, once: OnlyOnce) -> RoleShown | Response:
    """Give someone a role in all campaigns of a brand; only its administrators appoint signers and approvers."""
    on = Scope(brand_id=brands.find_brand(session, brand_id, by=by).id)
    named = {"sign_off_role": body.sign_off_role, "name": body.name}
    return once(lambda: RoleShown.of(membership.invite(session, body.email, body.role, on=on, **named, by=by, at=at)))


@router.get("/brands/{brand_id}/roles")
def list_brand_roles(brand_id: UUID, session: Tx, by: By, page: Page) -> BrandRoles:
    """List everyone with a role for the brand, newest first."""
    found = brand_roles.people_of(session, brand_id, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return BrandRoles(
        items=[BrandRole(**RoleShown.of(held).model_dump(), name=who.name, campaign=held.campaign_id) for held, who, _campaign in shown],
        next=following,
    )


@router.delete("/brands/{brand_id}/roles/{brand_role_id}")
def end_brand_role(brand_id: UUID, brand_role_id: UUID, session: Tx, by: By, at: At) -> RoleShown:
    """Remove a role for the brand. Administrators and operators remove the brand's own roles, managers those of staff."""
    return RoleShown.of(roles.end_brand_role(session, brand_id, brand_role_id, by=by, at=at))


@router.post("/brands/{brand_id}/administrators", status_code=201, response_model=AdministratorAsked)
def ask_administrator(
    brand_id: UUID, body: AdministratorNamed, session: Tx, by: By, at: At, once: OnlyOnce
) -> AdministratorAsked | Response:
    """Ask for an administrator, who appoints the brand's signers and approvers; an email to its billing address asks for confirmation."""
    brands.find_brand(session, brand_id, by=by)
    return once(
        lambda: AdministratorAsked.of(administrators.ask_administrator(session, brand_id, body.email, body.name, by=by, at=at))
    )  # fmt: skip


@router.get("/brands/{brand_id}/administrators")
def list_administrators_asked(brand_id: UUID, session: Tx, by: By) -> AdministratorAskedList:
    """List the requests that the brand's billing email has not confirmed yet, newest first."""
    return AdministratorAskedList(
        items=[AdministratorAsked.of(asked) for asked, _person in administrators.open_requests(session, brand_id, by=by)]
    )


@router.delete("/brands/{brand_id}/administrators/{request_id}")
def withdraw_administrator(brand_id: UUID, request_id: UUID, session: Tx, by: By, at: At) -> AdministratorAsked:
    """Withdraw a request before it is confirmed; the link in the email stops working."""
    return AdministratorAsked.of(administrators.withdraw_request(session, brand_id, request_id, by=by, at=at))
