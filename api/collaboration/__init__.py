"""The collaboration over HTTP and as pages: a work among its relatives, remixes, claims of influence."""

from fastapi import APIRouter

from api.collaboration import claim_pages, lineage, remix_pages, routes, work_pages
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(dependencies=[needs_scope("collaboration")])
router.include_router(lineage.router)
router.include_router(routes.router)
pages = APIRouter()
for room in (work_pages, remix_pages, claim_pages):
    pages.include_router(room.pages)
