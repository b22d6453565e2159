"""The sandbox: its clock, which goes on when it is told to, and everyone whom one may be."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.deps import COOKIE
from api.everyone.in_browser import keep_session
from api.lifecycle.moments import in_zone, local
from api.problem_pages import own_address
from api.reader import Reader, Visitor
from api.sandbox_door import require_sandbox
from campaigns.core import access, clock
from campaigns.core.errors import Invalid, NotFound
from campaigns.core.people import Person
from campaigns.core.permissions import Role
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.installation import sandbox

LONGEST = timedelta(days=400)
pages = APIRouter(prefix="/sandbox", dependencies=[Depends(require_sandbox)])


class ClockForm(BaseModel):
    """How far to go on, in days or to a moment in the reader's zone; `ahead` is how many seconds the page had the clock ahead."""

    days: int = Field(0, ge=0, le=LONGEST.days)
    until: datetime | None = None
    ahead: float
    page: str = Field("/sandbox", alias="_page", max_length=2000)


class WhoForm(BaseModel):
    """One person, or the foremost of a role."""

    person: UUID | None = None
    role: Role | None = None


@pages.get("", response_class=HTMLResponse)
def show_sandbox(reader: Visitor, q: Annotated[str, Query(max_length=80)] = "") -> HTMLResponse:
    """The clock, what falls due next, and everyone; with `q`, whoever it names."""
    words = " ".join(q.split())
    return reader.page(
        "operator/sandbox.html",
        words=words,
        parts=sandbox.parts(reader.session, words),
        moments=sandbox.moments(reader.session, at=reader.at),
        soonest=local(reader.at + timedelta(minutes=1), reader.zone.key),
        mailbox=f"{settings().sendgrid_url}/sandbox/mailbox/page",
        prefect=settings().prefect_page,
    )


@pages.post("/clock")
def move_clock(form: Annotated[ClockForm, Form()], reader: Visitor) -> RedirectResponse:
    """Let the clock go on, once for each page that asks."""
    step = _step(form, reader)
    said = _("The clock was already moved and has not been moved again.")
    if clock.hold(reader.session) == timedelta(seconds=form.ahead):
        clock.move_clock(reader.session, step)
        said = _("The clock was moved. Everything that fell due happens within a few seconds.")
    return reader.done(own_address(form.page) or "/sandbox", said)


def _step(form: ClockForm, reader: Reader) -> timedelta:
    step = in_zone(form.until, reader.zone.key) - reader.at if form.until else timedelta(days=form.days)
    if not timedelta() < step <= LONGEST:
        raise Invalid(_("Choose a time in the future, within {days} days.", days=LONGEST.days), field="until")
    return step


@pages.post("/be")
def be_someone(
    form: Annotated[WhoForm, Form()], reader: Visitor, old: Annotated[str | None, Cookie(alias=COOKIE)] = None
) -> RedirectResponse:
    """Sign this browser in as somebody else."""
    who = _chosen(form, reader)
    if old:
        access.close_session(reader.session, old)
    request = reader.request
    place = request.client.host if request.client else None
    secret = access.open_session(reader.session, who.id, way="sandbox", agent=request.headers.get("user-agent"), place=place)
    there = reader.done("/", _("You are now {name}.", name=who.name))
    keep_session(there, secret)
    return there


def _chosen(form: WhoForm, reader: Reader) -> Person:
    chosen = sandbox.foremost(reader.session, form.role).id if form.role else form.person
    who = reader.session.get(Person, chosen) if chosen else None
    if who is None:
        raise NotFound(_("This person does not exist."))
    return who
