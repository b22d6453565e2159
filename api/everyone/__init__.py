"""What everyone does, whatever their role: who they are, how they prove it, what waits for them, what they look for."""

from fastapi import APIRouter

from api.everyone import help_pages, notification_pages, profile_pages, proof_pages, routes, search_pages, sign_in_ways_pages, token_pages

__all__ = ["pages", "router"]

router = routes.router
pages = APIRouter()
for room in (profile_pages, token_pages, sign_in_ways_pages, proof_pages, notification_pages, search_pages, help_pages):
    pages.include_router(room.pages)
