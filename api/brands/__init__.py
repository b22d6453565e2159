"""The brands and their own people: over HTTP and as pages."""

from fastapi import APIRouter

from api.brands import billing_page, brand_pages, confirming, merge_pages, people_page, routes
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(tags=["people"], dependencies=[needs_scope("brand")])
pages = APIRouter()
for part in (routes, confirming, billing_page):
    router.include_router(part.router)
for page in (brand_pages, people_page, merge_pages, confirming, billing_page):
    pages.include_router(page.pages)
