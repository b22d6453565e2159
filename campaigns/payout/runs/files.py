"""A run as a file: what is to be paid to whom, frozen at the quote, with a digest by which everyone knows that it is the same file."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.money import exponent
from campaigns.payout.runs.models import PayoutRun

HEADER = "payment,person,amount,currency,destination\r\n"
# The same lines as below.
HASH = text(r"""
    select encode(sha256(convert_to(cast(:header as text) || string_agg(line || E'\r\n', '' order by id), 'UTF8')), 'hex')
    from (
        select id, concat_ws(',', id, person_id, round(amount / power(10::numeric, places), places), currency, destination) as line
        from payout, cast(:exponent as int) as places where run_id = :run
    ) as item
""")


class FrozenPayout(Protocol):
    """What of a payment is frozen."""

    id: UUID
    person_id: UUID
    amount: int
    currency: str
    destination: str


def file_lines(items: Iterable[FrozenPayout]) -> Iterator[str]:
    """The file's lines, for items in the order of their ids; nothing in them changes after the quote, nor with the reader's language."""
    yield HEADER
    for item in items:
        amount = Decimal(item.amount).scaleb(-exponent(item.currency))
        yield f"{item.id},{item.person_id},{amount},{item.currency},{item.destination}\r\n"


def file_hash(session: Session, run: PayoutRun) -> str:
    """The SHA-256 of a run's file, in hexadecimal, computed where its items are."""
    digest: str = session.scalars(HASH, {"run": run.id, "header": HEADER, "exponent": exponent(run.currency)}).one()
    return digest
