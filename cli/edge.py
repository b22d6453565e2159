"""The command line's edge: one transaction, a sentence instead of a traceback, tables that fit."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DataError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal
from campaigns.core.settings import senseless, settings
from campaigns.core.words import _
from workers.transactions import unit_of_work

REFUSED, CANNOT_START = 1, 2
WIDE = 240
# Into a file or another program nothing is folded: an id must stay in one piece.
console = Console(width=None if sys.stdout.isatty() else WIDE)


@contextmanager
def one_transaction() -> Iterator[Session]:
    """A transaction for a command; what goes wrong ends it with a sentence on stderr: exit 1 when refused, 2 when it cannot even start."""
    try:
        _require_postgresql()
        with unit_of_work() as session:
            yield session
    except Refusal as refusal:
        stop(refusal.message, REFUSED)
    except DataError:
        stop(_("A text or number is too long to be stored."), REFUSED)
    except ProgrammingError:
        stop(_("The database does not have the tables that this version needs: run `callboard up` once to create them."), CANNOT_START)
    except (OperationalError, ArgumentError) as error:
        stop(
            _("The database cannot be opened ({reason}). Start `callboard up`, or correct DATABASE_URL.", reason=_first_line(error)),
            CANNOT_START,
        )
    except ValidationError as error:
        stop(senseless(error), CANNOT_START)


def _require_postgresql() -> None:
    backend = make_url(settings().sqlalchemy_url).get_backend_name()
    if backend != "postgresql":
        stop(_("DATABASE_URL names a {backend} database; Callboard needs PostgreSQL. Correct DATABASE_URL.", backend=backend), CANNOT_START)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removeprefix("(psycopg.OperationalError) ").rstrip(".")


def stop(sentence: str, code: int) -> NoReturn:
    """End the command with this sentence."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def show(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table, markup=False)
