"""The films: slow pans over the pictures, melting into each other, on the mixed sound."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyvips

from demo.works.drawing import HEIGHT, WIDTH, circle, glow, placed, rect, sheet, stars
from demo.works.encoding import FILM_HEIGHT, FILM_WIDTH, FRAMES_A_SECOND, Tags, write_film
from demo.works.instruments import RATE, Tape, room_tone
from demo.works.lettering import lettering
from demo.works.motifs import lantern, moon
from demo.works.pictures import raster, still
from demo.works.scenes.river import reeds, river_floats, river_night
from demo.works.sounds import for_the_one_still_awake, kitchen_parade

MELT = 0.8


@dataclass(frozen=True)
class View:
    """A part of a sheet, 16 by 9: its middle and its width, in pixels of the sheet."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Shot:
    """One picture seen for some seconds while the view glides from one part to another."""

    picture: pyvips.Image
    seconds: float
    start: View
    end: View

    def at(self, share: float) -> pyvips.Image:
        """The frame after a share (0 to 1) of the shot."""
        ease = share * share * (3 - 2 * share)
        x, y, width = (
            a + (b - a) * ease for a, b in ((self.start.x, self.end.x), (self.start.y, self.end.y), (self.start.width, self.end.width))
        )
        zoom = FILM_WIDTH / width
        return self.picture.affine(
            [zoom, 0, 0, zoom],
            odx=FILM_WIDTH / 2 - x * zoom,
            ody=FILM_HEIGHT / 2 - y * zoom,
            oarea=[0, 0, FILM_WIDTH, FILM_HEIGHT],
            interpolate=pyvips.Interpolate.new("bilinear"),
            extend="background" if self.picture.hasalpha() else "copy",
        )


def spliced(shots: list[Shot]) -> Iterator[pyvips.Image]:
    """The frames of the shots, each melting into the next, from black and to black."""
    black = pyvips.Image.black(FILM_WIDTH, FILM_HEIGHT, bands=3).copy(interpretation="srgb")
    melt = round(MELT * FRAMES_A_SECOND)
    before = [black] * melt
    for shot in shots:
        count = round(shot.seconds * FRAMES_A_SECOND)
        frames = [shot.at(i / (count - 1)) for i in range(count)]
        yield from (_mixed(old, new, (i + 1) / (melt + 1)) for i, (old, new) in enumerate(zip(before, frames, strict=False)))
        yield from frames[melt:-melt]
        before = frames[-melt:]
    yield from (_mixed(old, black, (i + 1) / (melt + 1)) for i, old in enumerate(before))


def running_time(shots: list[Shot]) -> float:
    """Seconds of the shots when spliced, each melt shared by two."""
    return sum(shot.seconds for shot in shots) - MELT * (len(shots) - 1)


def _mixed(old: pyvips.Image, new: pyvips.Image, share: float) -> pyvips.Image:
    return (old * (1 - share) + new * share).cast("uchar")


def one_coin_one_candle(file: Path, tags: Tags) -> None:
    """The floats of the river picture adrift for nine seconds, under the lullaby."""
    layers = [raster(sheet(river_night(), placed(880, 190, moon(66)))), raster(sheet(river_floats()), True), raster(sheet(reeds()), True)]
    count = 9 * FRAMES_A_SECOND

    def adrift(number: int) -> pyvips.Image:
        gone, swell = number / count, 4 * math.sin(math.pi * number / 36)
        places = (View(600, 460, 1200), View(700 - 220 * gone, 460 + swell, 1200), View(560 + 80 * gone, 460, 1200))
        night, floats, bank = (Shot(layer, 1, place, place).at(0) for layer, place in zip(layers, places, strict=True))
        return night.composite([floats, bank], "over").flatten().cast("uchar")

    write_film((adrift(i) for i in range(count)), _first(for_the_one_still_awake(), 9), file, tags)


def every_window(file: Path, tags: Tags) -> None:
    """From the winter window over the river of lanterns to the long table, on the kitchen parade."""
    window, river, table = (still(key) for key in ("seven-at-the-window", "lanterns-on-the-river", "the-long-table"))
    shots = [
        Shot(window, 4.6, View(600, 330, 560), View(600, 500, 1100)),
        Shot(river, 4.8, View(880, 300, 620), View(520, 600, 900)),
        Shot(table, 6.6, View(330, 660, 600), View(600, 500, 1180)),
    ]
    write_film(spliced(shots), _first(kitchen_parade(), running_time(shots)), file, tags)


def the_table_is_set(file: Path, tags: Tags, names: list[str], version: int) -> None:
    """The brand's film; the first version sets its title small over a picture and credits one name, the second mends both."""
    shots = [
        Shot(still("before-the-milk"), 3.0, View(505, 520, 420), View(505, 500, 900)),
        Shot(still("steam-at-five"), 3.0, View(360, 560, 760), View(760, 560, 760)),
        Shot(still("seven-at-the-window"), 2.8, View(600, 620, 1000), View(600, 380, 700)),
        Shot(still("the-green-pane"), 2.8, View(600, 700, 700), View(600, 380, 560)),
        Shot(still("lanterns-on-the-river"), 3.0, View(420, 560, 900), View(760, 420, 900)),
        Shot(still("the-long-table"), 4.2, View(600, 330, 480), View(600, 520, 1180)),
    ]
    title = _hidden_title(still("before-the-milk")) if version == 1 else raster(_title_card())
    closing = raster(_credit_card(names[:1] if version == 1 else names))
    whole = View(600, 450, 1200)
    shots = [Shot(title, 2.6, whole, whole), *shots, Shot(closing, 3.4, whole, whole)]
    write_film(spliced(shots), _with_bed(_first(kitchen_parade(), running_time(shots))), file, tags)


def _with_bed(tape: Tape) -> Tape:
    """The sound on the bed of room tone that the versions declare as outside material."""
    bedded = Tape(len(tape.left) / RATE)
    bedded.lay(tape, 0, 0.9)
    bedded.add(room_tone(len(tape.left) / RATE), 0, 0.25)
    return bedded.finished()


def _hidden_title(picture: pyvips.Image) -> pyvips.Image:
    words = raster(sheet(lettering("The table is set", 600, 700, 30, "#d9b48a", 0.45)), transparent=True)
    return picture.composite(words, "over").flatten()


def _title_card() -> str:
    night = rect(0, 0, WIDTH, HEIGHT, "#1d1430") + stars(90, 4, HEIGHT) + glow(600, 330, 420, "#ffd27a", 0.25)
    return sheet(
        night,
        placed(600, 110, lantern(), scale=0.95),
        lettering("The table is set", 600, 530, 82, "#fff3d6", 0.62),
        rect(470, 668, 260, 4, "#c9902f"),
    )


def _credit_card(names: list[str]) -> str:
    top = 450 - 25 * ((len(names) + 1) // 2) - 30
    columns = "".join(
        lettering(name, 600 if len(names) == 1 else (330, 870)[i % 2], top + 70 + 50 * (i // 2), 24, "#f3e6cf", 0.6)
        for i, name in enumerate(names)
    )
    heading = lettering("made by", 600, top - 20, 26, "#c9902f", 0.6)
    return sheet(rect(0, 0, WIDTH, HEIGHT, "#1d1430"), stars(60, 9, HEIGHT), heading, columns, circle(600, top + 36, 4, "#c9902f"))


def _first(tape: Tape, seconds: float) -> Tape:
    """The beginning of a tape, faded out."""
    part = Tape(0)
    part.left, part.right = tape.left[: round(seconds * RATE)], tape.right[: round(seconds * RATE)]
    return part.finished()
