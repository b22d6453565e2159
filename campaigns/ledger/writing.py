"""How entries get into the books: their accounts are found, or opened, by name, and all of them are written by one statement."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from psycopg import Connection
from sqlalchemy import Select, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Account, Entry
from campaigns.ledger.models import LedgerAccount, LedgerEntry

FIND_ACCOUNTS = text("""
    select cast(a.id as text) from unnest(cast(:kinds as text[]), cast(:owners as uuid[]), cast(:currencies as text[])) with ordinality
        as named(kind, owner_id, currency, place)
    left join account a on (a.kind, a.owner_id, a.currency) = (named.kind, named.owner_id, named.currency)
    order by named.place
""")
OPEN_ACCOUNTS = text("""
    insert into account (id, kind, owner_id, currency, grows, may_overdraw)
    select * from unnest(cast(:ids as uuid[]), cast(:kinds as text[]), cast(:owners as uuid[]), cast(:currencies as text[]),
                         cast(:grows as text[]), cast(:may_overdraw as boolean[]))
""")
# One statement for any number of entries: the triggers that keep balances and seals run once for each statement.
COPY_ENTRIES = "copy entry (journal_id, debit_id, credit_id, currency, amount, ref) from stdin"


def write_entries(session: Session, journal_id: UUID, entries: Sequence[Entry]) -> None:
    """Write the entries of a journal that this transaction has opened, in their order."""
    places: dict[Account, int] = {}
    sides = [(places.setdefault(e.debit, len(places)), places.setdefault(e.credit, len(places))) for e in entries]
    ids, journal = account_ids(session, list(places)), str(journal_id)
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, Connection)  # nosec B101  # noqa: S101 - the engine's driver is psycopg
    with connection.cursor() as cursor, cursor.copy(COPY_ENTRIES) as copy:
        for (debit, credit), e in zip(sides, entries, strict=True):
            copy.write_row((journal, ids[debit], ids[credit], e.debit.currency, e.amount, e.ref))


def write_from_payees(session: Session, journal_id: UUID, owed: Select[UUID, int, UUID], into: Account) -> None:
    """Write an entry from each payee's account `into` another; `owed` selects person, amount and ref, in the order of the entries."""
    [into_id] = account_ids(session, [into])
    each, payee = owed.subquery(), LedgerAccount
    is_theirs = (payee.kind == "payee") & (payee.owner_id == each.c[0]) & (payee.currency == into.currency)
    # Whoever has no account is a null there, which the books refuse.
    rows = select(literal(journal_id), payee.id, literal(UUID(into_id)), literal(into.currency), each.c[1], each.c[2])
    names = ["journal_id", "debit_id", "credit_id", "currency", "amount", "ref"]
    session.execute(insert(LedgerEntry).from_select(names, rows.select_from(each).outerjoin(payee, is_theirs).order_by(each.c[2])))


def account_ids(session: Session, accounts: Sequence[Account]) -> Sequence[str]:
    """The id of each account as text; one that is not there is opened. Nobody else opens any: this transaction has the ledger."""
    found = session.scalars(FIND_ACCOUNTS, _names_of(accounts)).all()
    if missing := [account for account, known in zip(accounts, found, strict=True) if known is None]:
        opened = dict(zip(missing, _opened(session, missing), strict=True))
        return [known or opened[account] for account, known in zip(accounts, found, strict=True)]
    return found


def _opened(session: Session, accounts: Sequence[Account]) -> Sequence[str]:
    ids = [str(new_id()) for _account in accounts]
    natures = {
        "ids": _array(ids),
        "grows": _array(a.nature.grows.value for a in accounts),
        "may_overdraw": _array(str(a.nature.may_overdraw) for a in accounts),
    }
    session.execute(OPEN_ACCOUNTS, natures | _names_of(accounts))
    return ids


def _names_of(accounts: Sequence[Account]) -> dict[str, str]:
    return {
        "kinds": _array(a.kind for a in accounts),
        "owners": _array(a.owner_id.hex for a in accounts),
        "currencies": _array(a.currency for a in accounts),
    }


def _array(words: Iterable[str]) -> str:
    """Words without any sign as PostgreSQL reads an array: of a list, psycopg looks at every element for signs."""
    return f"{{{','.join(words)}}}"
