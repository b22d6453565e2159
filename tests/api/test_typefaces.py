"""What is cut from the typefaces, and what must stay in them."""

from fontTools.ttLib import TTFont

from api.assets import TYPEFACES
from api.typefaces import SOURCES, faces


def letters(name: str) -> frozenset[int]:
    return frozenset(TTFont(TYPEFACES / name).getBestCmap())


def test_each_face_has_the_letters_and_weights_that_the_style_sheet_asks_for_and_no_others() -> None:
    for face in faces():
        cut = TTFont(TYPEFACES / face.name)
        weights = [(axis.axisTag, axis.minValue, axis.maxValue) for axis in cut["fvar"].axes] if "fvar" in cut else []
        asked = [("wght", face.lightest, face.boldest)] if face.lightest < face.boldest else []
        assert (weights, letters(face.name)) == (asked, face.letters & set(TTFont(face.source).getBestCmap())), face.name
    assert {face.name for face in faces()} == set(SOURCES)


def test_figures_stand_under_each_other() -> None:
    cut = TTFont(TYPEFACES / "inter.woff2")
    assert "tnum" in {record.FeatureTag for record in cut["GSUB"].table.FeatureList.FeatureRecord}
