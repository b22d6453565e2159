"""Looking for campaigns, contributions and people by a few words."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.reader import SignedIn
from campaigns.oversight.searches import FEWEST, OF_EACH, search

pages = APIRouter()


@pages.get("/search", response_class=HTMLResponse)
def show_search(reader: SignedIn, q: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """What the words find."""
    found = search(reader.session, q, by=reader.by)
    return reader.page("everyone/search.html", words=q.strip(), found=found, is_too_short=0 < len(q.strip()) < FEWEST, most=OF_EACH)
