"""The books over HTTP: what each kind of account holds, the accounts of a kind, a statement, and a journal."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.deps import PAGE_BEFORE, By, FromRow, Limit, Listing, Page, Tx, page_of
from api.payout.runs import Currency
from api.scopes import needs_scope
from campaigns.core.errors import NotFound
from campaigns.core.words import _
from campaigns.ledger.accounts import NATURES
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import AccountBalance, LedgerLine, Posting, accounts, chart, find_account, find_journal, lines, postings
from campaigns.payments.conversions import conversion_in
from campaigns.payments.models import ProviderConversion

router = APIRouter(prefix="/ledger", tags=["payout"], dependencies=[needs_scope("payout")])
Number = Annotated[int | None, Query(ge=1, lt=2**63, description=PAGE_BEFORE)]


class AccountKindShown(FromRow):
    """All accounts of one kind in one currency; `total` is in minor units, on the side that they grow."""

    kind: str = Field(examples=["held"])
    currency: str
    accounts: int
    total: int


class LedgerAccountShown(BaseModel):
    """One account: whose it is, None for the system's own, and its balance in minor units."""

    id: UUID
    kind: str
    currency: str
    owner: str | None
    total: int

    @classmethod
    def of(cls, held: AccountBalance) -> "LedgerAccountShown":
        return cls(id=held.account.id, kind=held.account.kind, currency=held.account.currency, owner=held.owner, total=held.total)


class AccountList(Listing):
    items: list[LedgerAccountShown]


class LedgerLineShown(BaseModel):
    """One entry as the account sees it, with the account on its other side and the balance after it."""

    number: int
    journal_id: UUID
    kind: str = Field(examples=["payout.final"])
    at: datetime
    amount: int
    balance: int
    other_account: UUID
    other_owner: str | None

    @classmethod
    def of(cls, line: LedgerLine) -> "LedgerLineShown":
        moved = line.movement
        return cls(
            number=moved.number, journal_id=moved.journal_id, kind=moved.kind, at=moved.at, amount=moved.amount,
            balance=line.balance, other_account=line.other.id, other_owner=line.owner,
        )  # fmt: skip


class StatementShown(BaseModel):
    """An account and its entries, newest first; `next` is the number to go on before."""

    account: LedgerAccountShown
    items: list[LedgerLineShown]
    next: int | None = None


class PostingShown(BaseModel):
    """One entry of a journal, in minor units: from the account of `credit` to that of `debit`; an owner is None for the system's own."""

    number: int
    amount: int
    currency: str = Field(examples=["USD"])
    debit: UUID
    debit_kind: str = Field(examples=["held"])
    debit_owner: str | None
    credit: UUID
    credit_kind: str = Field(examples=["bank"])
    credit_owner: str | None

    @classmethod
    def of(cls, posting: Posting) -> "PostingShown":
        entry, debit, credit = posting.entry, posting.debit, posting.credit
        return cls(
            number=entry.number, amount=entry.amount, currency=entry.currency,
            debit=debit.id, debit_kind=debit.kind, debit_owner=posting.debit_owner,
            credit=credit.id, credit_kind=credit.kind, credit_owner=posting.credit_owner,
        )  # fmt: skip


class ConversionShown(FromRow):
    """Both sides of what Stripe converted, in minor units, below zero where it went out, with its rate to the last digit.

    `basis` is the part of the charge's settlement that this moved: what `settled` differs from it is a gain or loss by the rate. Where
    Stripe says no rate, `rate_is_ours`: what both amounts make.
    """

    currency: str = Field(examples=["EUR"])
    amount: int
    settled_currency: str = Field(examples=["USD"])
    settled: int
    basis: int
    rate: Decimal = Field(examples=["1.08"])
    rate_is_ours: bool


class JournalShown(BaseModel):
    """One business event in money, its entries in order; `reverses` is the journal that it undoes, `next` the number to go on after."""

    id: UUID
    kind: str = Field(examples=["payout.final"])
    key: str
    at: datetime
    reverses: UUID | None
    conversion: ConversionShown | None
    items: list[PostingShown]
    next: int | None = None

    @classmethod
    def of(
        cls, journal: Journal, conversion: ProviderConversion | None, items: list[PostingShown], following: int | None
    ) -> "JournalShown":
        return cls(
            id=journal.id, kind=journal.kind, key=journal.key, at=journal.at, reverses=journal.reverses,
            conversion=ConversionShown.model_validate(conversion) if conversion else None,
            items=items, next=following,
        )  # fmt: skip


class AccountKindList(Listing):
    items: list[AccountKindShown]


@router.get("/accounts")
def show_chart(session: Tx, by: By) -> AccountKindList:
    """Every kind of account in every currency."""
    return AccountKindList(items=[AccountKindShown.model_validate(kind) for kind in chart(session, by=by)])


@router.get("/accounts/{kind}/{currency}")
def list_accounts(kind: str, currency: Annotated[Currency, Path(examples=["USD"])], session: Tx, by: By, page: Page) -> AccountList:
    """The accounts of one kind in one currency, newest first."""
    if kind not in NATURES:
        raise NotFound(_("This kind of account does not exist."))
    found = accounts(session, kind, currency, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda held: held.account.id)
    return AccountList(items=[LedgerAccountShown.of(held) for held in shown], next=following)


@router.get("/statements/{account_id}")
def show_statement(account_id: UUID, session: Tx, by: By, after: Number = None, limit: Limit = 30) -> StatementShown:
    """An account's entries, newest first, each with the balance after it."""
    held = find_account(session, account_id, by=by)
    found = lines(session, held, before=after, limit=limit + 1)
    shown, following = page_of(found, limit, lambda line: line.movement.number)
    return StatementShown(account=LedgerAccountShown.of(held), items=[LedgerLineShown.of(line) for line in shown], next=following)


@router.get("/journals/{journal_id}")
def show_journal(journal_id: UUID, session: Tx, by: By, after: Number = None, limit: Limit = 30) -> JournalShown:
    """One business event in money, with every entry and the accounts it moves money between."""
    journal = find_journal(session, journal_id, by=by)
    found = postings(session, journal.id, by=by, after=after, limit=limit + 1)
    shown, following = page_of(found, limit, lambda posting: posting.entry.number)
    return JournalShown.of(journal, conversion_in(session, journal.id), [PostingShown.of(posting) for posting in shown], following)
