"""The pages of versions under the addresses that emails gave while versions were called cuts."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

pages = APIRouter()


@pages.get("/cuts")
@pages.get("/cuts/{version_id}")
@pages.get("/cuts/{version_id}/package")
def lead_to_version(request: Request) -> RedirectResponse:
    """On to the same page where it is now, for good."""
    now = request.url.replace(scheme="", netloc="", path=f"/versions{request.url.path.removeprefix('/cuts')}")
    return RedirectResponse(str(now), 301)
