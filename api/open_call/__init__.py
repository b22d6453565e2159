"""The open call over HTTP and as pages: the call that everyone may read, uploads, contributions, screening, questions."""

from fastapi import APIRouter

from api.open_call import (
    call,
    call_pages,
    contribute_pages,
    contributions,
    credits_pages,
    gallery_pages,
    own_contribution_pages,
    questions,
    screening,
    screening_pages,
    uploads,
)
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(tags=["open_call"], dependencies=[needs_scope("open_call")])
pages = APIRouter()
for part in (call, questions, contributions, screening, uploads):
    router.include_router(part.router)
for room in (call_pages, gallery_pages, contribute_pages, own_contribution_pages, credits_pages, screening_pages):
    pages.include_router(room.pages)
