"""The front door: everyone is led to the first of their own rooms."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.reader import Visitor

router = APIRouter()


@router.get("/")
def front_door(visitor: Visitor) -> RedirectResponse:
    """On to the reader's first room."""
    return RedirectResponse(visitor.rooms[0].address, 303)
