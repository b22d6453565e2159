"""Who one is, and who holds which role."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool

from api.deps import TAGGED, At, By, IfMatch, Listing, OnlyOnce, Page, Tx, etag, page_of, require_version, tag_of
from api.forms import PersonForm
from api.scopes import needs_scope
from campaigns.administration import roles
from campaigns.core import membership
from campaigns.core.appointing.models import Appointment, State
from campaigns.core.campaign import find_campaign
from campaigns.core.people import Actor, Person, RoleGrant, Scope
from campaigns.core.permissions import Role
from campaigns.payments.countries import change_profile

router = APIRouter(tags=["people"], dependencies=[needs_scope("profile")])


class Profile(BaseModel):
    """What you can change in your profile; `country` (ISO 3166-1 alpha-2) determines how you can be paid."""

    name: str = Field(min_length=1, max_length=120, examples=["Ana Quispe"])
    country: str | None = Field(None, pattern="^[A-Z]{2}$", examples=["PE"])
    locale: str = Field("en", max_length=16, examples=["en"])
    time_zone: str = Field("UTC", max_length=64, examples=["America/Lima"])
    shortcuts: StrictBool = Field(True, description="Whether pages have keyboard shortcuts.")


class RoleGrantShown(BaseModel):
    """A role and its scope; without a brand, campaign or deliverable it applies everywhere."""

    role: Role
    brand: UUID | None = None
    campaign: UUID | None = None
    deliverable: UUID | None = None
    sign_off_role: str | None = None


class Me(Profile):
    id: UUID
    email: str
    roles: list[RoleGrantShown]


class Invitation(PersonForm):
    """The person and the role to give them; a signer also has a `sign_off_role`: the sign-off role of the brand that they sign for."""

    role: Role = Field(examples=["signer"])
    sign_off_role: str | None = Field(None, max_length=40, examples=["legal"])
    deliverable: UUID | None = Field(None, description="Only for this deliverable.")


class RoleShown(BaseModel):
    """A role in force or, with another `state`, one that involves money and is not yet in force: `id` is then the appointment's."""

    id: UUID
    person: UUID
    role: Role
    sign_off_role: str | None
    granted_at: datetime
    state: State = Field(State.IN_FORCE, examples=["waiting"])
    counts_from: datetime | None = Field(None, description="When its waiting period ends, after another person has confirmed it.")

    @classmethod
    def of(cls, grant: RoleGrant | Appointment) -> "RoleShown":
        shown = cls(id=grant.id, person=grant.person_id, role=Role(grant.role), sign_off_role=None, granted_at=grant.granted_at)
        if isinstance(grant, Appointment):
            return shown.model_copy(update={"state": grant.state, "counts_from": grant.counts_from})
        return shown.model_copy(update={"sign_off_role": grant.sign_off_role})


class RoleListed(RoleShown):
    name: str


class RoleList(Listing):
    items: list[RoleListed]


@router.get("/me", responses=TAGGED)
def show_me(session: Tx, by: By, response: Response) -> Me:
    """Show your profile and all your roles; the ETag covers what you can change."""
    return _tagged(session.get_one(Person, by.person), by, response)


def _tagged(person: Person, by: Actor, response: Response) -> Me:
    me = _me(person, by)
    etag(response, tag_of(me, *Profile.model_fields))
    return me


def _me(person: Person, by: Actor) -> Me:
    held = [
        RoleGrantShown(role=g.role, brand=g.brand_id, campaign=g.campaign_id, deliverable=g.deliverable_id, sign_off_role=g.sign_off_role)
        for g in by.grants
        if g.role is not Role.MEMBER
    ]
    return Me(
        id=person.id,
        email=person.email,
        name=person.name,
        country=person.country,
        locale=person.locale,
        time_zone=person.time_zone,
        shortcuts=person.shortcuts,
        roles=sorted(held, key=lambda h: (h.role, str(h.campaign))),
    )


@router.put("/me", responses=TAGGED)
def change_me(body: Profile, session: Tx, by: By, at: At, response: Response, if_match: IfMatch = None) -> Me:
    """Change your name, country, language and time zone, and whether pages have keyboard shortcuts."""
    person = session.get_one(Person, by.person, with_for_update=True)
    require_version(if_match, tag_of(_me(person, by), *Profile.model_fields))
    change_profile(session, body.name, body.country, body.locale, body.time_zone, shortcuts=body.shortcuts, by=by, at=at)
    return _tagged(person, by, response)


@router.put("/me/artist", status_code=204)
def take_part_as_artist(session: Tx, by: By, at: At) -> None:
    """Join as an artist, in addition to your roles for a brand or as staff."""
    membership.take_part_as_artist(session, by=by, at=at)


@router.post("/roles", status_code=201, response_model=RoleShown, dependencies=[needs_scope("campaign")])
def appoint(body: Invitation, session: Tx, by: By, at: At, once: OnlyOnce) -> RoleShown | Response:
    """Give someone a role for all campaigns, as an operator; another person confirms it at `POST /appointments/{id}/confirm`."""
    return once(lambda: RoleShown.of(_invite(body, Scope(), session, by, at)))


@router.get("/roles", dependencies=[needs_scope("campaign")])
def list_staff(session: Tx, by: By, page: Page) -> RoleList:
    """List who has a role for all campaigns, for operators; newest first."""
    found = membership.staff(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return RoleList(items=[RoleListed(**RoleShown.of(held).model_dump(), name=person.name) for held, person in shown], next=following)


@router.delete("/roles/{staff_role_id}", dependencies=[needs_scope("campaign")])
def end_staff_role(staff_role_id: UUID, session: Tx, by: By, at: At) -> RoleShown:
    """Remove a role for all campaigns, as an operator; the last operator stays."""
    return RoleShown.of(membership.end_staff_role(session, staff_role_id, by=by, at=at))


@router.post("/campaigns/{campaign_id}/roles", status_code=201, response_model=RoleShown, dependencies=[needs_scope("brief")])
def invite_for_campaign(campaign_id: UUID, body: Invitation, session: Tx, by: By, at: At, once: OnlyOnce) -> RoleShown | Response:
    """Give someone a role in a campaign, or for one of its deliverables only; the brand appoints signers and approvers."""
    scope = membership.reach_within(session, campaign_id, body.deliverable, by=by)
    return once(lambda: RoleShown.of(_invite(body, scope, session, by, at)))


@router.get("/campaigns/{campaign_id}/roles", dependencies=[needs_scope("campaign")])
def list_roles(campaign_id: UUID, session: Tx, by: By, page: Page) -> RoleList:
    """List who has which role in a campaign, for those who run it; newest first."""
    campaign = find_campaign(session, campaign_id, by=by)
    found = membership.cast_of(session, campaign, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return RoleList(items=[RoleListed(**RoleShown.of(held).model_dump(), name=person.name) for held, person in shown], next=following)


@router.delete("/campaigns/{campaign_id}/roles/{role_id}", dependencies=[needs_scope("brief")])
def end_role(campaign_id: UUID, role_id: UUID, session: Tx, by: By, at: At) -> RoleShown:
    """Remove someone's role in a campaign. Roles beyond the campaign and the manager who runs it stay."""
    return RoleShown.of(roles.end_role(session, campaign_id, role_id, by=by, at=at))


def _invite(body: Invitation, on: Scope, session: Tx, by: By, at: At) -> RoleGrant | Appointment:
    return membership.invite(session, body.email, body.role, on=on, sign_off_role=body.sign_off_role, name=body.name, by=by, at=at)
