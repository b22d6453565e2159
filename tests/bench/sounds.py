"""A recording as long as one likes, whose bytes never lie on a disk before they are sent: a WAV that every player plays."""

import random
import struct
from collections.abc import Iterator

RATE, CHANNELS, BITS = 48_000, 2, 16
PART = 65_536
HEAD = 44


def recording(size: int) -> Iterator[bytes]:
    """So many bytes, the head of the file and then noise, in parts."""
    held = (size - HEAD) // 4 * 4
    every_second = RATE * CHANNELS * BITS // 8
    yield (
        b"RIFF" + struct.pack("<I", 36 + held) + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, CHANNELS, RATE, every_second, CHANNELS * BITS // 8, BITS)
        + b"data" + struct.pack("<I", held)
    )  # fmt: skip
    noise, left = random.Random(7).randbytes(PART), held
    while left:
        yield noise[: min(PART, left)]
        left -= min(PART, left)


def size_of(megabytes: int) -> int:
    """The bytes of a recording of so many megabytes, head and all."""
    return HEAD + megabytes * 1024 * 1024
