"""The tables' base, and what queries share."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Index,
    MetaData,
    String,
    TextClause,
    Uuid,
    any_,
    bindparam,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, mapped_column
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.util import identity_key

from campaigns.core.ids import new_id

# The last revision before the migrations were squashed; a database or a backup of it is brought up to the squashed ones.
SQUASHED = "0100"
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
Currency = Annotated[str, mapped_column(String(3))]
Amount = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """Every table's base: constraints are named, times carry their zone, identifiers are native UUIDs."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(as_uuid=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


Row = TypeVar("Row", bound=Base)


def word_index(name: str, column: str) -> Index:
    """An index in which words, and what resembles them, are found; new ones at once, for a list of pending ones is read by every search."""
    return Index(name, column, postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"}, postgresql_with={"fastupdate": "off"})


def all_of(ids: Collection[UUID]) -> ColumnElement[list[UUID]]:
    """The ids as one parameter: a list in a query may not be longer than 65,535, and is read anew for each length."""
    return literal(list(ids), ARRAY(Uuid()))


def one_of(column: ColumnElement[UUID] | InstrumentedAttribute[UUID], ids: Collection[UUID]) -> ColumnElement[bool]:
    """Whether the column is one of these ids."""
    return column == any_(all_of(ids))


def given(column: ColumnElement[UUID] | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]) -> ColumnElement[bool]:
    """Whether the column is one of the `ids` that come with the question: a query that is put together once, and not for each page."""
    return column == any_(bindparam("ids", type_=ARRAY(Uuid())))


def held(session: Session, kind: type[Row], ids: Iterable[UUID]) -> dict[UUID, Row]:
    """The rows among these that the transaction has read and not let go of, which need not be asked for again."""
    found = ((id_, session.identity_map.get(identity_key(kind, id_))) for id_ in ids)
    return {id_: row for id_, row in found if row is not None and not instance_state(row).expired}


def insert_rows(table: str, then: str = "") -> TextClause:
    """An insert into `table` of any number of rows, given whole under `rows` by `as_rows`: the statement stays the same, and short."""
    rows = f"jsonb_populate_recordset(cast(null as {table}), cast(:rows as jsonb))"
    return text(f"insert into {table} select * from {rows} {then}")  # nosec B608  # noqa: S608 - the parts are constants


def as_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows by the names of their columns, as `insert_rows` takes them."""
    return json.dumps(list(rows), default=str, ensure_ascii=False)
