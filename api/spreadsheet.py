"""A list as CSV, sent while it is read; what a spreadsheet would take for a formula is written as text."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from campaigns.core.money import exponent
from workers.transactions import unit_of_work

AT_ONCE = 500
# Characters that are sent together: a row of its own would cost more to hand over than to make.
BLOCK = 32_768
# Where a line of a cell begins as a formula does, also in full width, and behind what a spreadsheet passes over.
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
FORMULA = re.compile(f"(?:^|(?<=[\n\r\u2028\u2029]))(?=[^\\S\n\r]*[{SIGNS}]|[\t\r])")
Found = TypeVar("Found")


def spreadsheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
    """The rows as the file `name`.csv."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(in_blocks(as_lines([header], rows)), media_type="text/csv; charset=utf-8", headers=headers)


def all_of(some: Callable[[Session, Any], Sequence[Found]], place: Callable[[Found], Any]) -> Iterator[Found]:
    """Every item of a list, read while it is sent: `some(session, after)` are the AT_ONCE that follow the item at the place `after`.

    Each reading has a transaction of its own, for the request's is over by then.
    """
    after = None
    while True:
        with unit_of_work() as session:
            found = some(session, after)
        yield from found
        if len(found) < AT_ONCE:
            return
        after = place(found[-1])


def in_blocks(lines: Iterable[str]) -> Iterator[str]:
    """The lines as text in pieces of at least BLOCK characters; only the last may be shorter."""
    block, size = list[str](), 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(block)
            block, size = [], 0
    yield "".join(block)


def as_lines(*parts: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows of all parts, one after the other, each as a line of CSV."""
    writer = csv.writer(_Handed(), quoting=csv.QUOTE_ALL)
    for row in chain.from_iterable(parts):
        yield writer.writerow([cell(value) for value in row])


class _Handed:
    """What a csv.writer writes to: each line is handed back as what `writerow` returns."""

    def write(self, line: str) -> str:
        return line


def figure(amount: int, currency: str) -> Decimal:
    """`amount` in minor units as the number that a spreadsheet adds up: 1250.50."""
    return Decimal(amount).scaleb(-exponent(currency))


def cell(value: Any) -> str:
    """A value as it stands in a cell: text that begins like a formula, in any of its lines, with an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return FORMULA.sub("'", value) if isinstance(value, str) else str(value)
