"""The brief over HTTP and as pages: campaigns, their text and deliverables, signatures, funding, launch."""

from fastapi import APIRouter

from api.brief import (
    begin_pages,
    campaigns,
    deliverable_pages,
    example,
    funding,
    funding_pages,
    overview_page,
    signatures,
    signing_pages,
    text,
    writing_pages,
)
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(tags=["brief"], dependencies=[needs_scope("brief")])
pages = APIRouter()
for part in (campaigns, text, signatures, funding):
    router.include_router(part.router)
for room in (begin_pages, overview_page, writing_pages, deliverable_pages, example, signing_pages, funding_pages):
    pages.include_router(room.pages)
