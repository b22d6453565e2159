"""Decode all of a file, in a process of its own: `python -m campaigns.open_call.media.decode <kind> <decoder> <path>`.

Prints {"fault": null} when all of it is sound, or the name of what is wrong with it.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

MOST_PIXELS = 100_000_000
LONGEST_TEXT = 1_000_000
LONGEST_SECONDS = 24 * 3600
MISSING_SECONDS = 0.25
LARGEST_OGG_PAGE = 65_307
ACTIVE = re.compile(r"<\s*/?\s*(html|svg|script|iframe|object|embed)\b", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_fault(raw: bytes) -> str | None:
    """Whether the text is anything but UTF-8 words: `damaged`, `bomb` when too long, `empty`, or `unsafe` with what, and at which byte."""
    if len(raw) > LONGEST_TEXT:
        return "bomb"
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "damaged"
    if found := ACTIVE.search(words):
        return f"unsafe {len(words[: found.start()].encode())} {found[0]}"
    if CONTROL.search(words):
        return "damaged"
    return None if words.strip() else "empty"


def written_fault(path: str, _decoder: str) -> str | None:
    """What `text_fault` finds in a file; a longer one is not read."""
    with Path(path).open("rb") as file:
        return text_fault(file.read(LONGEST_TEXT + 1))


def picture_fault(path: str, decoder: str) -> str | None:
    """Whether a picture's header promises too many pixels (`bomb`), or not all of them are there (`damaged`)."""
    import pyvips

    pyvips.block_untrusted_set(True)
    try:
        header = pyvips.Image.new_from_file(path, fail_on="error")
        if not header.get("vips-loader").startswith(decoder):
            return "damaged"
        pages = header.get("n-pages") if "n-pages" in header.get_fields() else 1
        if header.width * header.height * pages > MOST_PIXELS:
            return "bomb"
        every = {"n": -1} if pages > 1 else {}
        pyvips.Image.new_from_file(path, access="sequential", fail_on="error", **every).avg()
    except pyvips.Error:
        return "damaged"
    return None


def sound_fault(path: str, decoder: str) -> str | None:
    """Whether a sound has no sound in it (`empty`), says it never ends (`endless`) or does not play to its end (`damaged`)."""
    if decoder == "ogg" and not _last_page_is_there(path):
        return "damaged"
    return _stream_fault(path, decoder, "audio")


def film_fault(path: str, decoder: str) -> str | None:
    """Whether a film has no moving picture (`empty`), too large a one (`bomb`), no end (`endless`) or does not play to it (`damaged`)."""
    return _stream_fault(path, decoder, "video")


def _stream_fault(path: str, decoder: str, wanted: str) -> str | None:
    import av

    try:
        with av.open(path, format=decoder, options={"err_detect": "explode", "protocol_whitelist": "file"}) as container:
            streams = _played(container)
            kinds = {stream.type for stream in streams}
            if wanted not in kinds or (wanted == "audio" and "video" in kinds):
                return "empty"
            if any(s.width * s.height > MOST_PIXELS for s in streams if isinstance(s, av.VideoStream)):
                return "bomb"
            if max(_whole(container), *map(_stated_end, streams)) > LONGEST_SECONDS:
                return "endless"
            return _played_fault(container, streams)
    except (av.FFmpegError, ValueError):
        return "damaged"


def _played(container: "InputContainer") -> "list[Stream]":
    """The streams that are heard or seen: not a cover picture, subtitles or chapters."""
    import av

    cover = av.stream.Disposition.attached_pic
    return [s for s in (*container.streams.video, *container.streams.audio) if not s.disposition & cover]


def _played_fault(container: "InputContainer", streams: "list[Stream]") -> str | None:
    """Whether some packet does not decode, or a stream is shorter than the file says (`damaged`), or has frames after days (`endless`)."""
    for stream in streams:
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    ends = dict.fromkeys(streams, 0.0)
    for packet in container.demux(streams):
        if packet.is_corrupt:
            return "damaged"
        ends[packet.stream] = max([ends[packet.stream], *(_end(frame) for frame in packet.decode())])
    if max(ends.values()) > LONGEST_SECONDS:
        return "endless"
    is_whole = max(ends.values()) >= _whole(container) - MISSING_SECONDS
    return None if is_whole and all(0 < ends[s] >= _stated_end(s) - MISSING_SECONDS for s in streams) else "damaged"


def _whole(container: "InputContainer") -> float:
    """How long the file says that it is, in seconds; 0 when it does not say."""
    return float(container.duration or 0) / 1e6


def _stated_end(stream: "Stream") -> float:
    """When the file says that the stream ends, in seconds; 0 when it does not say."""
    return float(((stream.start_time or 0) + (stream.duration or 0)) * (stream.time_base or 0))


def _end(frame: Any) -> float:
    return (frame.time or 0.0) + float((frame.duration or 0) * (frame.time_base or 0))


def _last_page_is_there(path: str) -> bool:
    """Whether an Ogg file ends with a whole page that says it is the last: nothing else in the format tells of a cut."""
    with Path(path).open("rb") as file:
        file.seek(max(Path(path).stat().st_size - LARGEST_OGG_PAGE, 0))
        tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or not page[5] & 4:
        return False
    segments = page[27 : 27 + page[26]]
    return len(page) >= 27 + page[26] + sum(segments)


FAULTS: Mapping[str, Callable[[str, str], str | None]] = {
    "text": written_fault,
    "picture": picture_fault,
    "sound": sound_fault,
    "film": film_fault,
}

if __name__ == "__main__":
    kind, decoder, path = sys.argv[1:]
    sys.stdout.write(json.dumps({"fault": FAULTS[kind](path, decoder)}))
