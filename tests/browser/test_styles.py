"""The styles serve whoever reads from the right as well as from the left."""

import re

from api.assets import STATIC

PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)[-\w]*|left|right|float|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|text-align\s*:\s*(?:left|right)"
)
FOUR_SIDES = re.compile(r"(?<![-\w])(?:margin|padding|inset)\s*:(\s*[^\s;}]+(?:\s+[^\s;}]+){3})\s*[;}]")


def test_no_style_knows_left_from_right() -> None:
    styles = {path.name: path.read_text() for path in (STATIC / "css").glob("*.css")}
    physical = [(name, found[0]) for name, style in styles.items() for found in PHYSICAL.finditer(style)]
    lopsided = [
        (name, found[0]) for name, style in styles.items() for found in FOUR_SIDES.finditer(style) if _is_lopsided(found[1].split())
    ]
    assert (physical, lopsided) == ([], [])


def _is_lopsided(sides: list[str]) -> bool:
    _top, right, _bottom, left = sides
    return right != left
