"""What there is to see, hear and read of a contribution, inside a page of ours."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import nh3
from markupsafe import Markup

from api.formats import number
from campaigns.core.files import opened, storage
from campaigns.core.words import n_
from campaigns.open_call.media.words import TAGS
from campaigns.open_call.queries import Shown

TITLE = re.compile(r"<h([1-6])>.*?</h\1>", re.DOTALL)
HEADING = re.compile(r"<(/?)h([1-6])>")
EXCERPT = 240
FETCHED_AHEAD = ("picture", "poster", "sound")
MOST_BYTES_AHEAD = 8_000_000
ROLES = ("film", "poster", "picture", "thumbnail", "sound", "text")


def by_role(renditions: Sequence[Shown]) -> dict[str, Shown | None]:
    """The renditions of a contribution by their roles; None for one that it has not."""
    return dict.fromkeys(ROLES) | {shown.role: shown for shown in renditions}


def words(shown: Shown) -> Markup:
    """A text rendition as part of a page, its headings below the page's own; cleaned once more, for it began as a stranger's."""
    html = nh3.clean(_html(shown), tags=TAGS, attributes={})
    return Markup(HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 2, 6)}>", html))  # nosec B704  # noqa: S704 - clean


def excerpt(shown: Shown) -> str:
    """The first words of a text rendition, without its headings and any markup."""
    body = TITLE.sub(" ", _html(shown)[: EXCERPT * 8])
    plain = " ".join(unescape(nh3.clean(body, tags=set())).split())
    return plain if len(plain) <= EXCERPT else f"{plain[:EXCERPT].rpartition(' ')[0]} …"


def at_place(address: str, renditions: Sequence[Shown]) -> list[Shown]:
    """The renditions, each under an address below `address` that stays the same; a text stands in its page."""
    return [shown if shown.role == "text" else replace(shown, url=f"{address}/{shown.role}") for shown in renditions]


def ahead(renditions: Sequence[Shown]) -> list[str]:
    """The addresses of what is light enough to be fetched before it is asked for."""
    return [shown.url for shown in renditions if shown.role in FETCHED_AHEAD and shown.bytes <= MOST_BYTES_AHEAD]


def size(count: int) -> str:
    """How large a file is, as people say it."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{number(round(count / step, 1))} {unit}"
    return n_("{count} byte", "{count} bytes", count)


def _html(shown: Shown) -> str:
    return storage().path(opened(shown.url.rpartition("/")[2]).sha256).read_text("utf-8")


FILTERS = {"by_role": by_role, "words": words, "excerpt": excerpt, "bytes": size}
