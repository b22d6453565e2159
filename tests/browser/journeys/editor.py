"""The editor: makes the versions that the brand decides on."""

import re
from pathlib import Path

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import LATE, REMIX, TEXT


def make_the_first_version(edda: Hands, file: Path) -> None:
    """The file, the contributions in it, who made it, and what came from outside with its licence."""
    edda.go("Versions")
    edda.look_until("Upload version 1")
    edda.go(re.compile("^Upload version 1"))
    edda.pick_file(file)
    edda.tick(re.compile(rf"{TEXT}\s"))
    edda.tick(re.compile(rf"{REMIX}\s"))
    edda.write("Edda Storm", "1")
    edda.choose("Kind", "Stock music")
    edda.write("Title", "Kitchen, Winter, Night")
    edda.write("Source", "Fieldhouse Sound Library")
    edda.write("License", "Royalty-free, all media, worldwide (FSL-2026-118842)")
    edda.press("Upload version 1")


def make_the_next_version(edda: Hands, file: Path) -> None:
    """What the brand asked for is done in it."""
    edda.go("Versions")
    edda.look_until("Upload version 2")
    edda.go(re.compile("^Upload version 2"))
    edda.find(re.compile("requested changes:"))
    edda.pick_file(file)
    edda.tick(re.compile(LATE))
    edda.press("Upload version 2")
