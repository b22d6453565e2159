"""Where campaigns stand: the board, one campaign, what it waits for, and what stops, ends or sends it back; over HTTP and as pages."""

from fastapi import APIRouter

from api.lifecycle import board, campaign_page, cancel_pages, cancelling, deeds, deliverable_deeds, people_page, reminders, routes
from api.lifecycle.routes import Wait
from api.scopes import needs_scope

__all__ = ["Wait", "pages", "router"]

router = APIRouter(tags=["campaign"], dependencies=[needs_scope("campaign")])
pages = APIRouter()
for part in (routes, cancelling, reminders):
    router.include_router(part.router)
for page in (board, campaign_page, deeds, cancel_pages, deliverable_deeds, people_page):
    pages.include_router(page.pages)
