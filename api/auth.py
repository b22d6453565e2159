"""Signing in by a link in an email; tokens for programs."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.deps import At, By, FromRow, Listing, Page, Tx, page_of
from api.forms import EmailAddress
from api.scopes import needs_scope
from campaigns.core import access, throttle, tokens
from campaigns.core.factors.codes import use_code
from campaigns.core.factors.rules import count_try
from campaigns.core.people import actor_for
from campaigns.core.tokens import ApiToken
from workers.transactions import unit_of_work

router = APIRouter(tags=["sign-in"], dependencies=[needs_scope("account")])


class LinkAsked(BaseModel):
    email: EmailAddress


class LinkSpent(BaseModel):
    secret: str = Field(
        max_length=200, description="The last part of the link in the email.", examples=["Zk3hT1Yq8o2xWvB7nR5uJmD0cLeSaPfGiKtQyXzVwEs"]
    )
    name: str = Field("sign-in", max_length=80, description="What the token is for.", examples=["laptop"])
    code: str | None = Field(None, max_length=20, description="Where money is real: a code from your authenticator app.")


class TokenAsked(BaseModel):
    name: str = Field(max_length=80, examples=["import script"])
    scopes: set[Annotated[str, Field(max_length=40)]] = Field(
        description="What the token may be used for, as each route names it, or `*`.", examples=[["open_call", "collaboration"]]
    )


class TokenShown(FromRow):
    """A token; its secret is shown once, on creation."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime
    last_used_at: datetime | None = None
    secret: str | None = None

    @classmethod
    def of(cls, token: ApiToken, secret: str) -> "TokenShown":
        return cls.model_validate(token).model_copy(update={"secret": secret})


class TokenList(Listing):
    items: list[TokenShown]


@router.post("/sign-in", status_code=202, response_class=Response)
def ask_for_link(body: LinkAsked, request: Request, session: Tx, at: At) -> Response:
    """Send a sign-in link to this address; the answer is the same for every address."""
    access.ask_for_link(session, body.email, place=place_of(request), at=at)
    return Response(status_code=202)


def one_try(request: Request) -> None:
    """Count a try to spend a link, in a transaction of its own, which stays when the try is refused; raises TooMany."""
    with unit_of_work() as session:
        throttle.take(session, f"link tried from {network_of(request)}", access.LINKS_FROM_ONE_PLACE)


def place_of(request: Request) -> str | None:
    """Where in the network the request comes from."""
    return request.client.host if request.client else None


def network_of(request: Request) -> str | None:
    """Whom a limit counts the request against."""
    return throttle.network_of(place_of(request))


@router.post("/sign-in/token", status_code=201, dependencies=[Depends(one_try)])
def spend_link(body: LinkSpent, session: Tx, at: At) -> TokenShown:
    """Exchange the link of a sign-in email for a bearer token; an email tells its owner."""
    by = actor_for(session, access.use_link(session, body.secret))
    if body.code is not None:
        with unit_of_work() as alone:
            count_try(alone, by.person)
        use_code(session, body.code, by=by, at=at)
        by = replace(by, is_proven=True)
    return TokenShown.of(*tokens.create_token(session, body.name, by=by, at=at))


@router.get("/tokens")
def list_tokens(session: Tx, by: By, page: Page) -> TokenList:
    """List your own valid tokens, newest first."""
    found = tokens.tokens(session, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda token: token.id)
    return TokenList(items=[TokenShown.model_validate(token) for token in shown], next=following)


@router.post("/tokens", status_code=201)
def create_token(body: TokenAsked, session: Tx, by: By, at: At) -> TokenShown:
    """Create another token of your own. Its scopes are no wider than this token's, and it expires no later and is revoked with it."""
    return TokenShown.of(*tokens.create_token(session, body.name, frozenset(body.scopes), by=by, at=at))


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: UUID, session: Tx, by: By) -> None:
    """Revoke one of your tokens and those that were created with it."""
    tokens.revoke_token(session, token_id, by=by)
