"""The one door for money: post a journal, or reverse one.

Postings wait for each other until they commit: lock the rows that a posting is about before it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import errors as postgres
from sqlalchemy import Select, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.core.words import _
from campaigns.ledger.accounts import Account, Entry
from campaigns.ledger.errors import AlreadyReversed, EmptyJournal, NoSuchJournal, Overdraft
from campaigns.ledger.models import Journal
from campaigns.ledger.writing import write_entries, write_from_payees

__all__ = ["Entry", "hold_ledger", "post", "post_from_payees", "reverse"]

WRITE_REVERSAL = text("""
    insert into entry (journal_id, debit_id, credit_id, currency, amount, ref)
    select :journal, credit_id, debit_id, currency, amount, ref from entry where journal_id = :reversed order by number
""")


def post(session: Session, kind: str, key: str, entries: Sequence[Entry], *, at: datetime) -> Journal:
    """Write one journal and its entries; under a key that is taken, the journal that is there, and nothing changes.

    Raises Overdraft where an account would fall below what it may, and then nothing is written.
    """
    if not entries:
        raise EmptyJournal(_("A journal needs at least one entry."))
    with _refusing_overdrafts(session):
        journal = _open_journal(session, kind=kind, key=key, at=at)
        if journal is not None:
            write_entries(session, journal.id, entries)
    return journal or _journal_under(session, key)


def post_from_payees(session: Session, kind: str, key: str, owed: Select[UUID, int, UUID], into: Account, *, at: datetime) -> Journal:
    """Write one journal that moves what is owed to each payee `into` another account, within the database however many they are.

    `owed` selects person, amount and ref. Under a key that is taken, the journal that is there, and nothing changes.
    """
    with _refusing_overdrafts(session):
        journal = _open_journal(session, kind=kind, key=key, at=at)
        if journal is not None:
            write_from_payees(session, journal.id, owed, into)
    return journal or _journal_under(session, key)


def hold_ledger(session: Session) -> None:
    """Keep every other posting waiting until this transaction ends, so that a balance read from here on is still true when it is posted."""
    session.execute(text("select wait_for_ledger()"))


def reverse(session: Session, journal_id: UUID, *, key: str, at: datetime) -> Journal:
    """Undo a journal by one that has each of its entries the other way round; a mistake is reversed, never edited."""
    undone = session.get(Journal, journal_id)
    if undone is None:
        raise NoSuchJournal(_("This journal does not exist."))
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
        raise AlreadyReversed(_("This journal has already been reversed."), journal=str(undone.id))
    return journal


@contextmanager
def _refusing_overdrafts(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except (IntegrityError, postgres.CheckViolation) as error:
        cause = error.orig if isinstance(error, IntegrityError) else error
        if isinstance(cause, postgres.CheckViolation) and cause.diag.constraint_name == "ck_balance_overdraft":
            raise Overdraft(_("The account does not have enough money for this.")) from error
        raise
