"""An artist's statements: month by month, and each month's lines."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from api.payout.statement_file import month_file
from api.payout.statements import statement_of
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from api.wording import movement_name
from campaigns.core.people import Actor
from campaigns.core.words import _
from campaigns.ledger.queries import Movement
from campaigns.payout.earnings.statements import my_lines, my_months

pages = APIRouter()


@pages.get("/me/statements", response_class=HTMLResponse)
def show_statements(reader: SignedIn) -> HTMLResponse:
    """Every month in which something moved: opening, earned, sent, closing, and what arrived at the reader's bank."""
    return reader.page("payout/statements.html", months=my_months(reader.session, reader.zone.key, by=reader.by))


@pages.get("/me/statements.csv")
def download_statements(reader: SignedIn) -> StreamingResponse:
    """The months as the page has them."""
    header = (
        _("Month"), _("Currency"), _("Opening"), _("Earned"), _("Sent"), _("Other"), _("Closing"), _("Of which on its way"),
        _("Received by your bank"),
    )  # fmt: skip
    rows = [
        (
            f"{m.month:%Y-%m}",
            m.currency,
            *(figure(each, m.currency) for each in (m.opening, m.earned, m.sent, m.other, m.closing, m.on_its_way, m.paid)),
        )
        for m in my_months(reader.session, reader.zone.key, by=reader.by)
    ]
    return spreadsheet("statements", header, rows)


@pages.get("/me/statements/lines.csv")
def download_lines(reader: SignedIn) -> StreamingResponse:
    """Every movement on the reader's accounts, by currency, newest first."""
    months = my_months(reader.session, reader.zone.key, by=reader.by)
    currencies, by = sorted({month.currency for month in months}), reader.by

    def rows() -> Iterator[Sequence[Any]]:
        for currency in currencies:
            for line in _every_line(currency, by):
                yield line.at, movement_name(line.kind), figure(line.amount, currency), currency

    return spreadsheet("statement-lines", (_("When"), _("What"), _("Amount"), _("Currency")), rows())


def _every_line(currency: str, by: Actor) -> Iterator[Movement]:
    return all_of(lambda session, before: my_lines(session, currency, by=by, before=before, limit=AT_ONCE), lambda line: line.number)


@pages.get("/me/statements/{year}-{month}.pdf")
def download_month(year: int, month: int, reader: SignedIn) -> Response:
    """The month as a PDF to keep, to print or to hand in."""
    statement = statement_of(reader.session, year, month, reader.zone.key, by=reader.by)
    headers = {"Content-Disposition": f'attachment; filename="statement-{statement.first:%Y-%m}.pdf"', "Cache-Control": "no-store"}
    return Response(month_file(reader, statement), media_type="application/pdf", headers=headers)


@pages.get("/me/statements/{year}-{month}", response_class=HTMLResponse)
def show_month(year: int, month: int, reader: SignedIn) -> HTMLResponse:
    """One month: what it opened with, each line, what it closed with."""
    return reader.page("payout/statement.html", statement=statement_of(reader.session, year, month, reader.zone.key, by=reader.by))
