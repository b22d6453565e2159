"""What the books say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.ledger.accounts import Account
from campaigns.ledger.errors import NoSuchAccount, NoSuchJournal
from campaigns.ledger.models import Balance, Journal, KindTotal, LedgerAccount, LedgerEntry

PAGE = 50
Rows = TypeVarTuple("Rows")
TOTAL: ColumnElement[int] = case((Balance.grows == "C", Balance.credits - Balance.debits), else_=Balance.debits - Balance.credits)
TOTAL_OF_KIND: ColumnElement[int] = case(
    (KindTotal.grows == "C", KindTotal.credits - KindTotal.debits), else_=KindTotal.debits - KindTotal.credits
)
# Whose an account is: a campaign's or a person's.
OWNER: ColumnElement[str | None] = func.coalesce(Campaign.title, Person.name)


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry as its account sees it: `amount` is above zero where the account grew."""

    number: int
    journal_id: UUID
    kind: str
    at: datetime
    amount: int
    ref: UUID | None


@dataclass(frozen=True, slots=True)
class AccountKindTotal:
    """All accounts of one kind in one currency: how many, and what they hold together."""

    kind: str
    currency: str
    accounts: int
    total: int


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account with its balance; `owner` is the campaign's title or the person's name, None for the system's own."""

    account: LedgerAccount
    owner: str | None
    total: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry on a statement: the account on its other side with that one's owner, and the balance after it."""

    movement: Movement
    other: LedgerAccount
    owner: str | None
    balance: int


def chart(session: Session, *, by: Actor) -> Sequence[AccountKindTotal]:
    """The books at a glance: every kind of account in every currency."""
    by.require(Permission.VIEW_MONEY)
    query = select(KindTotal.kind, KindTotal.currency, KindTotal.accounts, TOTAL_OF_KIND)
    return [AccountKindTotal(*row) for row in session.execute(query.order_by(KindTotal.currency, KindTotal.kind))]


def accounts(
    session: Session, kind: str, currency: str, *, by: Actor, before: UUID | None = None, limit: int = PAGE
) -> Sequence[AccountBalance]:
    """The accounts of one kind in one currency, newest first, up to `limit` older than `before`."""
    by.require(Permission.VIEW_MONEY)
    query = _held().where(LedgerAccount.kind == kind, LedgerAccount.currency == currency)
    query = query.order_by(LedgerAccount.id.desc()).limit(limit)
    return [AccountBalance(*row) for row in session.execute(query.where(LedgerAccount.id < before) if before else query)]


def find_account(session: Session, account_id: UUID, *, by: Actor) -> AccountBalance:
    """One account, if the actor may see the books; raises NoSuchAccount."""
    row = session.execute(_held().where(LedgerAccount.id == account_id)).one_or_none()
    if row is None or not by.may(Permission.VIEW_MONEY):
        raise NoSuchAccount(_("This account does not exist."))
    return AccountBalance(*row)


def lines(session: Session, held: AccountBalance, *, before: int | None = None, limit: int = PAGE) -> Sequence[LedgerLine]:
    """An account's statement, newest first, up to `limit` older than number `before`, each entry with the balance after it."""
    mine = held.account
    found = statement(session, Account(mine.kind, mine.owner_id, mine.currency), before=before, limit=limit)
    others = _other_sides(session, mine, [movement.number for movement in found])
    running = held.total - (_moved_since(session, mine, before) if before else 0)
    shown = []
    for movement in found:
        other, owner = others[movement.number]
        shown.append(LedgerLine(movement, other, owner, running))
        running -= movement.amount
    return shown


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry of a journal, with both its accounts and whose they are."""

    entry: LedgerEntry
    debit: LedgerAccount
    debit_owner: str | None
    credit: LedgerAccount
    credit_owner: str | None


def find_journal(session: Session, journal_id: UUID, *, by: Actor) -> Journal:
    """One journal, if the actor may see the books; raises NoSuchJournal."""
    found = session.get(Journal, journal_id)
    if found is None or not by.may(Permission.VIEW_MONEY):
        raise NoSuchJournal(_("This journal does not exist."))
    return found


def postings(session: Session, journal_id: UUID, *, by: Actor, after: int | None = None, limit: int = PAGE) -> Sequence[Posting]:
    """A journal's entries in their order, up to `limit` after number `after`."""
    by.require(Permission.VIEW_MONEY)
    debit, debit_campaign, debit_person = aliased(LedgerAccount), aliased(Campaign), aliased(Person)
    credit, credit_campaign, credit_person = aliased(LedgerAccount), aliased(Campaign), aliased(Person)
    query = (
        select(LedgerEntry, debit, _name(debit_campaign, debit_person), credit, _name(credit_campaign, credit_person))
        .join(debit, debit.id == LedgerEntry.debit_id)
        .join(credit, credit.id == LedgerEntry.credit_id)
        .where(LedgerEntry.journal_id == journal_id, LedgerEntry.number > (after or 0))
        .order_by(LedgerEntry.number)
        .limit(limit)
        .outerjoin(debit_campaign, debit_campaign.id == debit.owner_id)
        .outerjoin(debit_person, debit_person.id == debit.owner_id)
        .outerjoin(credit_campaign, credit_campaign.id == credit.owner_id)
        .outerjoin(credit_person, credit_person.id == credit.owner_id)
    )
    return [Posting(*row) for row in session.execute(query)]


def _name(campaign: type[Campaign], person: type[Person]) -> ColumnElement[str | None]:
    return func.coalesce(campaign.title, person.name)


def _other_sides(session: Session, mine: LedgerAccount, numbers: Sequence[int]) -> Mapping[int, tuple[LedgerAccount, str | None]]:
    other = case((LedgerEntry.credit_id == mine.id, LedgerEntry.debit_id), else_=LedgerEntry.credit_id)
    query = select(LedgerEntry.number, LedgerAccount, OWNER).join(LedgerAccount, LedgerAccount.id == other)
    query = _with_owner(query).where(LedgerEntry.number.in_(numbers))
    return {number: (account, owner) for number, account, owner in session.execute(query)}


def _moved_since(session: Session, mine: LedgerAccount, number: int) -> int:
    """By how much the account grew from its entry `number` on."""
    credited = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.credit_id == mine.id, LedgerEntry.number >= number)
    debited = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.debit_id == mine.id, LedgerEntry.number >= number)
    net = int(session.scalar(credited) or 0) - int(session.scalar(debited) or 0)
    return net if mine.grows == "C" else -net


def _held() -> Select[LedgerAccount, str | None, int]:
    return _with_owner(select(LedgerAccount, OWNER, TOTAL).join(Balance, Balance.account_id == LedgerAccount.id))


def _with_owner(query: Select[*Rows]) -> Select[*Rows]:
    of_campaign, of_person = Campaign.id == LedgerAccount.owner_id, Person.id == LedgerAccount.owner_id
    return query.outerjoin(Campaign, of_campaign).outerjoin(Person, of_person)


def balance(session: Session, account: Account) -> int:
    """The account's balance in minor units, on the side that it grows; 0 before its first posting."""
    return session.scalar(_totals().where(*_is(account))) or 0


def balances(session: Session, kind: str, owner_id: UUID) -> dict[str, int]:
    """The balances of one owner's accounts of one kind, by currency."""
    query = _totals().add_columns(LedgerAccount.currency).where(LedgerAccount.kind == kind, LedgerAccount.owner_id == owner_id)
    return {currency: total for total, currency in session.execute(query.order_by(LedgerAccount.currency))}


def totals(session: Session, kind: str) -> dict[str, int]:
    """What all accounts of one kind hold together, by currency."""
    return dict(session.execute(select(KindTotal.currency, TOTAL_OF_KIND).where(KindTotal.kind == kind)).all())


def statement(session: Session, account: Account, *, before: int | None = None, limit: int = PAGE) -> Sequence[Movement]:
    """The account's entries, newest first, up to `limit` older than number `before`."""
    sides = ((LedgerEntry.credit_id, LedgerAccount.grows == "C"), (LedgerEntry.debit_id, LedgerAccount.grows == "D"))
    # The newest of either side: an account may have a million entries, and each side has its own index.
    newest = union_all(*(_newest(account, side, grew, before, limit) for side, grew in sides)).subquery()
    query = select(newest.c.number, Journal.id, Journal.kind, Journal.at, newest.c.amount, newest.c.ref)
    query = query.join(Journal, Journal.id == newest.c.journal_id)
    return [Movement(*row) for row in session.execute(query.order_by(newest.c.number.desc()).limit(limit))]


def _newest(
    account: Account, side: InstrumentedAttribute[UUID], grew: ColumnElement[bool], before: int | None, limit: int
) -> Select[int, UUID, int, UUID | None]:
    """The newest entries on one side of the account, by which it grew or shrank."""
    mine = select(LedgerAccount.id).where(*_is(account)).scalar_subquery()
    amount = case((grew, LedgerEntry.amount), else_=-LedgerEntry.amount).label("amount")
    query = select(LedgerEntry.number, LedgerEntry.journal_id, amount, LedgerEntry.ref).join(LedgerAccount, LedgerAccount.id == side)
    query = query.where(side == mine, LedgerEntry.number < before) if before else query.where(side == mine)
    return query.order_by(LedgerEntry.number.desc()).limit(limit)


def _totals() -> Select[int]:
    return select(TOTAL).join(LedgerAccount, LedgerAccount.id == Balance.account_id)


def _is(account: Account) -> tuple[ColumnElement[bool], ...]:
    return (LedgerAccount.kind == account.kind, LedgerAccount.owner_id == account.owner_id, LedgerAccount.currency == account.currency)
