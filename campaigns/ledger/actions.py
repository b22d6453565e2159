"""The one door for money: post a journal, or reverse one.

Postings wait for each other until they commit: lock the rows that a posting is about before it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import errors as postgres
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.core.words import _
from campaigns.ledger.accounts import Account, Entry, named_in
from campaigns.ledger.errors import AlreadyReversed, EmptyJournal, NoSuchJournal, Overdraft
from campaigns.ledger.models import Journal

__all__ = ["Entry", "hold_ledger", "post", "reverse"]

OPEN_ACCOUNTS = text("""
    insert into account (id, kind, owner_id, currency, grows, may_overdraw)
    select * from unnest(cast(:ids as uuid[]), cast(:kinds as text[]), cast(:owners as uuid[]), cast(:currencies as text[]),
                         cast(:grows as text[]), cast(:may_overdraw as boolean[]))
    on conflict do nothing
""")
# One statement for any number of entries: the triggers that keep balances and seals run once for each statement.
WRITE_ENTRIES = text("""
    insert into entry (journal_id, debit_id, credit_id, currency, amount, ref)
    select :journal, debit.id, credit.id, e.debit_currency, e.amount, e.ref
    from unnest(cast(:debit_kinds as text[]), cast(:debit_owners as uuid[]), cast(:debit_currencies as text[]),
                cast(:credit_kinds as text[]), cast(:credit_owners as uuid[]), cast(:credit_currencies as text[]),
                cast(:amounts as bigint[]), cast(:refs as uuid[]))
         with ordinality as e(debit_kind, debit_owner, debit_currency, credit_kind, credit_owner, credit_currency, amount, ref, place)
    join account debit on (debit.kind, debit.owner_id, debit.currency) = (e.debit_kind, e.debit_owner, e.debit_currency)
    join account credit on (credit.kind, credit.owner_id, credit.currency) = (e.credit_kind, e.credit_owner, e.credit_currency)
    order by e.place
""")
WRITE_REVERSAL = text("""
    insert into entry (journal_id, debit_id, credit_id, currency, amount, ref)
    select :journal, credit_id, debit_id, currency, amount, ref from entry where journal_id = :reversed order by number
""")


def post(session: Session, kind: str, key: str, entries: Sequence[Entry], *, at: datetime) -> Journal:
    """Write one journal and its entries; under a key that is taken, the journal that is there, and nothing changes.

    Raises Overdraft where an account would fall below what it may, and then nothing is written.
    """
    if not entries:
        raise EmptyJournal(_("A posting moves at least one amount."))
    with _refusing_overdrafts(session):
        journal = _open_journal(session, kind=kind, key=key, at=at)
        if journal is not None:
            session.execute(OPEN_ACCOUNTS, _columns_of_accounts(named_in(entries)))
            session.execute(WRITE_ENTRIES, {"journal": journal.id, **_columns_of(entries)})
    return journal or _journal_under(session, key)


def hold_ledger(session: Session) -> None:
    """Keep every other posting waiting until this transaction ends, so that a balance read from here on is still true when it is posted."""
    session.execute(text("select wait_for_ledger()"))


def reverse(session: Session, journal_id: UUID, *, key: str, at: datetime) -> Journal:
    """Undo a journal by one that has each of its entries the other way round; a mistake is reversed, never edited."""
    undone = session.get(Journal, journal_id)
    if undone is None:
        raise NoSuchJournal(_("There is no such journal."))
    with _refusing_overdrafts(session):
        journal = _open_journal(session, kind=f"{undone.kind}.reversed", key=key, at=at, reverses=undone.id)
        if journal is not None:
            session.execute(WRITE_REVERSAL, {"journal": journal.id, "reversed": undone.id})
    return journal or _reversal_under(session, key, undone)


def _open_journal(session: Session, **values: Any) -> Journal | None:
    new = insert(Journal).values(id=new_id(), **values).on_conflict_do_nothing().returning(Journal)
    return session.scalars(new).one_or_none()


def _journal_under(session: Session, key: str) -> Journal:
    return session.scalars(select(Journal).where(Journal.key == key)).one()


def _reversal_under(session: Session, key: str, undone: Journal) -> Journal:
    journal = session.scalars(select(Journal).where(Journal.key == key, Journal.reverses == undone.id)).one_or_none()
    if journal is None:
        raise AlreadyReversed(_("This journal has been reversed before."), journal=str(undone.id))
    return journal


def _columns_of_accounts(accounts: Sequence[Account]) -> dict[str, Any]:
    return {
        "ids": [new_id() for _account in accounts],
        "kinds": [a.kind for a in accounts],
        "owners": [a.owner_id for a in accounts],
        "currencies": [a.currency for a in accounts],
        "grows": [a.nature.grows.value for a in accounts],
        "may_overdraw": [a.nature.may_overdraw for a in accounts],
    }


def _columns_of(entries: Sequence[Entry]) -> dict[str, Any]:
    columns: dict[str, Any] = {"amounts": [e.amount for e in entries], "refs": [e.ref for e in entries]}
    for name, sides in (("debit", [e.debit for e in entries]), ("credit", [e.credit for e in entries])):
        columns[f"{name}_kinds"] = [a.kind for a in sides]
        columns[f"{name}_owners"] = [a.owner_id for a in sides]
        columns[f"{name}_currencies"] = [a.currency for a in sides]
    return columns


@contextmanager
def _refusing_overdrafts(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if isinstance(error.orig, postgres.CheckViolation) and error.orig.diag.constraint_name == "ck_balance_overdraft":
            raise Overdraft(_("There is not enough money on the account for this.")) from error
        raise
