"""The collaboration over HTTP and as pages: a contribution among its relatives, remixes, claims of influence."""

from fastapi import APIRouter

from api.collaboration import claim_pages, contribution_pages, lineage, remix_pages, routes
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(dependencies=[needs_scope("collaboration")])
router.include_router(lineage.router)
router.include_router(routes.router)
pages = APIRouter()
for room in (contribution_pages, remix_pages, claim_pages):
    pages.include_router(room.pages)
