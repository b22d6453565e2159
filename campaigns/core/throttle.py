"""How often something may be asked for: a bucket of tokens for each asker, refilled with time, in PostgreSQL for all processes alike."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

from sqlalchemy import Double, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import clock
from campaigns.core.db import Base
from campaigns.core.errors import Refusal
from campaigns.core.words import n_

MINUTE, HOUR = 60, 3600


class TooMany(Refusal):
    """Too many requests; `Retry-After` says in how many seconds to try again."""

    status = 429


class ThrottleBucket(Base):
    """What is left to one asker; unlogged, for a crash may refill every bucket."""

    __tablename__ = "bucket"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    tokens: Mapped[float] = mapped_column(Double)
    filled_at: Mapped[datetime]

    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own form


def network_of(place: str | None) -> str | None:
    """Who counts as one asker: an IPv4 address, or all of an IPv6 /64, for whoever has one address of it has every other."""
    try:
        address = ip_address(place or "")
    except ValueError:
        return place
    if isinstance(address, IPv4Address):
        return place
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Network((int(address), 64), strict=False))


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and one more for each `every`."""

    burst: int
    every: timedelta


# One statement, so that of askers at the same moment no more get a token than there are.
TAKE = text(
    """
    insert into bucket as b (key, tokens, filled_at) values (:key, :burst - 1, :now)
    on conflict (key) do update
    set tokens = least(:burst, b.tokens + extract(epoch from :now - b.filled_at) / :every) - 1, filled_at = :now
    where least(:burst, b.tokens + extract(epoch from :now - b.filled_at) / :every) >= 1
    returning true
    """
)


# The same for many askers in one statement, which comes to them in one order, so that two of them never wait for each other.
TAKE_EACH = text(
    """
    insert into bucket as b (key, tokens, filled_at)
    select key, :burst - 1, :now from unnest(cast(:keys as text[])) as each(key) order by key
    on conflict (key) do update
    set tokens = least(:burst, b.tokens + extract(epoch from :now - b.filled_at) / :every) - 1, filled_at = :now
    where least(:burst, b.tokens + extract(epoch from :now - b.filled_at) / :every) >= 1
    returning key
    """
)


def take(session: Session, key: str, rate: Rate) -> None:
    """Take one token of `key`'s; raises TooMany when none is left."""
    if not drawn(session, key, rate):
        raise _too_many(_seconds_to_wait(session, key, rate))


def _seconds_to_wait(session: Session, key: str, rate: Rate) -> float:
    """How long it takes until the bucket has a whole token again."""
    bucket = session.get_one(ThrottleBucket, key, populate_existing=True)
    every = rate.every.total_seconds()
    return every - bucket.tokens * every - (clock.process_now() - bucket.filled_at).total_seconds()


def _too_many(seconds: float) -> TooMany:
    """The refusal whose `Retry-After` is the time that its sentence names: whole seconds, minutes or hours, rounded up."""
    if seconds <= 2 * MINUTE:
        count = max(1, ceil(seconds))
        said = n_("Too many requests; try again in {count} second.", "Too many requests; try again in {count} seconds.", count)
        return TooMany(said, retry_after=count)
    if seconds <= 2 * HOUR:
        count = ceil(seconds / MINUTE)
        said = n_("Too many requests; try again in {count} minute.", "Too many requests; try again in {count} minutes.", count)
        return TooMany(said, retry_after=count * MINUTE)
    count = ceil(seconds / HOUR)
    said = n_("Too many requests; try again in {count} hour.", "Too many requests; try again in {count} hours.", count)
    return TooMany(said, retry_after=count * HOUR)


def drawn(session: Session, key: str, rate: Rate) -> bool:
    """Take one token of `key`'s if one is left, and say whether there was."""
    asked = {"key": key, "burst": rate.burst, "every": rate.every.total_seconds(), "now": clock.process_now()}
    return session.execute(TAKE, asked).scalar() is not None


def drawn_each(session: Session, keys: Collection[str], rate: Rate) -> set[str]:
    """Take one token of each of these keys that has one left, in one statement; returns those."""
    asked = {"keys": sorted(keys), "burst": rate.burst, "every": rate.every.total_seconds(), "now": clock.process_now()}
    return set(session.scalars(TAKE_EACH, asked)) if keys else set()
