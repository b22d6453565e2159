"""How a version is shown: played, drawn, read, or only fetched; a copy for the web where there is one, otherwise its file."""

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from api.files import INLINE
from api.media import by_role, words
from campaigns.client_delivery.details import VersionDetails
from campaigns.client_delivery.models import Version
from campaigns.core.files import storage
from campaigns.open_call.media.formats import BY_MIME, MediaKind
from campaigns.open_call.media.words import rendered

LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Look:
    """What is on the stage: `way` is film, sound, picture, text, or file for what a browser does not show."""

    way: str
    url: str
    is_copy: bool = False
    poster: str | None = None
    words: Markup | None = None


def look_at(details: VersionDetails) -> Look:
    """The version as it is shown: what is approved is its file, whatever copy of it is looked at."""
    kind, made = BY_MIME[details.version.mime].kind, by_role(details.renditions)
    copy, poster = made[kind.value], made["poster"]
    if copy is None:
        return _file_itself(details)
    if kind is not MediaKind.TEXT:
        return Look(kind.value, copy.url, is_copy=True, poster=poster.url if poster else None)
    return Look("text", copy.url, words=words(copy)) if copy.bytes <= LONGEST_TEXT else Look("file", details.url)


def _file_itself(details: VersionDetails) -> Look:
    way = _way_to_show(details.version)
    return Look(way, details.url, words=_words_of(details.version.sha256, details.version.mime) if way == "text" else None)


def _way_to_show(version: Version) -> str:
    kind = BY_MIME[version.mime].kind
    if kind is MediaKind.TEXT:
        return "text" if version.bytes <= LONGEST_TEXT else "file"
    return kind.value if version.mime in INLINE else "file"


@lru_cache(maxsize=64)
def _words_of(sha256: str, mime: str) -> Markup:
    """The text of a version as harmless HTML."""
    text = storage().path(sha256).read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return Markup(rendered(text, markdown=mime == "text/markdown"))  # nosec B704  # noqa: S704 - of a few tags, without attributes
