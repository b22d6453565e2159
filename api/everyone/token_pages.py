"""The tokens of one's programs: created, shown once, ended."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.everyone.in_browser import require_browser
from api.reader import SignedIn
from api.wording import scope_name
from campaigns.core import tokens
from campaigns.core.permissions import EVERYTHING, SCOPES
from campaigns.core.words import _

pages = APIRouter(dependencies=[Depends(require_browser)])


class TokenForm(BaseModel):
    """What the program is called and what it may do; a box that is not ticked is not sent."""

    name: str = Field(min_length=1, max_length=80)
    scopes: set[Annotated[str, Field(max_length=40)]] = set()


@pages.get("/me/tokens/new", response_class=HTMLResponse)
def ask_for_token(reader: SignedIn) -> HTMLResponse:
    """Where one says what the program is called and what it may do."""
    choices = sorted(((scope, scope_name(scope)) for scope in SCOPES - {EVERYTHING}), key=lambda choice: choice[1])
    return reader.page("everyone/new_token.html", choices=[(EVERYTHING, scope_name(EVERYTHING)), *choices])


@pages.post("/me/tokens", response_class=HTMLResponse)
def create_token(form: Annotated[TokenForm, Form()], reader: SignedIn) -> HTMLResponse:
    """Create a token and show its secret, this once."""
    token, secret = tokens.create_token(reader.session, form.name, frozenset(form.scopes), by=reader.by, at=reader.at)
    return reader.page("everyone/token.html", token=token, secret=secret)


@pages.post("/me/tokens/{token_id}/end")
def end_token(token_id: UUID, reader: SignedIn) -> RedirectResponse:
    """End a program's token."""
    tokens.revoke_token(reader.session, token_id, by=reader.by)
    return reader.done("/me/sessions", _("The token is revoked."))
