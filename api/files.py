"""Files, through links that say nothing about them; what a stranger made is never run in a reader's browser."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from campaigns.core.files import FileLink, opened, storage

router = APIRouter(tags=["files"])

PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
PLAYED = {"audio/mpeg", "audio/mp4", "audio/ogg", "video/mp4", "video/webm"}
# The only HTML is what we rendered ourselves from a text, and even that is shown in a sandbox.
INLINE = frozenset({*PICTURES, *PLAYED, "text/plain", "text/html"})
SANDBOX = {
    # `default-src` says nothing of base and frames.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}


@router.get("/files/{token}", response_class=FileResponse)
def show_file(token: str) -> FileResponse:
    """Download the file that a link in one of our answers leads to, whole or in ranges."""
    return sent(opened(token))


def sent(file: FileLink) -> FileResponse:
    """The file in an answer of its own, in which nothing of it runs."""
    inline = file.mime in INLINE
    return FileResponse(
        storage().path(file.sha256),
        media_type=file.mime if inline else "application/octet-stream",
        filename=file.name,
        content_disposition_type="inline" if inline else "attachment",
        headers=SANDBOX,
    )
