"""Who holds which role in a campaign: invited and let go by those who run it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.forms import EmptyIsNone, PersonForm
from api.operator.given import given
from api.reader import OnceForm, SignedIn
from api.spreadsheet import spreadsheet
from api.wording import role_name
from campaigns.administration import roles
from campaigns.core import membership
from campaigns.core.campaign import deliverables_of, find_campaign
from campaigns.core.people import Brand
from campaigns.core.permissions import BRAND_ROLES, Permission, Role
from campaigns.core.words import _

pages = APIRouter()
INVITED = (Role.CURATOR, Role.LEADER, Role.EDITOR, Role.MANAGER)
MOST_ROWS = 10_000
HEADER = ("name", "email", "role", "signs on behalf of", "deliverable", "scope", "since")


class InvitationForm(PersonForm, OnceForm):
    role: Role
    deliverable: Annotated[UUID | None, EmptyIsNone] = None


@pages.get("/campaigns/{campaign_id}/people")
def show_people(campaign_id: UUID, reader: SignedIn, page: Page) -> HTMLResponse:
    """Everyone with a role here, newest first, and the form that invites."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    found = membership.cast_of(reader.session, campaign, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    titles = {deliverable.id: deliverable.title for deliverable in deliverables_of(reader.session, campaign.id)}
    return reader.page(
        "lifecycle/people.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        titles=titles,
        people=shown,
        own_roles=BRAND_ROLES,
        may_end_theirs=reader.by.may(Permission.APPOINT_FOR_BRAND, on=campaign),
        next=following,
        roles=[(role.value, role_name(role)) for role in INVITED],
        only_for=[("", _("The whole campaign")), *titles.items()],
    )


@pages.get("/campaigns/{campaign_id}/people.csv")
def download_people(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Everyone with a role here, as a table."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    found = membership.cast_of(reader.session, campaign, after=None, limit=MOST_ROWS, by=reader.by)
    titles = {deliverable.id: deliverable.title for deliverable in deliverables_of(reader.session, campaign.id)}
    rows = [
        (person.name, person.email, grant.role, grant.sign_off_role, titles.get(grant.deliverable_id) if grant.deliverable_id else None,
         "campaign" if grant.campaign_id else "brand", grant.granted_at)
        for grant, person in found
    ]  # fmt: skip
    return spreadsheet(f"people-{campaign.number}", HEADER, rows)


@pages.post("/campaigns/{campaign_id}/people")
def invite(campaign_id: UUID, form: Annotated[InvitationForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Give someone a role in the campaign, or for one of its deliverables only."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    reader.by.require(Permission.GRANT_ROLES, on=campaign)
    scope = membership.reach_within(reader.session, campaign_id, form.deliverable, by=reader.by)

    def deed() -> tuple[str, str]:
        made = membership.invite(reader.session, form.email, form.role, on=scope, name=form.name, by=reader.by, at=reader.at)
        return given(made, f"/campaigns/{campaign.id}/people", form.email)

    return reader.once(form, deed)


@pages.post("/campaigns/{campaign_id}/people/{role_id}/end")
def end_role(campaign_id: UUID, role_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take a role in the campaign back."""
    roles.end_role(reader.session, campaign_id, role_id, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}/people", _("Role removed. Invite the same address again to restore it."))
