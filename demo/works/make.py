"""Making the files: the demo calls make_works and make_versions, each contribution written under the file name of the catalogue."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from demo.works.catalogue import CONTRIBUTIONS
from demo.works.contribution import DemoContribution
from demo.works.encoding import write_sound
from demo.works.film import every_window, one_coin_one_candle
from demo.works.pictures import SHEETS, write_contact_sheet, write_picture
from demo.works.sounds import TAPES
from demo.works.versions import VERSIONS, write_version

TEXTS = Path(__file__).parent / "texts"


def make_works(folder: Path) -> dict[str, Path]:
    """Write every contribution of the catalogue into the folder; answers the files by the contributions' keys."""
    return dict(works_made(folder))


def make_versions(folder: Path) -> dict[str, Path]:
    """Write every version of the deliverables into the folder; answers the files by the versions' keys."""
    return dict(versions_made(folder))


def works_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each contribution's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for contribution in CONTRIBUTIONS:
        file = folder / contribution.file
        MAKING[contribution.kind](contribution, file)
        yield contribution.key, file


def versions_made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each version's key and file as soon as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for planned in VERSIONS:
        file = folder / planned.file
        write_version(planned, file)
        yield planned.key, file


def _text(contribution: DemoContribution, file: Path) -> None:
    shutil.copyfile(TEXTS / f"{contribution.key}.md", file)


def _picture(contribution: DemoContribution, file: Path) -> None:
    if contribution.key in SHEETS:
        write_picture(contribution.key, file, contribution.planted)
    else:
        write_contact_sheet(file, contribution.planted)


def _sound(contribution: DemoContribution, file: Path) -> None:
    write_sound(TAPES[contribution.key](), file, contribution.planted)


def _film(contribution: DemoContribution, file: Path) -> None:
    {"one-coin-one-candle": one_coin_one_candle, "every-window": every_window}[contribution.key](file, contribution.planted)


MAKING: dict[str, Callable[[DemoContribution, Path], None]] = {
    "story": _text,
    "poem": _text,
    "picture": _picture,
    "sound": _sound,
    "film": _film,
}
