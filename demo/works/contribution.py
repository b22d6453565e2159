"""What the catalogue says of a contribution."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["story", "poem", "picture", "sound", "film"]
Edge = tuple[str, Literal["contains", "influenced_by"]]


@dataclass(frozen=True)
class DemoContribution:
    """One contribution to the call.

    `sources` are (work key, kind of edge), `shares` is filled where two people made it, `planted` are the traces (metadata field to text)
    that a blind review must not show.
    """

    key: str
    title: str
    artist: str
    kind: Kind
    file: str
    statement: str
    generation: int = 1
    sources: tuple[Edge, ...] = ()
    language: str = "en"
    shares: dict[str, int] = field(default_factory=dict)
    wrapper: bool = False
    planted: dict[str, str] = field(default_factory=dict)

    @property
    def makers(self) -> dict[str, int]:
        """Artist key to share, whole numbers from 1."""
        return self.shares or {self.artist: 1}


def exif(name: str, words: str) -> dict[str, str]:
    """Traces to plant in a picture; EXIF knows plain ASCII only."""
    return {"exif-ifd0-Artist": name, "exif-ifd0-Copyright": f"(c) {name}", "exif-ifd0-ImageDescription": words}


def tags(name: str, title: str) -> dict[str, str]:
    """Traces to plant in sound or film."""
    return {"artist": name, "title": title, "comment": f"Recorded and mixed by {name}"}
