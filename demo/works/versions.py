"""The deliverables' versions: what the editors hand in for the brand, one by one, with components and outside material."""

from dataclasses import dataclass
from pathlib import Path

import pyvips

from demo.works.artists import ARTIST
from demo.works.catalogue import CONTRIBUTION
from demo.works.drawing import rect, sheet
from demo.works.encoding import write_sound
from demo.works.film import the_table_is_set
from demo.works.instruments import RATE, Tape
from demo.works.lettering import lettering
from demo.works.pictures import plain, raster, still, write_raster
from demo.works.sounds import lullaby_under_snow, pomegranate_opened


@dataclass(frozen=True)
class DemoOutsideMaterial:
    """Something in a version that nobody of the call made, with the licence that lets the brand use it."""

    name: str
    kind: str
    holder: str
    licence: str
    reference: str


@dataclass(frozen=True)
class PlannedVersion:
    """One version of a deliverable: who put it together (artist key to share), and of which contributions (work key to points)."""

    key: str
    deliverable: str
    number: int
    file: str
    makers: dict[str, int]
    components: dict[str, int]
    note: str
    outside: tuple[DemoOutsideMaterial, ...] = ()


@dataclass(frozen=True)
class Overlooked:
    """A debt that no one cited: what the one left out writes when the proposal is open."""

    by: str
    contribution: str
    source: str
    kind: str
    evidence: str


# The demo makes the bed itself too; it stands for the library sound that an editor would buy, and is declared like one.
ROOM_TONE = DemoOutsideMaterial(
    "Kitchen, Winter, Night (room tone)",
    "stock music",
    "Fieldhouse Sound Library",
    "Royalty-free, all media, worldwide, perpetual",
    "FSL-2026-118842",
)
CAPITALS = DemoOutsideMaterial("Monoline Capitals", "font", "The Callboard authors", "SIL Open Font License 1.1", "OFL-1.1")

FILM, POSTER, SONG = "The Table Is Set", "Come In", "The Longest Night, Sung"
IN_THE_FILM = {
    "before-the-milk": 3,
    "steam-at-five": 3,
    "seven-at-the-window": 3,
    "the-green-pane": 3,
    "lanterns-on-the-river": 4,
    "the-long-table": 6,
    "kitchen-parade": 6,
}
ON_THE_POSTER = {
    "buns-on-the-sill": 3,
    "cut-with-a-chisel": 3,
    "the-green-pane": 3,
    "second-bend": 3,
    "barefoot-until-midnight": 2,
    "nine-over-the-hill": 3,
}
ON_THE_SECOND_POSTER = {key: points for key, points in ON_THE_POSTER.items() if key != "barefoot-until-midnight"} | {"marigold-door": 4}

VERSIONS = (
    PlannedVersion(
        "table-1",
        FILM,
        1,
        "the-table-is-set_v1.mp4",
        {"tomasz": 2, "amara": 1},
        IN_THE_FILM,
        "First cut for the brand.",
        (ROOM_TONE, CAPITALS),
    ),
    PlannedVersion(
        "table-2",
        FILM,
        2,
        "the-table-is-set_v2.mp4",
        {"tomasz": 2, "amara": 1},
        IN_THE_FILM,
        "The title has a card of its own and can be read on a phone; the credits name everyone.",
        (ROOM_TONE, CAPITALS),
    ),
    PlannedVersion("come-in-1", POSTER, 1, "come-in_v1.png", {"ines": 1}, ON_THE_POSTER, "Six pictures, one poster.", (CAPITALS,)),
    PlannedVersion(
        "come-in-2",
        POSTER,
        2,
        "come-in_v2.png",
        {"ines": 1},
        ON_THE_SECOND_POSTER,
        "The beach has made room for a door: every picture is now a way in.",
        (CAPITALS,),
    ),
    PlannedVersion(
        "night-1",
        SONG,
        1,
        "the-longest-night-sung_v1.mp3",
        {"amara": 1},
        {"pomegranate-opened": 5, "lullaby-under-snow": 4},
        "Half a minute: the poem on the santur, then the lullaby it wakes from.",
    ),
)
SISTRUM = Overlooked(
    "selam",
    "kitchen-parade",
    "down-to-the-water",
    "influenced_by",
    "The sistrum from the sixth bar on is the one from my walk to the pool; the recording was shared in the second week.",
)


def credited(planned: PlannedVersion) -> list[str]:
    """The names on the credit card: the version's makers first, then all who made its components, by name."""
    first = [ARTIST[key].name for key in planned.makers]
    others = {ARTIST[key].name for component in planned.components for key in CONTRIBUTION[component].makers}
    return first + sorted(others - set(first))


def write_version(planned: PlannedVersion, file: Path) -> None:
    """Make one version's file."""
    names = credited(planned)
    tags = {"artist": names[0], "title": planned.deliverable, "comment": f"Version {planned.number}"}
    if planned.deliverable == FILM:
        the_table_is_set(file, tags, names, planned.number)
    elif planned.deliverable == POSTER:
        write_raster(
            _poster(list(planned.components), names),
            file,
            {"exif-ifd0-Artist": names[0], "exif-ifd0-ImageDescription": planned.deliverable},
        )
    else:
        write_sound(_song(), file, tags)


def _poster(keys: list[str], names: list[str]) -> pyvips.Image:
    """Six pictures as two columns of windows, the title above, the names at the foot; 1240 by 1754."""
    poster = plain(1240, 1754, [29, 20, 48])
    for place, key in enumerate(keys):
        window = still(key).thumbnail_image(550, height=412, size="both", crop="centre")
        poster = poster.insert(window, 60 + place % 2 * 570, 250 + place // 2 * 432)
    return poster.composite(raster(_poster_words(names), transparent=True), "over").flatten().cast("uchar")


def _poster_words(names: list[str]) -> str:
    title = lettering("Come in", 620, 78, 104, "#fff3d6", 0.55) + rect(500, 212, 240, 4, "#c9902f")
    foot = "".join(lettering(line, 620, 1596 + 34 * i, 15, "#e9d3a8", 0.6) for i, line in enumerate(_in_lines(names)))
    return sheet(title, foot, width=1240, height=1754)


def _in_lines(names: list[str], each: int = 4) -> list[str]:
    return [" · ".join(names[start : start + each]) for start in range(0, len(names), each)]


def _song() -> Tape:
    first, second = pomegranate_opened(), lullaby_under_snow()
    song = Tape(len(first.left) / RATE + len(second.left) / RATE - 1.5)
    song.lay(first, 0)
    song.lay(second, len(first.left) / RATE - 1.5)
    return song.finished()
