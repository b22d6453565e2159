"""From a notification's three files to an email in the reader's language, zone and currency habits."""

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name
from babel.lists import format_list
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup, escape

from campaigns.core.money import format_money
from campaigns.core.settings import settings
from campaigns.core.words import catalogue, current_locale, reading_in
from notifications.notification import Notification

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 72
KEPT = re.compile(r"(- |> ?|--$|https?://)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who reads the email, and how they write dates and sums."""

    name: str
    locale: str = "en"
    time_zone: str = "UTC"


class Titled(Protocol):
    """The campaign, as emails name it."""

    @property
    def title(self) -> str: ...

    @property
    def number(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Written:
    """An email as it is sent."""

    subject: str
    text: str
    html: str


def write(
    notification: Notification,
    params: Mapping[str, Any],
    *,
    path: str | None,
    reader: Recipient,
    campaign: Titled | None,
    unsubscribe: str | None = None,
) -> Written:
    """The email that `notification` writes with `params` to `reader`, asking for what is done at `path`.

    `unsubscribe` is the link, or the tag that stands for it, that ends emails of this kind.
    """
    facts = {**params, "reader": reader, "campaign": campaign, "path": path, "stage": notification.stage, "unsubscribe": unsubscribe}
    with reading_in(str(_locale_of(reader.locale))):
        subject = " ".join(_filled(notification, "subject.txt", facts).split())
        text = wrapped(_filled(notification, "body.txt", {**facts, "subject": subject}))
        html = _filled(notification, "body.html", {**facts, "subject": subject})
    return Written(subject, text, html)


def _filled(notification: Notification, file: str, facts: Mapping[str, Any]) -> str:
    return environment().get_template(f"{notification.folder}/{file}").render(facts)


def wrapped(text: str) -> str:
    """Plain text in lines of at most 72 characters; links stay whole, list items and quotes keep their lines."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\n".join(_wrapped_lines(paragraph)) for paragraph in paragraphs) + "\n"


def _wrapped_lines(paragraph: str) -> list[str]:
    pieces: list[str] = []
    for line in paragraph.splitlines():
        if KEPT.match(line) or not pieces or KEPT.match(pieces[-1]):
            pieces.append(line)
        else:
            pieces[-1] += " " + line.strip()
    return [line for piece in pieces for line in _wrap(piece)]


def _wrap(piece: str) -> list[str]:
    mark = KEPT.match(piece)
    hang = {"- ": "  ", "> ": "> "}.get(mark[1], "") if mark else ""
    return textwrap.wrap(piece, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False) or [piece]


@lru_cache
def environment() -> Environment:
    """Jinja as emails use it: an undefined name is an error, and HTML alone is escaped."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    env.filters |= {
        "money": money,
        "date": date,
        "datetime": moment,
        "together": together,
        "bullets": bullets,
        "quoted": quoted,
        "rows": rows,
    }
    env.globals |= {"link": link, "locale_of": _locale_of}
    return env


def link(path: str) -> str:
    """The public address of a path of ours."""
    return settings().public_url + path


@pass_context
def money(context: Context, amount: int, currency: str) -> str:
    """`amount` minor units as the reader writes them."""
    return format_money(amount, currency, str(_locale_of(context["reader"].locale)))


@pass_context
def date(context: Context, at: datetime | str, zone: str | None = None) -> str:
    """The day, in the reader's zone or in `zone`."""
    return format_date(_local(context, at, zone), "long", locale=_locale_of(context["reader"].locale))


@pass_context
def moment(context: Context, at: datetime | str, zone: str | None = None) -> str:
    """The day and the minute with the name of the zone: the reader's, or `zone`."""
    local, locale = _local(context, at, zone), _locale_of(context["reader"].locale)
    day = format_date(local, "long", locale=locale)
    minute = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    pattern = str(get_datetime_format("medium", locale=locale))
    return pattern.replace("{1}", day).replace("{0}", f"{minute} {get_timezone_name(local, 'short', locale=locale)}")


def _local(context: Context, at: datetime | str, zone: str | None) -> datetime:
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return instant.astimezone(ZoneInfo(zone or context["reader"].time_zone))


@pass_context
def together(context: Context, things: Iterable[str]) -> str:
    """The things in one sentence: “a, b and c”."""
    return format_list(list(things), locale=_locale_of(context["reader"].locale))


@pass_eval_context
def bullets(mode: EvalContext, things: Iterable[str]) -> str:
    """The things as a list."""
    if not mode.autoescape:
        return "\n".join(f"- {' '.join(str(thing).split())}" for thing in things)
    return Markup('<ul class="bullets">{}</ul>').format(Markup("").join(Markup("<li>{}</li>").format(thing) for thing in things))


@pass_eval_context
def quoted(mode: EvalContext, words: str) -> str:
    """Somebody's own words, set apart."""
    lines = [line.strip() for line in words.strip().splitlines()]
    if not mode.autoescape:
        return "\n".join(f"> {line}".rstrip() for line in lines)
    return Markup('<blockquote class="quoted">{}</blockquote>').format(Markup("<br>").join(escape(line) for line in lines))


@pass_eval_context
def rows(mode: EvalContext, pairs: Iterable[tuple[str, str]]) -> str:
    """What is called what, one line each; the values are set in a column of their own."""
    if not mode.autoescape:
        return "\n".join(f"- {name}: {value}" for name, value in pairs)
    line = Markup('<tr><td class="row-name">{}</td><td class="row-value">{}</td></tr>')
    return Markup('<table class="rows" role="presentation">{}</table>').format(Markup("").join(line.format(*pair) for pair in pairs))


@lru_cache
def _locale_of(locale: str) -> Locale:
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _gettext(sentence: str) -> str:
    return catalogue(current_locale()).ugettext(sentence)


def _ngettext(singular: str, plural: str, count: int) -> str:
    return catalogue(current_locale()).ungettext(singular, plural, count)
