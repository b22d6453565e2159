"""What an operator looks at, and the sandbox in which a newcomer tries everything out."""

from fastapi import APIRouter

from api.operator import (
    appointment_pages,
    appointments,
    routes,
    sandbox_pages,
    security_pages,
    security_routes,
    staff_pages,
    status_pages,
)
from api.scopes import needs_scope

__all__ = ["pages", "router"]

router = APIRouter(dependencies=[needs_scope("campaign")])
for part in (routes, security_routes, appointments):
    router.include_router(part.router)
pages = APIRouter()
for room in (sandbox_pages, status_pages, security_pages, staff_pages, appointment_pages):
    pages.include_router(room.pages)
