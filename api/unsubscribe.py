"""The link in an email that one may do without, which ends emails of its kind: a page to confirm, and the one click of RFC 8058."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.reader import Visitor
from notifications import unsubscribing

router = APIRouter()


@router.get("/unsubscribe/{token}", response_class=HTMLResponse)
def ask(token: str, visitor: Visitor) -> HTMLResponse:
    """Ask for a click: following a link must not unsubscribe anyone."""
    return visitor.page("emails/unsubscribe.html", token=token, address=None)


@router.post("/unsubscribe/{token}", response_class=HTMLResponse)
def unsubscribe(token: str, visitor: Visitor) -> HTMLResponse:
    """Send no more emails of its kind to the address that got the email; no cookie is read, no redirect given."""
    address = unsubscribing.unsubscribe(visitor.session, token, at=visitor.at)
    return visitor.page("emails/unsubscribe.html", token=token, address=address)
