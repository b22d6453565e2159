"""Files of sound and film, encoded with PyAV so that the same samples and frames give the same bytes."""

from array import array
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pyvips

from demo.works.instruments import RATE, Tape

FILM_WIDTH, FILM_HEIGHT, FRAMES_A_SECOND = 640, 360, 24
CODECS: dict[str, Literal["pcm_s16le", "flac", "libmp3lame", "aac"]] = {
    ".wav": "pcm_s16le",
    ".flac": "flac",
    ".mp3": "libmp3lame",
    ".m4a": "aac",
}

Tags = dict[str, str]


def write_sound(tape: Tape, file: Path, tags: Tags) -> None:
    """Encode a tape as the kind of sound that the file's name says."""
    with av.open(str(file), "w", options={"fflags": "+bitexact"}) as container:
        container.metadata.update(tags)
        stream = container.add_stream(CODECS[file.suffix], rate=RATE, layout="stereo")
        _encode_sound(container, stream, tape)


def write_film(frames: Iterable[pyvips.Image], tape: Tape, file: Path, tags: Tags) -> None:
    """Encode frames (sRGB, FILM_WIDTH by FILM_HEIGHT) and a tape as H.264 and AAC."""
    with av.open(str(file), "w", options={"fflags": "+bitexact", "movflags": "+faststart"}) as container:
        container.metadata.update(tags)
        picture = container.add_stream("libx264", rate=FRAMES_A_SECOND, options={"preset": "superfast", "crf": "22"})
        picture.width, picture.height, picture.pix_fmt = FILM_WIDTH, FILM_HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="stereo")
        for number, frame in enumerate(frames):
            pixels = av.VideoFrame(FILM_WIDTH, FILM_HEIGHT, "rgb24")
            pixels.planes[0].update(bytes(frame.write_to_memory()))
            pixels.pts, pixels.time_base = number, Fraction(1, FRAMES_A_SECOND)
            container.mux(picture.encode(pixels))
        container.mux(picture.encode(None))
        _encode_sound(container, sound, tape)


def _encode_sound(container: av.container.OutputContainer, stream: av.AudioStream, tape: Tape) -> None:
    samples = _interleaved(tape)
    block = 2048
    for start in range(0, len(samples) // 2, block):
        part = samples[start * 2 : (start + block) * 2]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=len(part) // 2)
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        frame.planes[0].update(_padded(part.tobytes(), frame.planes[0].buffer_size))
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _interleaved(tape: Tape) -> "array[int]":
    """Both tracks as 16-bit samples; a finished tape stays within -1 and 1."""
    samples = array("h", bytes(4 * len(tape.left)))
    samples[::2] = array("h", [int(s * 32_000) for s in tape.left])
    samples[1::2] = array("h", [int(s * 32_000) for s in tape.right])
    return samples


def _padded(sound: bytes, size: int) -> bytes:
    return sound + bytes(size - len(sound))
