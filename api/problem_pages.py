"""A refusal as a person meets it: the form again with what was typed, the way to sign in, or a page that says what to do."""

from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.types import Message, Receive, Scope, Send

from api.headers import language
from api.pages import answer
from api.writing import is_form

NEXT = "__Host-cb-next"
NEXT_FOR_SECONDS = 1800
PAGE = "_page"
OF_A_BODY = frozenset({b"content-type", b"content-length", b"transfer-encoding"})


def is_for_a_person(request: Request) -> bool:
    """Whether a browser asks for a page."""
    wants_page = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return wants_page and not request.url.path.startswith("/api/")


async def answer_person(
    request: Request, status: int, name: str, sentence: str, refused: Mapping[str | None, str], headers: Mapping[str, str]
) -> Response:
    """The answer to someone at a page whose request was refused."""
    form = _form(request)
    if status == 401:
        return _asked_to_sign_in(request, form)
    if name == "ProofNeeded":
        return _asked_to_prove(request, form, sentence)
    if form is not None and status != 404 and (page := own_address(str(form.get(PAGE, "")))):
        return PageAgain(page, status, refused, form, request.url.path)
    typed = form or getattr(request.state, "typed", None)
    locale = language(request.headers.get("accept-language", ""))
    shown = answer("problem.html", locale, status, sentence=sentence, code=status, kept=_words(typed) if typed else [])
    shown.headers.update({name: value for name, value in headers.items() if name != "WWW-Authenticate"})
    return shown


def _form(request: Request) -> FormData | None:
    """What was typed, of a form that came from our own page: what another site's page filled in is shown to nobody as their own."""
    if not getattr(request.state, "is_from_own_page", False):
        return None
    # Read before it was refused: a body that was never read would be waited for.
    return getattr(request, "_form", None) if is_form(request) else None


def own_address(written: str) -> str | None:
    """An address within Callboard, or None: no form and no link may send a reader elsewhere."""
    is_own = written.startswith("/") and not written.startswith(("//", "/\\")) and written.isprintable()
    return written if is_own else None


def _asked_to_sign_in(request: Request, form: FormData | None) -> Response:
    locale = language(request.headers.get("accept-language", ""))
    if form is not None:
        return answer("access/session_over.html", locale, 401, action=request.url.path, typed=_typed(form))
    to_sign_in = RedirectResponse("/sign-in", 303)
    if request.method == "GET":
        came_for = f"{request.url.path}?{request.url.query}".rstrip("?")
        to_sign_in.set_cookie(
            NEXT, quote(came_for, safe=""), max_age=NEXT_FOR_SECONDS, secure=True, httponly=True, samesite="lax", path="/"
        )
    return to_sign_in


def _asked_to_prove(request: Request, form: FormData | None, sentence: str) -> Response:
    """What was asked for waits on a page until the reader has proven, in another tab, that it is them."""
    locale = language(request.headers.get("accept-language", ""))
    typed = _typed(form) if form is not None else []
    return answer("access/prove_first.html", locale, 403, action=request.url.path, typed=typed, sentence=sentence)


def _typed(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _words(form: FormData) -> list[str]:
    """What was written in words, for a page that has no field for it any more."""
    return [value for name, value in _typed(form) if name != PAGE and " " in value.strip()]


class PageAgain(Response):
    """The page that a form was on, once more: with what was typed, and each sentence beside its field."""

    def __init__(self, page: str, status: int, refused: Mapping[str | None, str], typed: FormData, sent_to: str) -> None:
        super().__init__(status_code=status)
        self.path, _, self.query = page.partition("?")
        self.state: MutableMapping[str, Any] = {"refused": refused, "typed": typed, "sent_to": sent_to}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the page reads no body
        headers = [(name, value) for name, value in scope["headers"] if name not in OF_A_BODY]
        asked = {"method": "GET", "path": self.path, "raw_path": self.path.encode(), "query_string": self.query.encode()}
        await scope["app"].router({**scope, **asked, "headers": headers, "state": self.state}, _nothing, self._with_status(send))

    def _with_status(self, send: Send) -> Send:
        async def send_refused(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["status"] = self.status_code
            await send(message)

        return send_refused


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
