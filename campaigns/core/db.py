"""The database: one engine, one declarative base, one way to open a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Engine, Index, MetaData, String, Uuid, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from campaigns.core.ids import new_id
from campaigns.core.settings import settings

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
POOL_SIZE = 8

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


def word_index(name: str, column: str) -> Index:
    """An index in which words, and what resembles them, are found; new ones at once, for a list of pending ones is read by every search."""
    return Index(name, column, postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"}, postgresql_with={"fastupdate": "off"})


@lru_cache
def engine() -> Engine:
    """The process's connections to PostgreSQL, made at the first use and never at import; errors name no values, for they go into logs."""
    return create_engine(settings().sqlalchemy_url, pool_pre_ping=True, pool_size=POOL_SIZE, max_overflow=0, hide_parameters=True)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: committed when the block ends, undone when it raises."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session
