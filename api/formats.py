"""How a page writes money, numbers and times: in the reader's language, zone and calendar."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta, get_timezone_name
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from campaigns.core import clock
from campaigns.core.money import format_credit, format_money

SOON = timedelta(days=6)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
# Babel reads its pattern anew for each figure and each day, and a page has hundreds, most of them the same.
kept = lru_cache(maxsize=10_000)
OF_EACH_PAGE = frozenset({"_page", "once"})
# Macros that a template imports do not see its context, and they write for the same reader.
_reads: ContextVar[Any] = ContextVar("reads")


@contextmanager
def written_for(reader: Any) -> Iterator[None]:
    """Within the block, everything is written as `reader` writes it."""
    token = _reads.set(reader)
    try:
        yield
    finally:
        _reads.reset(token)


def money(amount: int, currency: str) -> str:
    """`amount` in whole minor units, as the reader writes money."""
    return format_money(amount, currency, _reads.get().locale)


def credit(millionths: int, currency: str) -> str:
    """A credit in millionths of a minor unit, exactly: with as many decimals as it takes."""
    return format_credit(millionths, currency, _reads.get().locale)


def number(value: float) -> str:
    return _number(value, _reads.get().locale)


@kept
def _number(value: float, locale: str) -> str:
    return str(format_decimal(value, locale=locale))


def percent(share: float) -> str:
    """A share of one, written in percent to two decimals at most."""
    return _percent(share, _reads.get().locale)


@kept
def _percent(share: float, locale: str) -> str:
    return str(format_percent(share, format="#,##0.##%", locale=locale))


def day(at: datetime | date) -> Markup:
    """The day, in the reader's zone, without its year."""
    reader = _reads.get()
    local = at.astimezone(reader.zone).date() if isinstance(at, datetime) else at
    return _time(at, _day(local, reader.locale))


@kept
def _day(local: date, locale: str) -> str:
    return str(format_skeleton("MMMd", local, locale=locale))


def month_name(first: date) -> Markup:
    """The month that begins on this day, with its year."""
    written = str(format_skeleton("yMMMM", first, locale=_reads.get().locale))
    return Markup('<time datetime="{}">{}</time>').format(f"{first:%Y-%m}", written)


def moment(at: datetime, zone: str | None = None) -> Markup:
    """Day and time in the reader's zone, or in the one that is stated, which is then named."""
    reader = _reads.get()
    return _time(at, _moment(at, ZoneInfo(zone) if zone else reader.zone, bool(zone), reader.locale))


@kept
def _moment(at: datetime, place: ZoneInfo, is_named: bool, locale: str) -> str:
    written = str(format_datetime(at, "medium", tzinfo=place, locale=locale))
    shown = written.replace(f":{at.astimezone(place):%S}", "", 1)
    return f"{shown} {get_timezone_name(at.astimezone(place), 'short', locale=locale)}" if is_named else shown


def clock_time(at: datetime) -> Markup:
    reader = _reads.get()
    return _time(at, _clock_time(at, reader.zone, reader.locale))


@kept
def _clock_time(at: datetime, place: ZoneInfo, locale: str) -> str:
    return str(format_time(at, "short", tzinfo=place, locale=locale))


def ago(at: datetime) -> Markup:
    """How long ago or how far ahead, as people say it; further away than a week, the day."""
    return _ago(at, _reads.get().at)


def ago_really(at: datetime) -> Markup:
    """The same of a moment of process time, which no sandbox moves: of sessions and keys."""
    return _ago(at, clock.process_now())


def _ago(at: datetime, now: datetime) -> Markup:
    if abs(at - now) > SOON:
        return Markup(day(at))  # nosec B704  # noqa: S704 - made by _time
    return _time(at, str(format_timedelta(at - now, add_direction=True, locale=_reads.get().locale)))


def _time(at: datetime | date, written: str) -> Markup:
    return Markup(f'<time datetime="{at.isoformat()}">{escape(written)}</time>')  # nosec B704  # noqa: S704 - the words are escaped


def has_refused(html: str) -> bool:
    """Whether the form that was refused stands in this piece of a page: it goes to the same place with the same hidden fields."""
    state = _reads.get().request.state
    sent_to, typed = getattr(state, "sent_to", None), getattr(state, "typed", {})
    hidden = ((name, unescape(value)) for name, value in HIDDEN.findall(html) if name not in OF_EACH_PAGE)
    return f'action="{sent_to}"' in html and all(typed.get(name) == value for name, value in hidden)


def span(length: timedelta) -> str:
    """How long something is, as people say it."""
    return str(format_timedelta(length, threshold=1.6, locale=_reads.get().locale))


def apart(names: Iterable[str], between: str = ", ") -> Markup:
    """Names in one line, each kept to itself: one that is written from the right turns no other round."""
    return escape(between).join(Markup("<bdi>{}</bdi>").format(name) for name in names)


def initials(name: str) -> str:
    """The first letters of the first and the last of someone's names."""
    names = name.split() or ["?"]
    return (names[0][0] + (names[-1][0] if len(names) > 1 else "")).upper()


def hue(name: str) -> int:
    """One of six colours for a person, the same wherever they are met."""
    return sum(name.encode()) % 6


FILTERS: dict[str, Any] = {
    "money": money,
    "credit": credit,
    "number": number,
    "percent": percent,
    "day": day,
    "month_name": month_name,
    "moment": moment,
    "clock_time": clock_time,
    "ago": ago,
    "ago_really": ago_really,
    "has_refused": has_refused,
    "span": span,
    "apart": apart,
    "initials": initials,
    "hue": hue,
}
