"""The checks in a browser: what must always be true, whether it is, and in what the provider and our books differ."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.reader import OnceForm, SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.installation.checks import CHAINED, INVARIANTS, broken
from campaigns.ledger.queries import totals
from campaigns.payout.reconciliations import queries as reconciliation_queries
from campaigns.payout.reconciliations.actions import ask_reconciliation

pages = APIRouter()
SENTENCES = (*((each.name, each.sentence) for each in INVARIANTS), CHAINED)


@pages.get("/checks", response_class=HTMLResponse)
def show_checks(reader: SignedIn, page: Page, now: bool = False) -> HTMLResponse:
    """What is checked; asked `now`, whether each holds; and what the comparison with the provider has found."""
    found = reconciliation_queries.discrepancies(reader.session, by=reader.by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    return reader.page(
        "ledger/checks.html",
        sentences=SENTENCES,
        faults={fault.name: fault for fault in broken(reader.session)} if now else None,
        differences=shown,
        converted=totals(reader.session, "conversion"),
        next=following,
    )


@pages.post("/checks/reconciliation")
def reconcile(form: Annotated[OnceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Have our books compared with the provider's now."""

    def deed() -> tuple[str, str]:
        ask_reconciliation(reader.session, form.once, by=reader.by, at=reader.at)
        return "/checks", _("Comparison requested. It takes about a minute; discrepancies then appear here.")

    return reader.once(form, deed)


@pages.get("/checks/differences.csv")
def download_differences(reader: SignedIn) -> StreamingResponse:
    """Everything in which the provider and our books differ and nobody has resolved."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by

    found = all_of(
        lambda session, after: reconciliation_queries.discrepancies(session, by=by, after=after, limit=AT_ONCE), lambda each: each.id
    )
    rows = ((d.kind, d.subject, figure(d.amount, d.currency), d.currency, d.found_at) for d in found)
    return spreadsheet("differences", (_("Kind"), _("Subject"), _("Amount"), _("Currency"), _("Found")), rows)
