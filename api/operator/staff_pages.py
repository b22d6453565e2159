"""Who is on staff: appointed here by an operator, and let go."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.forms import PersonForm
from api.operator.given import given
from api.reader import OnceForm, SignedIn
from api.spreadsheet import spreadsheet
from api.wording import role_name
from campaigns.core import membership
from campaigns.core.people import Scope
from campaigns.core.permissions import Permission, Role
from campaigns.core.words import _

pages = APIRouter(prefix="/status/people")
APPOINTED = (Role.MANAGER, Role.FINANCE, Role.OPERATOR)
MOST_ROWS = 10_000


class StaffAppointmentForm(PersonForm, OnceForm):
    role: Role


@pages.get("", response_class=HTMLResponse)
def show_staff(reader: SignedIn, page: Page) -> HTMLResponse:
    """Everyone with a role on staff, newest first, and the form that appoints."""
    found = membership.staff(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return reader.page(
        "operator/staff.html",
        people=shown,
        next=following,
        roles=[(role.value, role_name(role)) for role in APPOINTED],
    )


@pages.get(".csv")
def download_staff(reader: SignedIn) -> StreamingResponse:
    """All of them."""
    found = membership.staff(reader.session, after=None, limit=MOST_ROWS, by=reader.by)
    header = (_("Name"), _("Address"), _("Role"), _("Since"))
    return spreadsheet("staff", header, [(person.name, person.email, held.role, held.granted_at) for held, person in found])


@pages.post("")
def appoint(form: Annotated[StaffAppointmentForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Give someone a role on staff, which another person confirms."""
    reader.by.require(Permission.OPERATE)

    def deed() -> tuple[str, str]:
        made = membership.invite(reader.session, form.email, form.role, on=Scope(), name=form.name, by=reader.by, at=reader.at)
        return given(made, "/status/people", form.email)

    return reader.once(form, deed)


@pages.post("/{staff_role_id}/end")
def end_role(staff_role_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take back a role on staff."""
    membership.end_staff_role(reader.session, staff_role_id, by=reader.by, at=reader.at)
    return reader.done("/status/people", _("Role removed. To restore it, appoint the same address again."))
