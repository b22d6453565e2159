"""What people write, in a form or as JSON, looked at once for the whole application before any of it is used."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from campaigns.core import writing
from campaigns.core.errors import Invalid


class Unwritable(Invalid):
    """A text with characters that hide something, or that turn round what stands beside them."""


FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_form(request: Request) -> bool:
    """Whether a form was sent."""
    return request.method == "POST" and request.headers.get("content-type", "").startswith(FORM_TYPES)


async def guard_words(request: Request) -> None:
    """Raise Unwritable for the first text of a form or of JSON that cannot be taken; a body that a route reads itself is its own."""
    if is_form(request):
        await request.form()  # also where the route asks for no field: it says on which page the form was
    for field, text in _texts(getattr(request, "_form", None) or getattr(request, "_json", None)):
        if fault := writing.fault(text):
            raise Unwritable(fault, field=field)


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    """Every text in a body, however deep it lies, with the name of its field."""
    left = [("", body)]
    while left:
        field, part = left.pop()
        if isinstance(part, str):
            yield field, part
        else:
            left += [(f"{field}.{name}".lstrip("."), within) for name, within in reversed(_parts(part))]


def _parts(whole: Any) -> list[tuple[Any, Any]]:
    if isinstance(whole, FormData):
        return whole.multi_items()
    if isinstance(whole, dict):
        return list(whole.items())
    return list(enumerate(whole)) if isinstance(whole, list) else []
