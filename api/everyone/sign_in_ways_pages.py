"""The ways in which one can sign in and prove oneself: passkeys, and an app that shows codes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Cookie, Depends, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import BaseModel, Field

from api.deps import COOKIE
from api.everyone.in_browser import require_browser
from api.everyone.proof_pages import one_try, proven
from api.reader import Reader, SignedIn
from campaigns.core.factors import codes, passkeys
from campaigns.core.permissions import ASKS_FOR_PROOF
from campaigns.core.settings import settings
from campaigns.core.words import _

pages = APIRouter(dependencies=[Depends(require_browser)])
Secret = Annotated[str, Cookie(alias=COOKIE)]


class PasskeyForm(BaseModel):
    """The browser's answer, JSON, and what the person calls the device."""

    answer: str = Field(max_length=20_000)
    name: str = Field("", max_length=80)


class FirstCode(BaseModel):
    code: str = Field(max_length=12)


@pages.get("/me/sign-in", response_class=HTMLResponse)
def show_ways(reader: SignedIn) -> HTMLResponse:
    """One's passkeys, one's app, and whether one needs them."""
    return reader.page(
        "everyone/sign_in_ways.html",
        email=reader.me.email,
        passkeys=passkeys.passkeys(reader.session, by=reader.by),
        app=codes.code_app(reader.session, by=reader.by),
        approves_money=any(reader.by.granting(permission) for permission in ASKS_FOR_PROOF),
        is_required=settings().moves_real_money,
    )


@pages.post("/me/sign-in/passkeys/question")
def ask_new_passkey(reader: SignedIn) -> Response:
    """What the browser is asked, to make a passkey."""
    question = passkeys.creation_options(reader.session, by=reader.by, at=reader.at)
    return Response(question, media_type="application/json", headers={"Cache-Control": "no-store"})


@pages.post("/me/sign-in/passkeys")
def add_passkey(form: Annotated[PasskeyForm, Form()], reader: SignedIn, secret: Secret) -> RedirectResponse:
    """Keep a new passkey; whoever has just made one has proven themselves with it, if it counts."""
    key = passkeys.add_passkey(reader.session, form.answer, form.name, by=reader.by, at=reader.at)
    if later := _later(key.counts_from, reader):
        return later
    return proven(reader, secret, "/me/sign-in", _("Passkey added. You can now sign in with it."), way="passkey")


def _later(counts_from: datetime | None, reader: Reader) -> RedirectResponse | None:
    """The answer where what was added does not count yet: it has proven nothing."""
    if counts_from is None or counts_from <= reader.at:
        return None
    moment = counts_from.astimezone(reader.zone)
    return reader.done("/me/sign-in", _("Added. It can confirm your identity from {moment:%d %B %Y, %H:%M %Z} on.", moment=moment))


@pages.post("/me/sign-in/passkeys/{passkey_id}/remove")
def remove_passkey(passkey_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Forget a passkey."""
    passkeys.remove_passkey(reader.session, passkey_id, by=reader.by, at=reader.at)
    return reader.done("/me/sign-in", _("Passkey removed. Delete it on your device too."))


@pages.post("/me/sign-in/app")
def begin_app(reader: SignedIn) -> RedirectResponse:
    """Begin to add an app that shows codes."""
    codes.begin(reader.session, by=reader.by, at=reader.at)
    return reader.done("/me/sign-in/app")


@pages.get("/me/sign-in/app", response_class=HTMLResponse)
def show_app(reader: SignedIn) -> Response:
    """The picture that the app reads, and the same in letters."""
    app = codes.code_app(reader.session, by=reader.by)
    if app is None or app.confirmed_at is not None:
        return reader.done("/me/sign-in")
    address = codes.address(reader.session, by=reader.by)
    picture = segno.make(address, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=True)
    return reader.page("everyone/code_app.html", picture=Markup(picture), key=codes.key_in(address), address=address)  # nosec B704  # noqa: S704 - segno's


@pages.post("/me/sign-in/app/confirm", dependencies=[Depends(one_try)])
def confirm_app(form: Annotated[FirstCode, Form()], reader: SignedIn, secret: Secret) -> RedirectResponse:
    """Add the app, with a first code that it shows."""
    app = codes.confirm(reader.session, form.code, by=reader.by, at=reader.at)
    if later := _later(app.counts_from, reader):
        return later
    return proven(reader, secret, "/me/sign-in", _("App added. Its codes can now confirm your identity."), way="code")


@pages.post("/me/sign-in/app/remove")
def remove_app(reader: SignedIn) -> RedirectResponse:
    """Forget the app."""
    codes.remove_app(reader.session, by=reader.by, at=reader.at)
    return reader.done("/me/sign-in", _("App removed. Delete its entry for Callboard in the app too."))
