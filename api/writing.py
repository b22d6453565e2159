"""What people write, in a form or as JSON, looked at once for the whole application before any of it is used."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from campaigns.core import writing
from campaigns.core.errors import Invalid

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
SIGNED = "/webhooks/"  # read by their own routes, and only once the signature is right
LONGEST_PLACE = 200
Way = tuple[Any, Any] | None


class Unwritable(Invalid):
    """A text has invisible characters, or characters that reverse the text around them."""


def is_form(request: Request) -> bool:
    """Whether a form was sent: of one of these types and of none that only begins like it, which may be read as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method == "POST" and kind in FORM_TYPES


async def guard_words(request: Request) -> None:
    """Raise Unwritable for the first text of a form or of JSON that cannot be taken; a body that a route reads itself is its own."""
    if request.url.path.startswith(SIGNED):
        return
    if is_form(request) and getattr(request, "_form", None) is None:
        await request.body()  # first, so that it can be read again
        await request.form()  # also where the route asks for no field: it says on which page the form was
    for way, text in _texts(getattr(request, "_form", None) or getattr(request, "_json", None)):
        if fault := writing.fault(text):
            raise Unwritable(fault, field=_place(way))


def _texts(body: Any) -> Iterator[tuple[Way, str]]:
    """Every text in a body, however deep it lies, with the way to it, which is written out only for what is at fault."""
    left: list[tuple[Way, Any]] = [(None, body)]
    while left:
        way, part = left.pop()
        if isinstance(part, str):
            yield way, part
        else:
            left += [((way, name), within) for name, within in reversed(_parts(part))]


def _place(way: Way) -> str:
    names: list[str] = []
    while way is not None:
        way, name = way
        names.append(str(name)[:LONGEST_PLACE])
    return ".".join(reversed(names))[:LONGEST_PLACE]


def _parts(whole: Any) -> list[tuple[Any, Any]]:
    if isinstance(whole, FormData):
        return whole.multi_items()
    if isinstance(whole, dict):
        return list(whole.items())
    return list(enumerate(whole)) if isinstance(whole, list) else []
