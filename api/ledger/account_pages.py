"""The books: every kind of account, the accounts of one kind, a statement, a journal."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy.orm import Session

from api.deps import Page, page_of
from api.ledger.names import account_meaning, account_name, journal_name, source_name
from api.payout.runs import Currency
from api.reader import SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.core.errors import NotFound
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.ledger.accounts import NATURES, NormalBalance
from campaigns.ledger.queries import AccountBalance, LedgerLine, accounts, chart, find_account, find_journal, lines, postings
from campaigns.payments.conversions import conversion_in
from campaigns.payments.queries import stripe_balances

pages = APIRouter()
After = Annotated[int | None, Query(ge=1, lt=2**63)]
ON_PAGE = 50
NAMES: dict[str, Any] = {
    "account_name": account_name,
    "account_meaning": account_meaning,
    "journal_name": journal_name,
    "source_name": source_name,
}


@pages.get("/ledger", response_class=HTMLResponse)
def show_ledger(reader: SignedIn) -> HTMLResponse:
    """What we have, what we owe, what we have earned and spent, in each currency."""
    kinds = chart(reader.session, by=reader.by)
    sides = {
        currency: [
            [k for k in kinds if k.currency == currency and NATURES[k.kind].grows is side]
            for side in (NormalBalance.DEBIT, NormalBalance.CREDIT)
        ]
        for currency in sorted({k.currency for k in kinds})
    }
    return reader.page("ledger/ledger.html", sides=sides, at_stripe=stripe_balances(reader.session, by=reader.by), **NAMES)


@pages.get("/ledger.csv")
def download_ledger(reader: SignedIn) -> StreamingResponse:
    """Every kind of account in every currency."""
    header = (_("Accounts"), _("Currency"), _("Number"), _("Balance"))
    rows = [(account_name(k.kind), k.currency, k.accounts, figure(k.total, k.currency)) for k in chart(reader.session, by=reader.by)]
    return spreadsheet("ledger", header, rows)


@pages.get("/ledger/kinds/{kind}/{currency}", response_class=HTMLResponse)
def show_accounts(kind: str, currency: Currency, reader: SignedIn, page: Page) -> HTMLResponse:
    """The accounts of one kind in one currency."""
    if kind not in NATURES:
        raise NotFound(_("This kind of account does not exist."))
    found = accounts(reader.session, kind, currency, by=reader.by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.account.id)
    return reader.page(
        "ledger/accounts.html",
        kind=kind,
        currency=currency,
        accounts=shown,
        next=following,
        **NAMES,
    )


@pages.get("/ledger/kinds/{kind}/{currency}/accounts.csv")
def download_accounts(kind: str, currency: Currency, reader: SignedIn) -> StreamingResponse:
    """Every account of one kind in one currency, with its balance."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by

    found = all_of(
        lambda session, before: accounts(session, kind, currency, by=by, before=before, limit=AT_ONCE), lambda held: held.account.id
    )
    rows = ((held.account.id, held.owner, figure(held.total, currency), currency) for held in found)
    return spreadsheet(f"accounts-{currency}", (_("Account"), _("Owner"), _("Balance"), _("Currency")), rows)


@pages.get("/ledger/journals/{journal_id}", response_class=HTMLResponse)
def show_journal(journal_id: UUID, reader: SignedIn, after: After = None) -> HTMLResponse:
    """One business event in money, with every entry and the accounts it moves money between."""
    journal = find_journal(reader.session, journal_id, by=reader.by)
    found = postings(reader.session, journal.id, by=reader.by, after=after, limit=ON_PAGE + 1)
    shown, following = page_of(found, ON_PAGE, lambda row: row.entry.number)
    conversion = conversion_in(reader.session, journal.id)
    return reader.page("ledger/journal.html", journal=journal, conversion=conversion, postings=shown, next=following, **NAMES)


@pages.get("/ledger/{account_id}", response_class=HTMLResponse)
def show_statement(account_id: UUID, reader: SignedIn, after: After = None) -> HTMLResponse:
    """An account's entries, newest first, each with the balance after it."""
    held = find_account(reader.session, account_id, by=reader.by)
    found = lines(reader.session, held, before=after, limit=ON_PAGE + 1)
    shown, following = page_of(found, ON_PAGE, lambda row: row.movement.number)
    return reader.page("ledger/statement.html", held=held, lines=shown, next=following, **NAMES)


@pages.get("/ledger/{account_id}/statement.csv")
def download_statement(account_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Every entry of an account, newest first."""
    held = find_account(reader.session, account_id, by=reader.by)
    header = (_("Number"), _("When"), _("What"), _("Other account"), _("Owner"), _("Amount"), _("Balance"), _("Currency"), _("Journal"))
    return spreadsheet(f"account-{account_id}", header, _statement(held, reader.by))


def _statement(held: AccountBalance, by: Actor) -> Iterator[Sequence[Any]]:
    currency = held.account.currency

    def some(session: Session, before: int | None) -> Sequence[LedgerLine]:
        return lines(session, find_account(session, held.account.id, by=by), before=before, limit=AT_ONCE)

    for line in all_of(some, lambda line: line.movement.number):
        moved = line.movement
        yield (
            moved.number, moved.at, journal_name(moved.kind), account_name(line.other.kind), line.owner,
            figure(moved.amount, currency), figure(line.balance, currency), currency, moved.journal_id,
        )  # fmt: skip
