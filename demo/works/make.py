"""Making the files: the demo calls make_works and make_versions, each work written under the file name of the catalogue."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from demo.works.catalogue import WORKS
from demo.works.encoding import write_sound
from demo.works.film import every_window, one_coin_one_candle
from demo.works.pictures import SHEETS, write_contact_sheet, write_picture
from demo.works.sounds import TAPES
from demo.works.versions import VERSIONS, write_version
from demo.works.work import DemoContribution

TEXTS = Path(__file__).parent / "texts"


def make_works(folder: Path) -> dict[str, Path]:
    """Write every work of the catalogue into the folder; answers the files by the works' keys."""
    return dict(works_made(folder))


def make_versions(folder: Path) -> dict[str, Path]:
    """Write every version of the deliverables into the folder; answers the files by the versions' keys."""
    return dict(versions_made(folder))


def works_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each work's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for work in WORKS:
        file = folder / work.file
        MAKING[work.kind](work, file)
        yield work.key, file


def versions_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each version's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for planned in VERSIONS:
        file = folder / planned.file
        write_version(planned, file)
        yield planned.key, file


def _text(work: DemoContribution, file: Path) -> None:
    shutil.copyfile(TEXTS / f"{work.key}.md", file)


def _picture(work: DemoContribution, file: Path) -> None:
    if work.key in SHEETS:
        write_picture(work.key, file, work.planted)
    else:
        write_contact_sheet(file, work.planted)


def _sound(work: DemoContribution, file: Path) -> None:
    write_sound(TAPES[work.key](), file, work.planted)


def _film(work: DemoContribution, file: Path) -> None:
    {"one-coin-one-candle": one_coin_one_candle, "every-window": every_window}[work.key](file, work.planted)


MAKING: dict[str, Callable[[DemoContribution, Path], None]] = {
    "story": _text,
    "poem": _text,
    "picture": _picture,
    "sound": _sound,
    "film": _film,
}
