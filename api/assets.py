"""The files that browsers are given, by name, all served by Callboard itself; a page names each with the digest of its bytes."""

import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from campaigns.core.errors import NotFound
from campaigns.core.words import _

STATIC = Path(__file__).parent / "static"
MODULES = STATIC / "node_modules"
TYPEFACES = MODULES / ".typefaces"
FOR_A_YEAR = "public, max-age=31536000, immutable"
PICTURE = "image/svg+xml; charset=utf-8"
FILES = {
    "mark.svg": STATIC / "mark.svg",
    "htmx.js": MODULES / "htmx.org" / "dist" / "htmx.min.js",
    "hx-sse.js": MODULES / "htmx.org" / "dist" / "ext" / "hx-sse.min.js",
    "tus.js": MODULES / "tus-js-client" / "dist" / "tus.min.js",
    **{name: TYPEFACES / name for name in ("inter.woff2", "inter-ext.woff2", "bricolage.woff2", "bricolage-ext.woff2")},
    "swagger-ui.css": MODULES / "swagger-ui-dist" / "swagger-ui.css",
    "swagger-ui-bundle.js": MODULES / "swagger-ui-dist" / "swagger-ui-bundle.js",
    **{file.name: file for folder in ("css", "js") for file in sorted((STATIC / folder).iterdir())},
}
router = APIRouter()


@lru_cache
def address(name: str) -> str:
    """Where a file is served: under the digest of its bytes, so that a browser may keep it for ever."""
    return f"/static/{hashlib.sha256(FILES[name].read_bytes()).hexdigest()[:12]}/{name}"


@router.get("/static/{digest}/{name}", response_class=FileResponse)
def client_file(digest: str, name: str) -> FileResponse:  # noqa: ARG001 - the digest is there for the browser's memory
    """One of the few files that browsers are given."""
    if name not in FILES:
        raise NotFound(_("There is no such file."))
    return FileResponse(FILES[name], headers={"Cache-Control": FOR_A_YEAR}, media_type=PICTURE if name.endswith(".svg") else None)
