"""The curation, over HTTP and as pages: the rubric, curators asked, their blind desk, what they found, and what is chosen."""

from fastapi import APIRouter

from api.curation import asking, choosing, desk, desk_pages, judging_pages, manager_pages, selection_pages
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(tags=["curation"], dependencies=[needs_scope("curation")])
pages = APIRouter()
for part in (asking, desk, choosing):
    router.include_router(part.router)
for page in (desk_pages, judging_pages, manager_pages, selection_pages):
    pages.include_router(page.pages)
