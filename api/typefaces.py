"""The typefaces that browsers are given: of each the weights and letters that the style sheet asks for, made once, at set-up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from api.assets import MODULES, STATIC, TYPEFACES

SOURCES = {
    "inter.woff2": "inter/files/inter-latin-wght-normal.woff2",
    "inter-ext.woff2": "inter/files/inter-latin-ext-wght-normal.woff2",
    "bricolage.woff2": "bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2",
    "bricolage-ext.woff2": "bricolage-grotesque/files/bricolage-grotesque-latin-ext-wght-normal.woff2",
}
FACE = re.compile(r'@font-face \{[^}]*/([\w-]+\.woff2)"[^}]* font-weight: (\d+)(?: (\d+))?;[^}]* unicode-range: ([^;]+);')


@dataclass(frozen=True, slots=True)
class Face:
    """A face as the style sheet asks for it: its file's name, the lightest and boldest weight, the letters."""

    name: str
    lightest: int
    boldest: int
    letters: frozenset[int]

    @property
    def source(self) -> Path:
        return MODULES / "@fontsource-variable" / SOURCES[self.name]


def faces() -> Iterator[Face]:
    """Every face of the style sheet."""
    for name, lightest, boldest, letters in FACE.findall((STATIC / "css" / "base.css").read_text()):
        yield Face(name, int(lightest), int(boldest or lightest), frozenset(parse_unicodes(letters)))


def subset(face: Face) -> TTFont:
    """The face with nothing in it that is not asked for; it keeps all that its letters do beside each other."""
    font, subsetter = TTFont(face.source, recalcTimestamp=False), Subsetter(Options(layout_features=["*"]))
    subsetter.populate(unicodes=face.letters)
    subsetter.subset(font)
    weights = face.lightest if face.lightest == face.boldest else (face.lightest, face.boldest)
    return instantiateVariableFont(font, {"wght": weights})


if __name__ == "__main__":
    TYPEFACES.mkdir(exist_ok=True)
    for face in faces():
        subset(face).save(TYPEFACES / face.name)
