"""What a profile can be set to: countries, languages and time zones, by the names that people know them under."""

from functools import lru_cache

from babel import Locale

from campaigns.core import clock
from campaigns.core.words import known_locale

LANGUAGES = (
    "en", "en-GB", "en-IN", "am", "ar", "bg", "bn", "cs", "da", "de", "el", "es", "es-MX", "fa", "fi", "fil", "fr", "gu", "he", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "ne", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta",
    "th", "tr", "uk", "ur", "vi", "yo", "zh-Hans", "zh-Hant", "zu",
)  # fmt: skip
NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")
Choices = list[tuple[str, str]]


@lru_cache
def countries(locale: str) -> Choices:
    """Every country by its name in `locale`."""
    names = Locale.parse(locale).territories
    named = ((str(code), str(name)) for code, name in names.items())
    return sorted(((code, name) for code, name in named if len(code) == 2 and code.isalpha() and code != "ZZ"), key=_by_name)


@lru_cache
def languages(present: str) -> Choices:
    """Languages by their own names; the present one is always among them."""
    offered = {code: _own_name(code) for code in (*LANGUAGES, present)}
    return sorted(offered.items(), key=_by_name)


@lru_cache
def time_zones(present: str) -> Choices:
    """Places whose clocks differ, and UTC; the present one is always among them."""
    places = {zone for zone in clock.time_zones() if "/" in zone and not zone.startswith(NO_PLACES)}
    return [(zone, zone.replace("_", " ").replace("/", " / ")) for zone in sorted({"UTC", present, *places})]


def _own_name(code: str) -> str:
    locale = Locale.parse(known_locale(code))
    name = str(locale.display_name or code)
    return name[:1].upper() + name[1:]


def _by_name(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
