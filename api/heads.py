"""How large the head of a request may be, and which cookies are read: ours alone, as they stand.

Python before 3.11.10 and 3.12.6 takes a quoted cookie apart in quadratic time (CVE-2024-7592); no value of ours is quoted, so none is read.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.deps import COOKIE

LARGEST_HEAD = 16 * 1024
MOST_HEADERS = 100
# `multipart/form-data` with the longest boundary that there may be, and some.
LONGEST_KIND = 200
END_OF_HEAD = re.compile(rb"\n\r?\n")
Headers = list[tuple[bytes, bytes]]
AS_IT_STANDS = re.compile(rb"[!#-+\--:<-\[\]-~]*")  # what a cookie's value may hold by RFC 6265: no quote, comma, semicolon or backslash


def is_endless(came: bytes) -> bool:
    """Whether what came on a line is no head yet and is longer than any, or begins with one that is."""
    return len(came) > LARGEST_HEAD and not END_OF_HEAD.search(came, 0, LARGEST_HEAD)


class BoundedHeads:
    """Refuses a head larger than LARGEST_HEAD with 431, and hands on of its cookies only ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if is_too_large(scope):
            return await errors.head_too_large().as_json()(scope, receive, send)
        scope["headers"] = with_own_cookies(scope["headers"])
        return await self.app(scope, receive, send)


def is_too_large(scope: Scope) -> bool:
    """Whether a head is longer than any that we read, in all, in lines or in its kind of body."""
    headers: Headers = scope["headers"]
    length = len(scope["path"]) + len(scope["query_string"]) + sum(len(name) + len(value) + len(": \r\n") for name, value in headers)
    kind = max((len(value) for name, value in headers if name == b"content-type"), default=0)
    return length > LARGEST_HEAD or len(headers) > MOST_HEADERS or kind > LONGEST_KIND


def with_own_cookies(headers: Headers) -> Headers:
    """The headers with one header for the cookies that are ours."""
    cookies = b";".join(value for name, value in headers if name == b"cookie")
    if not cookies:
        return headers
    own = own_cookies(cookies)
    others = [(name, value) for name, value in headers if name != b"cookie"]
    return [*others, (b"cookie", own)] if own else others


def own_cookies(cookies: bytes) -> bytes:
    """Of what a Cookie header holds, what may be one of ours."""
    parts = (part.strip().partition(b"=") for part in cookies.split(b";"))
    kept = [name + b"=" + value for name, _sign, value in parts if name.startswith(COOKIE.encode()) and AS_IT_STANDS.fullmatch(value)]
    return b"; ".join(kept)
