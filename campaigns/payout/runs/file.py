"""A run as a file: what is to be paid to whom, frozen at the quote, with a digest by which everyone knows that it is the same file."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from campaigns.core.money import exponent

HEADER = "payment,person,amount,currency,destination\r\n"


class Ordered(Protocol):
    """What of a payment is frozen."""

    id: UUID
    person_id: UUID
    amount: int
    currency: str
    destination: str


def file_lines(items: Iterable[Ordered]) -> Iterator[str]:
    """The file's lines, for items in the order of their ids; nothing in them changes after the quote, nor with the reader's language."""
    yield HEADER
    for item in items:
        amount = Decimal(item.amount).scaleb(-exponent(item.currency))
        yield f"{item.id},{item.person_id},{amount},{item.currency},{item.destination}\r\n"


def file_hash(items: Iterable[Ordered]) -> str:
    """The SHA-256 of the file, in hexadecimal."""
    digest = sha256()
    for line in file_lines(items):
        digest.update(line.encode())
    return digest.hexdigest()
