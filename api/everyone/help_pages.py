"""Help where it is needed: what each role does, and how."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.reader import Visitor
from campaigns.core.permissions import BRAND_ROLES, Role

pages = APIRouter()
SAME_WORK = {**dict.fromkeys(BRAND_ROLES, "brand"), Role.EDITOR: "editor", Role.LEADER: "editor"}


@pages.get("/help", response_class=HTMLResponse)
def show_help(visitor: Visitor) -> HTMLResponse:
    """What Callboard is, and the reader's own work first."""
    held = {SAME_WORK.get(grant.role, grant.role.value) for grant in visitor.by.grants}
    return visitor.page("everyone/help.html", held=held - {"artist", "member"} or {"artist"})
