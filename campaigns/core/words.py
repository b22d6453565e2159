"""The one door for sentences that people read: gettext in the reader's language."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
LOCALES = Path(__file__).parent / "locales"
_locale: ContextVar[str] = ContextVar("locale", default="en")


@lru_cache
def catalogue(locale: str) -> NullTranslations:
    """The translations into `locale`; sentences without one stay as they were written, in English."""
    return Translations.load(LOCALES, [locale], domain="callboard")


@lru_cache
def languages() -> list[str]:
    """The languages that Callboard speaks."""
    return sorted({"en", *(folder.name for folder in LOCALES.glob("*") if (folder / "LC_MESSAGES").is_dir())})


@lru_cache
def known_locale(written: str) -> str:
    """The locale that a person has written, as far as its habits are known: of `fa-CA`, those of `fa`; of what is unknown, `en`."""
    for candidate in (written.replace("-", "_"), written.replace("-", "_").partition("_")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return str(Locale.parse(candidate))
    return "en"


def current_locale() -> str:
    """The language of whoever reads what is being written now."""
    return _locale.get()


@contextmanager
def reading_in(locale: str) -> Iterator[None]:
    """Within the block, every sentence is in `locale`."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def _(sentence: str, **params: object) -> str:
    """`sentence` in the reader's language, its {names} filled in from `params`."""
    return _filled(catalogue(current_locale()).ugettext(sentence), params) if params else catalogue(current_locale()).ugettext(sentence)


def n_(singular: str, plural: str, count: int, **params: object) -> str:
    """The sentence for `count` things, which it may name as {count}."""
    return _filled(catalogue(current_locale()).ungettext(singular, plural, count), {"count": count, **params})


def said_later(sentence: str) -> str:
    """`sentence` as it is written, for the catalogue to know it: `_` is asked for it when somebody reads it."""
    return sentence


def isolated(text: str) -> str:
    """`text` as it may stand within a sentence: what is written from right to left turns round nothing but itself."""
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if RIGHT_TO_LEFT.search(text) else text


def _filled(sentence: str, params: Mapping[str, object]) -> str:
    """The sentence with its params; as HTML, and all else in it escaped, where one of them is: a date that says itself to machines."""
    whole = escape(sentence) if any(isinstance(value, Markup) for value in params.values()) else sentence
    return whole.format(**{name: _shown(value) for name, value in params.items()})


def _shown(value: object) -> object:
    return isolated(value) if isinstance(value, str) and not isinstance(value, Markup) else value
