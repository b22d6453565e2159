"""Make the corpus: `python -m tests.attacks.corpus.make`; with `--sound` the sound files that it begins with as well.

Without `--sound` no program but this one has a part in it, and the same bytes come of it each time.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pyvips

from tests.attacks.corpus import boxes, ebml, papers, pictures

FILES = Path(__file__).with_name("files")
# Where the kept files would fetch and read from. Whoever sends them puts a port and a path of the same length there.
PORT, CANARY = b"47321", b"/tmp/callboard-canary-000000000000"
TOLD = b"http://127.0.0.1:" + PORT
EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1")
MOVING = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=0.4")
WORDS = "1\n00:00:00,000 --> 00:00:00,400\n<script>alert('zqmarker')</script>\n"


def hostile() -> Iterator[tuple[str, bytes]]:
    """Every file of the corpus that is made from the sound ones, or from nothing."""
    film, moving = (FILES / "sound.mp4").read_bytes(), (FILES / "sound.webm").read_bytes()
    yield from boxes.films(film, TOLD, CANARY)
    yield from ebml.films(moving)
    yield from pictures.tiffs()
    yield from papers.papers(TOLD, CANARY)
    yield from pictures.others((FILES / "sound.jpg").read_bytes(), (FILES / "sound.png").read_bytes(), TOLD, CANARY)


def sound() -> None:
    """The films and pictures that nothing is wrong with, and two that carry words and a page as only ffmpeg packs them."""
    words, page = FILES / "words.srt", FILES / "page.html"
    words.write_text(WORDS)
    page.write_text("<!doctype html><script>alert('zqmarker')</script>")
    encoded = (*MOVING, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    _ffmpeg("sound.mp4", *encoded, *EXACT)
    _ffmpeg("sound.webm", *MOVING, "-c:v", "libvpx", "-b:v", "50k", *EXACT)
    titled = ("-metadata", "title=<script>zqmarker</script>")
    _ffmpeg("words-under-a-film.mp4", *encoded, "-i", str(words), "-map", "0", "-map", "1", "-c:s", "mov_text", *EXACT, *titled)
    attached = ("-attach", str(page), "-metadata:s:t", "mimetype=text/html", "-metadata:s:t", "filename=../../zqmarker.html")
    _ffmpeg("page-attached-to-a-film.mkv", *encoded, *EXACT, *attached, *titled)
    for path in (words, page):
        path.unlink()
    for ending in ("jpg", "png"):
        pyvips.Image.black(64, 48).write_to_file(str(FILES / f"sound.{ending}"), keep="none")


def _ffmpeg(name: str, *how: str) -> None:
    # Options of an output stand behind all inputs.
    inputs = [word for at, word in enumerate(how) if word == "-i" or how[at - 1] == "-i" or word == "-f" or how[at - 1] == "-f"]
    rest = [word for word in how if word not in inputs]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *inputs, *rest, str(FILES / name)]
    subprocess.run(command, check=True, timeout=60)


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    if "--sound" in sys.argv:
        sound()
    for name, content in hostile():
        (FILES / name).write_bytes(content)
