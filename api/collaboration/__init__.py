"""The collaboration over HTTP and as pages: a work among its relatives, remixes, claims of influence."""

from fastapi import APIRouter

from api.collaboration import claim_pages, remix_pages, work_pages
from api.collaboration.routes import router

__all__ = ["pages", "router"]

pages = APIRouter()
for room in (work_pages, remix_pages, claim_pages):
    pages.include_router(room.pages)
