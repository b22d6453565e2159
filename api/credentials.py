"""What a request shows of who sends it, a token or a session, and whether we know it: asked before anything is done with its body."""

from contextlib import asynccontextmanager

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from api.deps import COOKIE, transaction
from campaigns.core import access, tokens


def bearer_of(request: Request) -> str | None:
    """The token that the request bears; None for any other kind of authorization."""
    scheme, secret = get_authorization_scheme_param(request.headers.get("authorization"))
    return secret if scheme.lower() == "bearer" and secret else None


async def is_bearer_known(request: Request) -> bool:
    """Whether the request bears a token that works."""
    secret = bearer_of(request)
    if secret is None:
        return False
    async with asynccontextmanager(transaction)() as session:
        return await run_in_threadpool(tokens.is_token_known, session, secret)


async def is_sender_known(request: Request) -> bool:
    """Whether the request shows a token that works or a session of ours."""
    if await is_bearer_known(request):
        return True
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return False
    async with asynccontextmanager(transaction)() as session:
        return await run_in_threadpool(access.is_session_known, session, cookie)
