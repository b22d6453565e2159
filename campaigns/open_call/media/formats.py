"""The formats that contributions come in, and what a file is by its own bytes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

import filetype

from campaigns.core.words import _
from campaigns.open_call.media.faults import NotWhatItSays, UnknownFormat


class MediaKind(StrEnum):
    """What a contribution is made of."""

    TEXT = "text"
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its type, the decoder that must open it, the endings of its files' names, and the type's other names."""

    mime: str
    kind: MediaKind
    decoder: str
    endings: tuple[str, ...]
    aliases: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format("text/markdown", MediaKind.TEXT, "text", ("md", "markdown"), ("text/x-markdown",)),
    Format("text/plain", MediaKind.TEXT, "text", ("txt",)),
    Format("image/jpeg", MediaKind.PICTURE, "jpegload", ("jpg", "jpeg"), ("image/jpg", "image/pjpeg")),
    Format("image/png", MediaKind.PICTURE, "pngload", ("png",), ("image/apng",)),
    Format("image/webp", MediaKind.PICTURE, "webpload", ("webp",)),
    Format("image/gif", MediaKind.PICTURE, "gifload", ("gif",)),
    Format("image/tiff", MediaKind.PICTURE, "tiffload", ("tif", "tiff")),
    Format("audio/mpeg", MediaKind.SOUND, "mp3", ("mp3",), ("audio/mp3",)),
    Format("audio/mp4", MediaKind.SOUND, "mov", ("m4a",), ("audio/x-m4a", "audio/m4a")),
    Format("audio/wav", MediaKind.SOUND, "wav", ("wav",), ("audio/x-wav", "audio/wave", "audio/vnd.wave")),
    Format("audio/flac", MediaKind.SOUND, "flac", ("flac",), ("audio/x-flac",)),
    Format("audio/ogg", MediaKind.SOUND, "ogg", ("ogg", "oga", "opus"), ("application/ogg",)),
    Format("video/mp4", MediaKind.FILM, "mov", ("mp4", "m4v"), ("video/x-m4v",)),
    Format("video/quicktime", MediaKind.FILM, "mov", ("mov",)),
    Format("video/webm", MediaKind.FILM, "matroska", ("webm",)),
    Format("video/x-matroska", MediaKind.FILM, "matroska", ("mkv",), ("video/matroska",)),
)
BY_MIME = {mime: format_ for format_ in FORMATS for mime in (format_.mime, *format_.aliases)}
BY_ENDING = {ending: format_ for format_ in FORMATS for ending in format_.endings}
MARKDOWN = BY_MIME["text/markdown"]


def format_of(path: Path, name: str, declared: str | None) -> Format:
    """The format of the file at `path` by its bytes; `name` is what its owner calls it, `declared` the type that came with it.

    Raises UnknownFormat where we do not take such files and NotWhatItSays where its name or declared type says another format.
    """
    said = [s for s in (BY_ENDING.get(PurePath(name).suffix.lower().lstrip(".")), BY_MIME.get(_essence(declared))) if s]
    found = _sniffed(path, said)
    if found is None:
        begins, endings = _first_bytes(path), ", ".join(BY_ENDING)
        sentence = _(
            "“{file}” is not in an accepted format: it begins with the bytes {begins}. Accepted formats: {endings}.",
            file=name,
            begins=begins,
            endings=endings,
        )
        raise UnknownFormat(sentence, field="file")
    # One container holds sound or film under several names; which it is, the proof sees by its streams.
    if not said or any(format_.decoder != found.decoder for format_ in said):
        is_like = found.mime
        raise NotWhatItSays(
            _("“{file}” is not what its name or type says: it looks like {is_like}.", file=name, is_like=is_like), field="file"
        )
    return said[0]


def _first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(8).hex(" ")


def _essence(mime: str | None) -> str:
    return (mime or "").partition(";")[0].strip().lower()


def _sniffed(path: Path, said: list[Format]) -> Format | None:
    """What the bytes look like. Text has no magic numbers: a file that says it is text, and looks like nothing else, is."""
    guess = filetype.guess(str(path))
    if guess is not None:
        return BY_MIME.get(guess.mime)
    texts = [format_ for format_ in said if format_.kind is MediaKind.TEXT]
    return texts[0] if texts else None
