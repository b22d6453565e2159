"""The API's documentation, drawn from its own description by files that Callboard serves itself."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.reader import Visitor

router = APIRouter()


@router.get("/docs", response_class=HTMLResponse)
def documentation(visitor: Visitor) -> HTMLResponse:
    """Show every action and query, with examples to try out."""
    return visitor.page("docs.html")
