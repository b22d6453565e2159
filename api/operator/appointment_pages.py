"""Roles that touch money, in a browser: what waits for a second person, what cools, and the button that stops it."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Page, page_of
from api.operator.appointments import addresses
from api.reader import Reader, SignedIn
from campaigns.core.appointing import actions
from campaigns.core.appointing.few_people import few_people
from campaigns.core.appointing.models import State
from campaigns.core.appointing.queries import Appointed, appointed, appointments
from campaigns.core.appointing.rules import tied_to
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter(prefix="/appointments")


@pages.get("", response_class=HTMLResponse)
def show_appointments(reader: SignedIn, page: Page) -> HTMLResponse:
    """Those that concern the reader, newest first."""
    found = appointments(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda each: each.row.id)
    return reader.page(
        "operator/appointments.html",
        appointments=shown,
        next=following,
        is_operator=reader.by.may(Permission.VIEW_STATUS),
    )


@pages.get("/{appointment_id}", response_class=HTMLResponse)
def show_appointment(appointment_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One of them, with what whoever confirms it must know."""
    found = appointed(reader.session, appointment_id, by=reader.by)
    return reader.page(
        "operator/appointment.html",
        found=found,
        known=addresses(reader.session, found, reader.by),
        why_not=_why_not(reader, found),
        may_confirm=reader.by.may(Permission.CONFIRM_ROLE, on=found.row),
    )


def _why_not(reader: Reader, found: Appointed) -> str | None:
    """Why this reader cannot be the second person; None where they can, or nobody is asked for."""
    if found.row.state is not State.WAITING:
        return None
    if not reader.by.may(Permission.CONFIRM_ROLE, on=found.row):
        return _("Only an operator, a manager or someone in finance can confirm this.")
    if reader.by.person in (found.row.granted_by, found.row.person_id):
        return _("Another person must confirm this.")
    if not few_people(reader.session) and found.row.granted_by in tied_to(reader.session, reader.by.person):
        return _("You and {name} are not independent: one of you granted or confirmed the other's role.", name=found.giver)
    return None


@pages.post("/{appointment_id}/confirm")
def confirm(appointment_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Confirm it as a second person."""
    made = actions.confirm(reader.session, appointment_id, by=reader.by, at=reader.at)
    if made.state is State.IN_FORCE or made.counts_from is None:
        return reader.done(f"/appointments/{appointment_id}", _("Confirmed. The role is active now."))
    moment = made.counts_from.astimezone(reader.zone)
    said = _("Confirmed. The role becomes active on {moment:%d %B %Y, %H:%M %Z} unless someone stops it.", moment=moment)
    return reader.done(f"/appointments/{appointment_id}", said)


@pages.post("/{appointment_id}/stop")
def stop(appointment_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Stop it before it counts, or end it after."""
    actions.stop(reader.session, appointment_id, by=reader.by, at=reader.at)
    return reader.done(f"/appointments/{appointment_id}", _("Role stopped. Everyone concerned is notified."))
