"""What a browser sends by itself, its cookie, counts for a change only when one of our own pages asked for it."""

from urllib.parse import urlsplit

from fastapi import Request

from api.deps import COOKIE
from campaigns.core.errors import Forbidden
from campaigns.core.settings import settings
from campaigns.core.words import _

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSite(Forbidden):
    """Another site's page asked for it, or nobody can tell that it was ours."""


async def guard_cookie(request: Request) -> None:
    """Raise CrossSite for a change that rests on the cookie and was not asked for by our own page; a bearer token needs no such proof."""
    rests_on_cookie = COOKIE in request.cookies and "authorization" not in request.headers
    if rests_on_cookie and request.method not in SAFE_METHODS:
        require_own_page(request)


def require_own_page(request: Request) -> None:
    """Raise CrossSite unless the browser says that a page of ours sent this: by Sec-Fetch-Site, or by Origin where it knows no better."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site != "same-origin" if site is not None else origin != _own_origin():
        raise CrossSite(_("This did not come from a page of Callboard's; open Callboard itself and do it there."))


def _own_origin() -> str:
    own = urlsplit(settings().public_url)
    return f"{own.scheme}://{own.netloc}"
