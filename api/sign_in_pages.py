"""The pages at the door: asking for a link, the click that spends it, and out again."""

from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Cookie, Depends, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth import network_of, one_try, place_of
from api.deps import COOKIE
from api.everyone.in_browser import keep_session
from api.forms import EmailAddress
from api.problem_pages import NEXT, own_address
from api.reader import Reader, Visitor
from campaigns.core import access, throttle
from campaigns.core.factors import passkeys

router = APIRouter()
Session = Annotated[str | None, Cookie(alias=COOKIE)]
CameFor = Annotated[str, Cookie(alias=NEXT)]
# What a browser keeps of ours beside cookies, which others at our domain may have too: files, and words that were not sent.
WHAT_WAS_READ = '"cache", "storage"'


@router.get("/sign-in", response_class=HTMLResponse)
def door(visitor: Visitor) -> HTMLResponse:
    """Where one asks for a sign-in link."""
    return visitor.page("access/ask.html", asked=None)


@router.post("/sign-in")
def ask_for_link(email: Annotated[EmailAddress, Form()], visitor: Visitor) -> HTMLResponse:
    """Send a sign-in link; the page says the same for every address."""
    access.ask_for_link(visitor.session, email, place=place_of(visitor.request), at=visitor.at)
    return visitor.page("access/ask.html", asked=email)


@router.get("/sign-in/{secret}", response_class=HTMLResponse)
def confirm_sign_in(secret: str, visitor: Visitor) -> HTMLResponse:
    """Ask for a click, and say for whom: mail scanners follow links, and must not spend them, and a link may be somebody else's."""
    return visitor.page("access/sign_in.html", secret=secret, address=access.link_address(visitor.session, secret))


@router.post("/sign-in/passkey/question")
def ask_passkey(visitor: Visitor) -> Response:
    """What the browser asks the passkeys that it knows of."""
    throttle.take(visitor.session, f"passkey from {network_of(visitor.request)}", access.LINKS_FROM_ONE_PLACE)
    question = passkeys.request_options(visitor.session)
    return Response(question, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("/sign-in/passkey")
def sign_in_by_passkey(
    answer: Annotated[str, Form(max_length=20_000)], visitor: Visitor, old: Session = None, came_for: CameFor = "/"
) -> RedirectResponse:
    """Open a browser session for whoever's passkey answers, which proves who they are unless it is too new."""
    key = passkeys.use_passkey(visitor.session, answer)
    return _let_in(visitor, key.person_id, old, came_for, way="passkey", is_proven=key.counts_from is None or key.counts_from <= visitor.at)


@router.post("/sign-in/{secret}", dependencies=[Depends(one_try)])
def sign_in(secret: str, visitor: Visitor, old: Session = None, came_for: CameFor = "/") -> RedirectResponse:
    """Spend the link and open a browser session."""
    person_id = access.use_link(visitor.session, secret)
    return _let_in(visitor, person_id, old, came_for, way="link", is_proven=False)


def _let_in(visitor: Reader, person_id: UUID, old: str | None, came_for: str, *, way: str, is_proven: bool) -> RedirectResponse:
    """On to what they came for, with a session in place of the one before."""
    if old:
        access.close_session(visitor.session, old)
    agent = visitor.request.headers.get("user-agent")
    place = place_of(visitor.request)
    secret = access.open_session(visitor.session, person_id, way=way, agent=agent, place=place, is_proven=is_proven)
    there = visitor.done(own_address(unquote(came_for)) or "/")
    keep_session(there, secret)
    _forget(there, NEXT)
    return there


@router.post("/sign-out")
def sign_out(visitor: Visitor, session: Session = None) -> RedirectResponse:
    """End the browser session."""
    if session:
        access.close_session(visitor.session, session)
    there = visitor.done("/sign-in")
    there.headers["Clear-Site-Data"] = WHAT_WAS_READ
    _forget(there, COOKIE)
    return there


def _forget(answer: Response, cookie: str) -> None:
    answer.delete_cookie(cookie, secure=True, httponly=True, samesite="lax", path="/")
