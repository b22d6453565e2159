"""Client delivery: versions and their notes, decisions and the package over HTTP; deliveries, versions and the review room as pages."""

from fastapi import APIRouter

from api.client_delivery import former_pages, lists, making_credits, making_page, notes, room_deeds, room_page, versions
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(tags=["client_delivery"], dependencies=[needs_scope("client_delivery")])
pages = APIRouter()
for part in (versions, notes, making_credits):
    router.include_router(part.router)
for page in (lists, making_page, room_page, room_deeds, making_credits, former_pages):
    pages.include_router(page.pages)
