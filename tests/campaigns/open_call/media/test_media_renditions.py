from collections.abc import Callable
from pathlib import Path

import av
import pytest
import pyvips

from campaigns.open_call.media.blot import blotted
from campaigns.open_call.media.formats import BY_ENDING
from campaigns.open_call.media.renditions import RenditionFile, make
from campaigns.open_call.media.words import rendered, words_in
from tests import samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "made").mkdir()
    return tmp_path / "made"


def made_of(path: Path, folder: Path) -> dict[str, RenditionFile]:
    return {m.role: m for m in make(BY_ENDING[path.suffix[1:]], path, folder, path.name)}


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        *((samples.picture, e) for e in ("jpg", "png", "webp", "tif")),
        *((samples.sound, e) for e in ("mp3", "m4a", "wav", "flac", "ogg")),
        *((samples.film, e) for e in ("mp4", "webm", "mkv")),
    ],
)
def test_no_rendition_says_who_made_the_contribution(
    source: Callable[[Path, str], Path], ending: str, tmp_path: Path, folder: Path
) -> None:
    path = source(tmp_path, ending)
    planted = samples.NAME.split()[0].encode()
    assert planted in path.read_bytes(), "the name must be there to be lost"
    made = made_of(path, folder)
    assert [role for role, each in made.items() if planted in each.path.read_bytes()] == []


def test_a_text_says_neither_in_comments_nor_in_front_matter_nor_in_links_who_wrote_it(tmp_path: Path, folder: Path) -> None:
    page = made_of(samples.text(tmp_path), folder)["text"]
    assert page.path.read_text() == "<h1>Lanterns</h1>\n<p>Every <em>December</em> we walk.</p>\n"
    assert page.words == 5


def test_a_text_shows_its_makers_names_to_nobody_who_judges_it(tmp_path: Path, folder: Path) -> None:
    path = samples.text(tmp_path, "# By zorblatt quimby\n\nMay we walk, say May & *Zorblatt*\nQUIMBY; it may, Quimbyish.\n")
    (page,) = make(BY_ENDING["md"], path, folder, path.name, ["Zorblatt Quimby", "May", " "])
    assert page.path.read_text() == "<h1>By ▇▇▇</h1>\n<p>▇▇▇ we walk, say ▇▇▇ &amp; *▇▇▇; it may, Quimbyish.</p>\n"
    assert page.words == 7


@pytest.mark.parametrize("words", ["by Zorblatt\nQuimby.", "by **Zorblatt** Quimby.", "by zorblatt quimby."])
def test_a_name_is_known_over_a_line_in_emphasis_and_in_small_emails(words: str) -> None:
    assert blotted(words, ["Zorblatt Quimby"]).replace("*", "") == "by ▇▇▇."


def test_a_plain_text_keeps_its_lines_and_runs_nothing() -> None:
    html = rendered("A & B <b>\nnext\n\nlast", markdown=False)
    assert html == "<p>A &amp; B &lt;b&gt;<br>\nnext</p>\n<p>last</p>"
    assert words_in(html) == 5


def test_markdown_cannot_bring_html_with_it() -> None:
    html = rendered("<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![y](https://tracker.example/p.gif)", markdown=True)
    assert "<img" not in html
    assert "href" not in html
    assert "tracker" not in html


def test_a_picture_comes_in_two_sizes_without_metadata(tmp_path: Path, folder: Path) -> None:
    made = made_of(samples.picture(tmp_path, width=2400, height=1200), folder)
    assert {role: (m.mime, m.width, m.height) for role, m in made.items()} == {
        "picture": ("image/webp", 1600, 800),
        "thumbnail": ("image/webp", 400, 200),
    }
    fields = pyvips.Image.new_from_file(str(made["picture"].path)).get_fields()
    assert [f for f in fields if f.startswith(("exif", "xmp", "iptc", "icc"))] == []


def test_a_small_picture_is_not_enlarged(tmp_path: Path, folder: Path) -> None:
    assert made_of(samples.picture(tmp_path, width=300, height=200), folder)["picture"].width == 300


def test_a_sound_plays_without_tags(tmp_path: Path, folder: Path) -> None:
    made = made_of(samples.sound(tmp_path, "wav"), folder)
    with av.open(str(made["sound"].path)) as container:
        assert [s.codec_context.name for s in container.streams] == ["aac"]
        assert samples.NAME not in str(container.metadata)
        assert 1.9 < (container.duration or 0) / 1e6 < 2.2


def test_a_film_plays_at_540_lines_with_a_poster(tmp_path: Path, folder: Path) -> None:
    made = made_of(samples.film(tmp_path, "webm"), folder)
    assert sorted(made) == ["film", "poster", "thumbnail"]
    with av.open(str(made["film"].path)) as container:
        assert [s.codec_context.name for s in container.streams] == ["h264", "aac"]
        assert (
            (made["film"].width, made["film"].height) == (container.streams.video[0].width, container.streams.video[0].height) == (320, 240)
        )
