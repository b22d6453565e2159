import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.core.errors import Invalid
from campaigns.open_call.media import confined
from campaigns.open_call.media.faults import Bomb, Damaged, NothingInIt, NotWhatItSays, TooHard, UnknownFormat, Unsafe
from campaigns.open_call.media.proof import prove
from tests import samples

SOUND = [(samples.sound, ending) for ending in ("mp3", "m4a", "wav", "flac", "ogg", "opus")]
PICTURES = [(samples.picture, ending) for ending in ("jpg", "png", "webp", "gif", "tif")]
FILMS = [(samples.film, ending) for ending in ("mp4", "mov", "webm", "mkv")]
MADE = [*SOUND, *PICTURES, *FILMS]
Maker = Callable[[Path, str], Path]


def refusal_of(path: Path, declared: str | None = None) -> Invalid:
    with pytest.raises(Invalid) as refused:
        prove(path, path.name, declared)
    return refused.value


@pytest.mark.parametrize(("make", "ending"), MADE)
def test_a_whole_file_of_each_format_is_proved(make: Maker, ending: str, tmp_path: Path) -> None:
    path = make(tmp_path, ending)
    assert ending in prove(path, path.name, None).endings


@pytest.mark.parametrize(("make", "ending"), MADE)
def test_a_truncated_file_of_each_format_is_refused_by_name(make: Maker, ending: str, tmp_path: Path) -> None:
    refused = refusal_of(samples.cut(make(tmp_path, ending)))
    assert (type(refused), refused.field) == (Damaged, "file")
    assert f".{ending}”" in refused.message


def test_a_text_is_proved_by_its_words_and_its_name(tmp_path: Path) -> None:
    assert prove(samples.text(tmp_path), "story.md", "text/markdown").mime == "text/markdown"
    assert prove(samples.text(tmp_path), "story.txt", None).mime == "text/plain"


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (b"Caf\xe9 in Latin-1", Damaged),
        (b"before\x00after", Damaged),
        (b"  \n ", NothingInIt),
        (b"a" * 1_000_001, Bomb),
        (b"Hello <script>alert(1)</script>", Unsafe),
        (b"Hello < SVG onload=x>", Unsafe),
        (b"<!doctype html><HTML>", Unsafe),
    ],
)
def test_a_text_that_is_no_plain_text_is_refused(words: bytes, refusal: type[Invalid], tmp_path: Path) -> None:
    path = tmp_path / "story.md"
    path.write_bytes(words)
    refused = refusal_of(path)
    assert (type(refused), "story.md" in refused.message) == (refusal, True)


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    refused = refusal_of(samples.sound(tmp_path).rename(tmp_path / "lantern.jpg"))
    assert type(refused) is NotWhatItSays
    assert refused.message == "“lantern.jpg” is not what its name or type says: it looks like audio/mpeg."


def test_a_file_that_is_not_what_it_was_declared_to_be_is_refused(tmp_path: Path) -> None:
    assert type(refusal_of(samples.picture(tmp_path), declared="image/png")) is NotWhatItSays


def test_a_program_under_the_name_of_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lantern.png"
    path.write_bytes(b"\x7fELF" + bytes(100))
    assert type(refusal_of(path)) is UnknownFormat


def test_a_picture_cannot_come_as_a_text(tmp_path: Path) -> None:
    assert type(refusal_of(samples.picture(tmp_path).rename(tmp_path / "story.md"))) is NotWhatItSays


def test_a_sound_under_the_name_of_a_film_is_refused(tmp_path: Path) -> None:
    assert type(refusal_of(samples.sound(tmp_path, "m4a").rename(tmp_path / "film.mp4"))) is NothingInIt


def test_a_film_under_the_name_of_a_sound_is_refused(tmp_path: Path) -> None:
    assert type(refusal_of(samples.film(tmp_path).rename(tmp_path / "song.m4a"))) is NothingInIt


def test_a_small_file_that_unfolds_into_too_many_pixels_is_refused_before_it_does(tmp_path: Path) -> None:
    path = samples.bomb(tmp_path)
    assert path.stat().st_size < 2_000_000
    assert type(refusal_of(path)) is Bomb


def test_a_playlist_that_names_other_files_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    assert type(refusal_of(path)) in {UnknownFormat, Damaged}


def test_a_program_past_its_time_is_ended_with_all_that_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooHard) as refused:
        confined.run(["/bin/sh", "-c", "sleep 30 & sleep 30"], "slow.mp4", seconds=1)
    assert refused.value.message.startswith("“slow.mp4” takes more time or memory")


def test_a_program_past_its_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MEGABYTES", 200)
    with pytest.raises(TooHard):
        confined.run([sys.executable, "-c", "bytes(10**9)"], "vast.png")


def test_what_opens_a_strangers_file_knows_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_secret")
    said = confined.run(["/usr/bin/env"], "x")
    assert b"sk_live_secret" not in said
    assert b"CALLBOARD" not in said
