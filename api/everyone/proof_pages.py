"""Proving that it is oneself: with a code of one's app, or with a passkey."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.deps import COOKIE
from api.everyone.in_browser import keep_session, require_browser
from api.problem_pages import own_address
from api.reader import Reader, SignedIn
from campaigns.core import access
from campaigns.core.factors import codes, passkeys
from campaigns.core.factors.rules import count_try, has_factor, require_cooled
from campaigns.core.words import _
from workers.transactions import unit_of_work

pages = APIRouter(dependencies=[Depends(require_browser)])
Secret = Annotated[str, Cookie(alias=COOKIE)]


def one_try(secret: Secret = "") -> None:  # nosec B107  # no session, no secret
    """Count a try in a transaction of its own, which stays when the try is refused; raises TooMany."""
    with unit_of_work() as session:
        by = access.actor_of_session(session, secret)
        count_try(session, by.person)


class CodeForm(BaseModel):
    """Six figures, with or without a space between them."""

    code: str = Field(max_length=12)
    then: str = Field("/", max_length=2000)


class PasskeyProofForm(BaseModel):
    """What the browser says after it has asked for a passkey; JSON."""

    answer: str = Field(max_length=20_000)
    then: str = Field("/", max_length=2000)


@pages.get("/prove", response_class=HTMLResponse)
def ask_for_proof(reader: SignedIn, then: str = "/") -> Response:
    """Where one proves that it is oneself, with whatever one has."""
    if not has_factor(reader.session, reader.by.person, reader.at):
        return reader.done("/me/sign-in", _("Add a passkey or an app first. Once it is in effect, you can confirm your identity with it."))
    return reader.page(
        "everyone/prove.html",
        then=own_address(then) or "/",
        has_app=codes.has_code_app(reader.session, reader.by.person),
        has_passkey=bool(passkeys.passkeys(reader.session, by=reader.by)),
    )


@pages.post("/prove", dependencies=[Depends(one_try)])
def prove_by_code(form: Annotated[CodeForm, Form()], reader: SignedIn, secret: Secret) -> RedirectResponse:
    """Prove it with a code of one's app."""
    codes.use_code(reader.session, form.code, by=reader.by, at=reader.at)
    return proven(reader, secret, form.then, way="code")


@pages.post("/prove/passkey", dependencies=[Depends(one_try)])
def prove_by_passkey(form: Annotated[PasskeyProofForm, Form()], reader: SignedIn, secret: Secret) -> RedirectResponse:
    """Prove it with one's passkey."""
    require_cooled(passkeys.use_passkey(reader.session, form.answer, reader.by.person).counts_from, reader.at)
    return proven(reader, secret, form.then, way="passkey")


@pages.post("/prove/passkey/question")
def ask_passkey(reader: SignedIn) -> Response:
    """What the browser asks one's passkey."""
    question = passkeys.request_options(reader.session, reader.by.person)
    return Response(question, media_type="application/json", headers={"Cache-Control": "no-store"})


def proven(reader: Reader, secret: str, then: str, said: str | None = None, *, way: str) -> RedirectResponse:
    """On to where the reader was, from now on proven, under a new secret."""
    there = reader.done(own_address(then) or "/", said or _("Your identity is confirmed for the next half hour."))
    keep_session(there, access.prove_session(reader.session, secret, way=way, by=reader.by))
    return there
