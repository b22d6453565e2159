"""Small campaigns by the hundred: each of the town's as many times over, every table by one statement."""

from pathlib import Path

import psycopg
from sqlalchemy import Column, Identity, Table, Uuid

from campaigns.core.db import Base

COPIES = 60
# What belongs to a campaign and is copied with it; people and brands stay who they are, and the chains of events are not copied.
COPIED = frozenset((Path(__file__).parent / "sql" / "copied.txt").read_text().split())
# The first four digits of an id are the copy's number: in each copy the older is still the smaller, and all are older than the town.
TWIN = """
create function pg_temp.twin(id uuid, copy int) returns uuid language sql immutable as $$
    select (lpad(to_hex(copy), 4, '0') || substr(id::text, 5))::uuid
$$
"""
CHANGED = {("campaign", "title"): "x.title || ' ' || copy", ("upload", "offset"): 'x."offset"', ("campaign", "flow_run_id"): "null"}


def copy_campaigns(connection: "psycopg.Connection[object]") -> None:
    """Copy every campaign that there is COPIES times."""
    connection.execute(TWIN)
    for table in Base.metadata.sorted_tables:
        if table.name in COPIED:
            connection.execute(_copied(table))


def _copied(table: Table) -> str:
    columns = [column for column in table.columns if not isinstance(column.server_default, Identity)]
    names = ", ".join(f'"{column.name}"' for column in columns)
    # A role for a brand, or on staff, is of no campaign.
    which = "where x.campaign_id is not null" if table.name == "role_grant" else ""
    return (
        f"insert into {table.name} ({names}) select {', '.join(map(_value, columns))} "
        f"from {table.name} x cross join generate_series(1, {COPIES}) copy {which}"
    )


def _value(column: "Column[object]") -> str:
    known = CHANGED.get((column.table.name, column.name))
    return known or (f"pg_temp.twin(x.{column.name}, copy)" if _is_copied(column) else f'x."{column.name}"')


def _is_copied(column: "Column[object]") -> bool:
    """Whether the column names something that is copied: its own row, or in the end one of a copied table."""
    if not column.foreign_keys:
        return column.name == "id" and column.table.name in COPIED and isinstance(column.type, Uuid)
    return any(_is_copied(key.column) for key in column.foreign_keys)
