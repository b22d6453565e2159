"""One way to open a transaction, and the process's connections that it takes one of."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from campaigns.core.settings import settings

POOL_SIZE = 8
_room = POOL_SIZE


def make_room(connections: int) -> None:
    """Have this process use up to so many connections at once; said before its first use of the database."""
    global _room
    _room = connections


@lru_cache
def engine() -> Engine:
    """The process's connections to PostgreSQL, made at the first use and never at import; errors name no values, for they go into logs."""
    return create_engine(settings().sqlalchemy_url, pool_pre_ping=True, pool_size=_room, max_overflow=0, hide_parameters=True)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: committed when the block ends, undone when it raises."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session
