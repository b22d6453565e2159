"""The redacted renditions of a contribution: what people see, hear and read of it, with no trace of who made it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg

from campaigns.open_call.media import confined
from campaigns.open_call.media.formats import MARKDOWN, Format, MediaKind

PICTURE, THUMBNAIL = 1600, 400
# Nobody waits for an answer while a film is encoded, as they do while it is proved.
ENCODING_SECONDS = 3600
# Nothing of the source but its picture and sound: no tags, chapters, cover, subtitles or name of the encoder.
BARE = ("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact", "-flags", "+bitexact")
VOICE = ("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "44100")
FILM = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-threads", "1")
HEIGHT_540 = "scale='trunc(iw*min(1,540/ih)/2)*2':'trunc(min(540,ih)/2)*2'"
WEB = ("-movflags", "+faststart", "-f", "mp4")


@dataclass(frozen=True, slots=True)
class RenditionFile:
    """One rendition as a file in the scratch folder; sizes are in pixels."""

    role: str
    mime: str
    path: Path
    width: int | None = None
    height: int | None = None
    words: int | None = None


def make(format_: Format, source: Path, folder: Path, name: str, makers: Sequence[str] = ()) -> Sequence[RenditionFile]:
    """The renditions of `source`, whose owner calls it `name`, written into `folder`; a text without its makers' names.

    Raises Failed where it cannot be rendered and TooHard where that goes past the limits.
    """
    if format_.kind is MediaKind.TEXT:
        return _text(format_, source, folder, name, makers)
    return MAKERS[format_.kind](format_, source, folder, name)


def _text(format_: Format, source: Path, folder: Path, name: str, makers: Sequence[str]) -> Sequence[RenditionFile]:
    page = folder / "text"
    markdown = "yes" if format_ is MARKDOWN else "no"
    asked = ("campaigns.open_call.media.words", markdown, str(source), str(page), json.dumps(list(makers)))
    counted = confined.python(*asked, name=name, reads=source, writes=folder)
    return [RenditionFile("text", "text/html", page, words=counted["words"])]


def _picture(_format: Format, source: Path, folder: Path, name: str) -> Sequence[RenditionFile]:
    return _pictures(source, folder, name, {"picture": PICTURE, "thumbnail": THUMBNAIL})


def _pictures(source: Path, folder: Path, name: str, sizes: Mapping[str, int]) -> Sequence[RenditionFile]:
    asked = [f"{role}:{size}" for role, size in sizes.items()]
    pictures = ("campaigns.open_call.media.pictures", str(source), str(folder))
    made = confined.python(*pictures, *asked, name=name, reads=source, writes=folder)
    return [RenditionFile(role, "image/webp", folder / role, **made[role]) for role in sizes]


def _sound(format_: Format, source: Path, folder: Path, name: str) -> Sequence[RenditionFile]:
    target = folder / "sound"
    _ffmpeg(format_.decoder, source, ["-map", "0:a:0", *BARE, *VOICE, *WEB], target, name)
    return [RenditionFile("sound", "audio/mp4", target)]


def _film(format_: Format, source: Path, folder: Path, name: str) -> Sequence[RenditionFile]:
    target, still = folder / "film", folder / "still"
    _ffmpeg(format_.decoder, source, ["-map", "0:V:0", "-map", "0:a:0?", *BARE, "-vf", HEIGHT_540, *FILM, *VOICE, *WEB], target, name)
    _ffmpeg("mov", target, ["-map", "0:V:0", "-vf", "thumbnail=50", "-frames:v", "1", "-f", "image2", "-c:v", "png"], still, name)
    poster, thumbnail = _pictures(still, folder, name, {"poster": PICTURE, "thumbnail": THUMBNAIL})
    return [RenditionFile("film", "video/mp4", target, width=poster.width, height=poster.height), poster, thumbnail]


MAKERS: Mapping[MediaKind, Callable[[Format, Path, Path, str], Sequence[RenditionFile]]] = {
    MediaKind.PICTURE: _picture,
    MediaKind.SOUND: _sound,
    MediaKind.FILM: _film,
}


def _ffmpeg(decoder: str, source: Path, how: Sequence[str], target: Path, name: str) -> None:
    opened = ["-protocol_whitelist", "file,pipe", "-f", decoder, "-i", str(source)]
    asked = [_program(), "-nostdin", "-loglevel", "error", "-y", *opened, *how, str(target)]
    confined.run(asked, name, reads=source, writes=target.parent, seconds=ENCODING_SECONDS)


@lru_cache
def _program() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())
