"""The security log as operators read it: who came in, who tried to, and who was refused what."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from api.deps import Page, page_of
from api.operator.security_words import kind_names
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.core import security_log
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.security_log import KEPT_FOR, SecurityEntry, SecurityEventKind
from campaigns.core.words import _

pages = APIRouter(prefix="/status")


@pages.get("/security", response_class=HTMLResponse)
def show_log(reader: SignedIn, page: Page, kind: SecurityEventKind | None = None) -> HTMLResponse:
    """The newest first, of one kind or of all."""
    found = security_log.entries(reader.session, kind=kind, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return reader.page(
        "operator/security.html",
        entries=shown,
        next=following,
        kinds=kind_names(),
        kind=kind.value if kind else None,
        days=KEPT_FOR.days,
    )


@pages.get("/security.csv")
def download_log(reader: SignedIn, kind: SecurityEventKind | None = None) -> StreamingResponse:
    """All of it."""
    reader.by.require(Permission.OPERATE)
    header = (_("What"), _("First"), _("Last"), _("Times"), _("Person"), _("Address"), _("From"), _("More"))
    names = kind_names()
    rows = (
        (names[entry.kind], entry.at, entry.last_at, entry.times, email, entry.subject, entry.place, entry.detail)
        for entry, email in _every(kind, reader.by)
    )
    return spreadsheet("security-log", header, rows)


def _every(kind: SecurityEventKind | None, by: Actor) -> Iterator[tuple[SecurityEntry, str | None]]:
    return all_of(
        lambda session, after: security_log.entries(session, kind=kind, after=after, limit=AT_ONCE, by=by), lambda found: found[0].id
    )
