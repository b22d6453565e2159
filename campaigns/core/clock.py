"""The only reader of time: business time, which a sandbox may move forward, and process time, which is always real."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from campaigns.core.settings import settings
from campaigns.core.words import _


@lru_cache
def time_zones() -> frozenset[str]:
    """The names of all time zones, looked for once: they are a tree of six hundred files."""
    return frozenset(available_timezones())


def process_now() -> datetime:
    """Real time: for sessions, sign-in links, leases, back-off and the age of a webhook's signature."""
    return datetime.now(UTC)


def business_now(session: Session | Connection) -> datetime:
    """The time that deadlines, windows and providers' limits are measured against."""
    return process_now() + offset(session)


def offset(session: Session | Connection) -> timedelta:
    """How far business time is ahead of real time: always zero once a real provider is connected."""
    if not settings().clock_is_movable:
        return timedelta()
    seconds = session.execute(text("select coalesce(sum(seconds), 0) from clock_move")).scalar_one()
    return timedelta(seconds=float(seconds))


def hold(session: Session | Connection) -> timedelta:
    """How far business time is ahead; until the caller's transaction ends nobody else moves it."""
    session.execute(text("lock table clock_move in share row exclusive mode"))
    return offset(session)


def awake_seconds() -> float:
    """Seconds on a clock that nobody sets and that runs on while the machine sleeps: for a process to keep within its own lease."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockNotMovable(RuntimeError):
    """A real provider is connected, or time would run backwards."""


def move_clock(session: Session | Connection, by: timedelta) -> datetime:
    """Move business time forward by `by` in the caller's transaction; returns the new business time.

    Raises ClockNotMovable when a provider's key is configured or `by` is not positive.
    """
    if not settings().clock_is_movable:
        raise ClockNotMovable(_("The clock only moves in a sandbox: a provider's own key is configured."))
    if by <= timedelta():
        raise ClockNotMovable(_("You can only move the clock forward."))
    session.execute(text("insert into clock_move (seconds, moved_at) values (:s, now())"), {"s": by.total_seconds()})
    session.execute(text("select pg_notify('callboard', 'clock')"))
    return business_now(session)
