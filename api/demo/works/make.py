"""Making the files: the demo calls make_works and make_cuts, each work written under the file name of the catalogue."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from api.demo.works.catalogue import WORKS
from api.demo.works.cuts import CUTS, write_cut
from api.demo.works.encoding import write_sound
from api.demo.works.film import every_window, one_coin_one_candle
from api.demo.works.pictures import SHEETS, write_contact_sheet, write_picture
from api.demo.works.sounds import TAPES
from api.demo.works.work import Work

TEXTS = Path(__file__).parent / "texts"


def make_works(folder: Path) -> dict[str, Path]:
    """Write every work of the catalogue into the folder; answers the files by the works' keys."""
    return dict(works_made(folder))


def make_cuts(folder: Path) -> dict[str, Path]:
    """Write every cut of the deliverables into the folder; answers the files by the cuts' keys."""
    return dict(cuts_made(folder))


def works_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each work's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for work in WORKS:
        file = folder / work.file
        MAKING[work.kind](work, file)
        yield work.key, file


def cuts_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each cut's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for cut in CUTS:
        file = folder / cut.file
        write_cut(cut, file)
        yield cut.key, file


def _text(work: Work, file: Path) -> None:
    shutil.copyfile(TEXTS / f"{work.key}.md", file)


def _picture(work: Work, file: Path) -> None:
    if work.key in SHEETS:
        write_picture(work.key, file, work.planted)
    else:
        write_contact_sheet(file, work.planted)


def _sound(work: Work, file: Path) -> None:
    write_sound(TAPES[work.key](), file, work.planted)


def _film(work: Work, file: Path) -> None:
    {"one-coin-one-candle": one_coin_one_candle, "every-window": every_window}[work.key](file, work.planted)


MAKING: dict[str, Callable[[Work, Path], None]] = {"story": _text, "poem": _text, "picture": _picture, "sound": _sound, "film": _film}
