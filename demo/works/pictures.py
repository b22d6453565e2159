"""The picture files: every sheet rastered and encoded, in some of them the traces that a blind review must not show."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyvips

from demo.works.drawing import HEIGHT, WIDTH
from demo.works.scenes import river, skies, streets, tables, thresholds, windows

SHEETS: dict[str, Callable[[], str]] = {
    "before-the-milk": thresholds.rangoli_before_milk,
    "second-bend": river.river_second_bend,
    "cut-with-a-chisel": streets.cut_with_a_chisel,
    "seven-beginning-with-s": tables.seven_beginning_with_s,
    "barefoot-until-midnight": skies.barefoot_until_midnight,
    "buns-on-the-sill": windows.window_with_saffron_buns,
    "the-green-pane": streets.green_pane,
    "steam-at-five": streets.steam_five_in_the_morning,
    "nine-over-the-hill": skies.nine_over_the_hill,
    "seven-at-the-window": windows.seven_at_the_window,
    "marigold-door": thresholds.marigold_door,
    "eight-and-the-helper": windows.eight_and_the_helper,
    "lanterns-on-the-river": river.lanterns_on_the_river,
    "the-long-table": tables.long_table,
}
BUNDLED = ("buns-on-the-sill", "second-bend", "the-green-pane")

Traces = dict[str, str]


def raster(svg: str, transparent: bool = False) -> pyvips.Image:
    """A drawn sheet as pixels."""
    image = pyvips.Image.svgload_buffer(svg.encode())
    return image.copy_memory() if transparent else image.flatten().copy_memory()


@cache
def still(key: str) -> pyvips.Image:
    """A picture of the call as pixels, for those who build upon it."""
    return raster(SHEETS[key]())


def write_picture(key: str, file: Path, traces: Traces) -> None:
    """Draw one picture and write it as the kind of file that its name says, with traces as (metadata field, text)."""
    write_raster(still(key), file, traces)


def write_raster(image: pyvips.Image, file: Path, traces: Traces) -> None:
    """Write pixels as PNG, JPEG or WebP with EXIF and comments."""
    traced = image.copy()
    for field, words in traces.items():
        traced.set_type(pyvips.GValue.gstr_type, field, words)
    quality = {} if file.suffix == ".png" else {"Q": 88}
    traced.write_to_file(str(file), **quality)


def write_contact_sheet(file: Path, traces: Traces) -> None:
    """Lay three finished pictures side by side and change nothing in them."""
    canvas = plain(WIDTH, HEIGHT, [216, 211, 200])
    for place, key in enumerate(BUNDLED):
        canvas = canvas.insert(still(key).thumbnail_image(354), 38 + place * 385, 317)
    write_raster(canvas, file, traces)


def plain(width: int, height: int, colour: list[int]) -> pyvips.Image:
    """A sheet of one colour."""
    return (pyvips.Image.black(width, height, bands=3) + colour).cast("uchar").copy(interpretation="srgb")
