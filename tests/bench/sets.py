"""The statements that fill the town, from sql/: each makes a whole set, and draws the same again for the same seed."""

from pathlib import Path
from typing import Any

import psycopg

SQL = Path(__file__).parent / "sql"
SEED = "select setseed(0.42)"
DRAWN: dict[str, Any] = {
    name: (SQL / f"{name}.txt").read_text().splitlines() for name in ("first", "last", "nouns", "words")
}  # names of people, and titles of contributions
# By its place in a path: the one with the most to it in the campaign.
LARGEST = ("contribution_id", "proposal_id", "person_id", "comment_id", "account_id", "journal_id")


def run(connection: "psycopg.Connection[Any]", name: str, **given: Any) -> None:
    """Each statement of a file by itself, for one with parameters is sent alone."""
    for statement in (SQL / f"{name}.sql").read_text().split(";\n"):
        connection.execute(statement.encode(), given | DRAWN)


def largest(connection: "psycopg.Connection[Any]", name: str, **given: Any) -> Any:
    """The largest of what a campaign has for this place in a path, None where it has none."""
    row = connection.execute((SQL / "largest" / f"{name}.sql").read_bytes(), given).fetchone()
    return row and row[0]


def without_word_indexes(connection: "psycopg.Connection[Any]") -> list[bytes]:
    """Drop the indexes in which words are found, and return how to make them again: to fill them row by row takes minutes."""
    found = connection.execute("select indexname, indexdef from pg_indexes where indexdef like '%USING gin%'").fetchall()
    for name, _definition in found:
        connection.execute(f"drop index {name}".encode())
    return [definition.encode() for _name, definition in found]
