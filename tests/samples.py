"""Small files of every format, with a maker's name planted wherever a file can carry one."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pyvips

NAME = "Zorblatt Quimby"
TAGS = ("-metadata", f"artist={NAME}", "-metadata", f"comment={NAME}", "-metadata", f"title={NAME}", "-metadata", f"location={NAME}")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
MOVING = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2")
MARKDOWN = f"---\nauthor: {NAME}\n---\n# Lanterns\n\n<!-- by {NAME} -->\nEvery *December* [we](https://example.org '{NAME}') walk.\n"


def picture(folder: Path, ending: str = "jpg", width: int = 640, height: int = 480) -> Path:
    """A picture whose EXIF, comment and XMP name its maker."""
    path = folder / f"picture.{ending}"
    ramp = pyvips.Image.xyz(width, height)
    image = ramp[0].bandjoin([ramp[1], ramp[0] + ramp[1]]).cast("uchar").copy(interpretation="srgb")
    image.set_type(
        pyvips.GValue.gstr_type, "exif-ifd0-Artist", f"{NAME} ({NAME}, ASCII, {len(NAME) + 1} components, {len(NAME) + 1} bytes)"
    )
    image.set_type(pyvips.GValue.blob_type, "xmp-data", f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>{NAME}</a></x:xmpmeta>".encode())
    image.write_to_file(str(path))
    return path


def sound(folder: Path, ending: str = "mp3") -> Path:
    """A tone whose tags name its maker."""
    return _encoded(folder / f"sound.{ending}", *TONE, *({"ogg": ("-c:a", "libvorbis"), "opus": ("-c:a", "libopus")}.get(ending, ())))


def film(folder: Path, ending: str = "mp4") -> Path:
    """A moving test picture with a tone, whose tags name its maker."""
    codecs = ("-c:v", "libvpx", "-c:a", "libopus") if ending == "webm" else ("-pix_fmt", "yuv420p")
    return _encoded(folder / f"film.{ending}", *MOVING, *TONE, *codecs)


def text(folder: Path, words: str = MARKDOWN, ending: str = "md") -> Path:
    """A text whose front matter, comment and link title name its maker."""
    path = folder / f"text.{ending}"
    path.write_text(words, "utf-8")
    return path


def cut(path: Path, part: float = 0.6) -> Path:
    """The file without its end."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    return path


def bomb(folder: Path) -> Path:
    """A small PNG that unfolds into far too many pixels."""
    path = folder / "bomb.png"
    pyvips.Image.black(20_000, 20_000).pngsave(str(path), compression=9)
    return path


def _encoded(path: Path, *how: str) -> Path:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *how, *TAGS, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path
