"""What a person does in a browser and no program does for them."""

from fastapi import Request, Response

from api.deps import COOKIE
from campaigns.core.errors import Forbidden
from campaigns.core.words import _


class InABrowser(Forbidden):
    """A token cannot do this."""


def require_browser(request: Request) -> None:
    """Raise InABrowser for a program: a token that is stolen must not make itself a way in, nor prove that it is its owner."""
    if "authorization" in request.headers:
        raise InABrowser(_("Only a person in a browser can do this; a token cannot."))


def keep_session(answer: Response, secret: str) -> None:
    """Have the browser carry this session from now on."""
    answer.set_cookie(COOKIE, secret, secure=True, httponly=True, samesite="lax", path="/")
