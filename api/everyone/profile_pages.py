"""Who one is, and in which browsers and programs one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.deps import COOKIE
from api.everyone import choices
from api.everyone.browsers import browser_name
from api.reader import SignedIn
from campaigns.core import access, membership, tokens
from campaigns.core.words import _, languages, n_
from campaigns.payments import countries
from campaigns.payments.reach import why_unreached
from notifications import unsubscribing
from notifications.sender import OPTIONAL, EmailKind

pages = APIRouter()
Secret = Annotated[str | None, Cookie(alias=COOKIE)]


class ProfileForm(BaseModel):
    """What one says of oneself; an empty country is none, and a box that is not ticked is not sent."""

    name: str = Field(max_length=120)
    country: str = Field("", pattern="^([A-Z]{2})?$")
    locale: str = Field(max_length=16)
    time_zone: str = Field(max_length=64)
    shortcuts: bool = False


class EmailsForm(BaseModel):
    """The emails that one may do without, each ticked where one gets it."""

    announcement: bool = False
    digest: bool = False

    @property
    def wanted(self) -> set[EmailKind]:
        return {kind for kind in OPTIONAL if getattr(self, kind.value)}


@pages.get("/me", response_class=HTMLResponse)
def show_profile(reader: SignedIn) -> HTMLResponse:
    """Who one is, and which roles one has been given."""
    person = reader.me
    return reader.page(
        "everyone/profile.html",
        person=person,
        roles=membership.own_roles(reader.session, by=reader.by),
        countries=[("", ""), *choices.countries(reader.locale)],
        unreached=why_unreached(reader.session, person.country, reader.at),
        languages=choices.languages(person.locale),
        time_zones=choices.time_zones(person.time_zone),
        is_english_only=languages() == ["en"],
        emails=unsubscribing.subscriptions(reader.session, by=reader.by),
    )


@pages.post("/me")
def change_profile(form: Annotated[ProfileForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Change your name, country, language and time zone, and whether pages have keyboard shortcuts."""
    said = (form.name, form.country or None, form.locale, form.time_zone)
    countries.change_profile(reader.session, *said, shortcuts=form.shortcuts, by=reader.by, at=reader.at)
    return reader.done("/me", _("Saved."))


@pages.post("/me/artist")
def take_part_as_artist(reader: SignedIn) -> RedirectResponse:
    """Take part as an artist beside the roles that one has been given."""
    membership.take_part_as_artist(reader.session, by=reader.by, at=reader.at)
    return reader.done("/me#roles", _("You have joined as an artist."))


@pages.post("/me/emails")
def choose_emails(form: Annotated[EmailsForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Choose which of the emails that one may do without one gets."""
    for kind in OPTIONAL:
        unsubscribing.subscribe(reader.session, kind, kind in form.wanted, by=reader.by, at=reader.at)
    return reader.done("/me#emails", _("Saved."))


@pages.get("/me/sessions", response_class=HTMLResponse)
def list_sessions(reader: SignedIn, secret: Secret = None) -> HTMLResponse:
    """The browsers in which one is signed in, the one used last first, and the tokens of one's programs."""
    found = sorted(access.sessions(reader.session, by=reader.by), key=lambda session: session.last_seen_at, reverse=True)
    keys = tokens.tokens(reader.session, after=None, limit=100, by=reader.by)
    this = tokens.digest(secret) if secret else None
    return reader.page("everyone/sessions.html", sessions=found, this=this, tokens=keys, browser_name=browser_name)


@pages.post("/me/sessions/others/end")
def end_other_sessions(reader: SignedIn, secret: Secret = None) -> RedirectResponse:
    """Sign every other browser out."""
    ended = access.end_other_sessions(reader.session, secret, by=reader.by)
    return reader.done("/me/sessions", n_("{count} browser was signed out.", "{count} browsers were signed out.", ended))


@pages.post("/me/sessions/{key}/end")
def end_session(key: str, reader: SignedIn) -> RedirectResponse:
    """Sign one browser out."""
    access.end_session(reader.session, key, by=reader.by)
    return reader.done("/me/sessions", _("That browser is signed out."))
