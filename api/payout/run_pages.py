"""Payout runs in a browser: the list, the quote of what is payable, and one run with what failed first."""

from collections.abc import Iterator
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from api.deps import Page, page_of
from api.payout.run_payouts import PayoutPage, place_of
from api.payout.run_picture import progress_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, in_blocks, spreadsheet
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payments.top_ups import under_way
from campaigns.payout.balances.queries import payable, unpayable
from campaigns.payout.reconciliations import queries as reconciliation_queries
from campaigns.payout.runs import queries
from campaigns.payout.runs.actions import APPROVALS
from campaigns.payout.runs.exclusions import changes_of
from campaigns.payout.runs.failures import failure_sentence, failures
from campaigns.payout.runs.files import file_lines
from campaigns.payout.runs.models import SHORT, Payout, PayoutRun
from campaigns.payout.runs.shortfalls import missing

pages = APIRouter()
MOST_FAILURES = 20


@pages.get("/runs", response_class=HTMLResponse)
def show_runs(reader: SignedIn, page: Page) -> HTMLResponse:
    """The runs, newest first, with how far each is; above them what waits for a person."""
    found = queries.runs(reader.session, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.id)
    sums = queries.sums_among(reader.session, [run.id for run in shown])
    return reader.page(
        "payout/runs.html",
        runs=[(run, progress_of(sums[run.id])) for run in shown],
        words=queries.approvals_among(reader.session, [run.id for run in shown if run.state == "quoted"]),
        needed=APPROVALS,
        unpayable=[] if page.after else unpayable(reader.session, reader.at),
        differences=0 if page.after else len(reconciliation_queries.discrepancies(reader.session, by=reader.by)),
        next=following,
    )


@pages.get("/runs.csv")
def download_runs(reader: SignedIn) -> StreamingResponse:
    """Every run, newest first."""
    reader.by.require(Permission.VIEW_MONEY)
    header = (_("Number"), _("State"), _("Currency"), _("Route"), _("Prepared"), _("Released"), _("Closed"), _("SHA-256"))

    by = reader.by
    found = all_of(lambda session, before: queries.runs(session, by=by, before=before, limit=AT_ONCE), lambda run: run.id)
    rows = ((run.number, run.state, run.currency, run.route, run.quoted_at, run.released_at, run.closed_at, run.file_hash) for run in found)
    return spreadsheet("payout-runs", header, rows)


@pages.get("/runs/new", response_class=HTMLResponse)
def show_quote(reader: SignedIn) -> HTMLResponse:
    """What a run would pay now, and what stays where it is."""
    found = payable(reader.session, reader.at, by=reader.by)
    limits = {each.currency: queries.limits_in_force(reader.session, each.currency) for each in found}
    return reader.page("payout/run_new.html", payable=found, limits=limits, unpayable=unpayable(reader.session, reader.at))


@pages.get("/runs/{run_id}", response_class=HTMLResponse)
def show_run(run_id: UUID, reader: SignedIn, page: PayoutPage) -> HTMLResponse:
    """One run: what it comes to, what failed and what becomes of that, who released it, and every payment."""
    session, by = reader.session, reader.by
    run = queries.find_run(session, run_id, by=by)
    found = queries.payouts_failures_first(session, run.id, by=by, after=page.after, limit=page.one_more)
    items, following = page_of(found, page.limit, place_of)
    approvals = queries.approvals_of(session, run.id)
    return reader.page(
        "payout/run.html",
        run=run,
        progress=progress_of(queries.sums_of(session, run.id)),
        failures=[] if page.after else failures(session, run.id, by=by, at=reader.at, limit=MOST_FAILURES),
        changed=changes_of(session, run, by=by, at=reader.at, limit=MOST_FAILURES) if run.state == "quoted" else None,
        failure_sentence=failure_sentence,
        missing=str(figure(missing(session, run.currency), run.currency)) if run.cause == SHORT else "",
        coming=under_way(session).get(run.currency, 0) if run.cause == SHORT else 0,
        approvals=approvals,
        names=queries.names_of(session, [run.quoted_by, *(a.person_id for a in approvals), *(i.person_id for i in items)]),
        has_spoken=any(approval.person_id == by.person for approval in approvals),
        pays_me=run.state == "quoted" and queries.is_paid_by(session, run.id, by.person),
        needed=APPROVALS,
        items=items,
        is_first=page.after is None,
        next=following,
    )


@pages.get("/runs/{run_id}/file.csv")
def download_file(run_id: UUID, reader: SignedIn) -> StreamingResponse:
    """What was quoted, as it was frozen: the file whose digest the page shows."""
    run = queries.find_run(reader.session, run_id, by=reader.by)
    headers = {"Content-Disposition": f'attachment; filename="payout-run-{run.number}-file.csv"', "Cache-Control": "no-store"}
    lines = file_lines(item for item, _name in _items(run, reader.by))
    return StreamingResponse(in_blocks(lines), media_type="text/csv; charset=utf-8", headers=headers)


@pages.get("/runs/{run_id}/payouts.csv")
def download_payments(run_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Each payment as it stands now."""
    run = queries.find_run(reader.session, run_id, by=reader.by)
    header = (_("Payment"), _("Name"), _("Amount"), _("Currency"), _("State"), _("When"), _("Transfer"), _("Reason"))
    rows = (
        (item.id, name, figure(item.amount, item.currency), item.currency, item.state, item.settled_at, item.transfer_id,
         item.failure and failure_sentence(item.failure))
        for item, name in _items(run, reader.by)
    )  # fmt: skip
    return spreadsheet(f"payout-run-{run.number}", header, rows)


def _items(run: PayoutRun, by: Actor) -> Iterator[tuple[Payout, str]]:
    return all_of(
        lambda session, after: queries.payouts_in_order(session, run.id, by=by, after=after, limit=AT_ONCE), lambda named: named[0].id
    )
