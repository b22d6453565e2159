"""What changes something was asked for by a page of ours, or by a program that no other site's page can pass itself off as."""

from urllib.parse import urlsplit

from fastapi import Request

from api import credentials
from campaigns.core.errors import Forbidden
from campaigns.core.settings import settings
from campaigns.core.words import _

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Whoever posts there comes from outside by right: a provider that signs, and the one click of an email (RFC 8058). No cookie is read there.
FROM_OUTSIDE = ("/webhooks/", "/unsubscribe/")
BROWSERS_MARKS = ("origin", "sec-fetch-site", "cookie")
# What no page of another site can send without asking first, which we never allow; a form's kinds, text/plain among them, it can.
PROGRAMS_KINDS = frozenset({"", "application/json", "application/offset+octet-stream"})


class CrossSite(Forbidden):
    """The request came from another site's page, or its origin is unknown."""


async def guard_origin(request: Request) -> None:
    """Raise CrossSite for a change that neither our own page asked for nor a program of its own, with or without a cookie."""
    if request.method in SAFE_METHODS or request.url.path.startswith(FROM_OUTSIDE):
        return
    request.state.is_from_own_page = is_from_own_page(request)
    if not (request.state.is_from_own_page or _is_a_programs(request) or await credentials.is_bearer_known(request)):
        raise CrossSite(_("This request did not come from a Callboard page; open Callboard and do it there."))


def is_from_own_page(request: Request) -> bool:
    """Whether the browser says that a page of ours sent this: by Sec-Fetch-Site, or by Origin where it knows no better."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    return site == "same-origin" if site is not None else origin == _own_origin()


def _is_a_programs(request: Request) -> bool:
    """Whether it is for the API, of a kind that no form can be, and bears no mark of a browser: whom its token names, or a guest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_marked = any(mark in request.headers for mark in BROWSERS_MARKS)
    return request.url.path.startswith("/api/") and kind in PROGRAMS_KINDS and not is_marked


def _own_origin() -> str:
    own = urlsplit(settings().public_url)
    return f"{own.scheme}://{own.netloc}"
