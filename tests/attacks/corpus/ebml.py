"""WebM and Matroska: a sound small film whose elements are exchanged for others, and elements made by hand."""

import struct
import zlib
from collections.abc import Iterator

EBML, SEGMENT, INFO = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66"
TRACKS, CLUSTER, TAGS = b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\x12\x54\xc3\x67"
UNKNOWN = b"\x01" + b"\xff" * 7
VINT = 1 << 56


def element(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    """An element, which may say that it is of another size than it is."""
    return kind + struct.pack(">Q", VINT | (len(content) if size is None else size)) + content


def number(kind: bytes, value: int) -> bytes:
    return element(kind, struct.pack(">Q", value))


def head(kind: bytes = b"webm") -> bytes:
    return element(EBML, b"\x42\x82" + bytes([0x80 + len(kind)]) + kind + number(b"\x42\x87", 4) + number(b"\x42\x85", 2))


def film(*, kind: bytes = b"webm", track: bytes = b"", video: bytes = b"", blocks: bytes = b"", more: bytes = b"") -> bytes:
    """A film of one track, made by hand."""
    size = video or number(b"\xb0", 64) + number(b"\xba", 48)
    of_track = (
        number(b"\xd7", 1) + number(b"\x73\xc5", 1) + number(b"\x83", 1) + element(b"\x86", b"V_VP8") + element(b"\xe0", size) + track
    )
    whole = element(INFO, number(b"\x2a\xd7\xb1", 1_000_000)) + element(TRACKS, element(b"\xae", of_track)) + more
    return head(kind) + element(SEGMENT, whole + element(CLUSTER, number(b"\xe7", 0) + blocks))


def block(content: bytes, flags: int = 0x80) -> bytes:
    return element(b"\xa3", b"\x81\0\0" + bytes([flags]) + content)


def films(sound: bytes) -> Iterator[tuple[str, bytes]]:
    """Every film that means harm; `sound` is one that does not."""
    yield "clusters-of-no-size.webm", head() + SEGMENT + UNKNOWN + (CLUSTER + UNKNOWN) * 1500
    yield "tags-within-tags.mkv", film(kind=b"matroska", more=TAGS + UNKNOWN + (b"\x67\xc8" + UNKNOWN) * 2000)
    yield "laced-past-its-end.webm", film(blocks=block(b"\xff" + b"\xff" * 254, 0x82) + block(b"\xff" + b"\x01" + b"\xff" * 400, 0x86))
    yield "element-of-petabytes.webm", head() + element(SEGMENT, element(TRACKS, b"\xae", VINT - 2))
    yield "longer-than-the-universe.webm", sound.replace(_duration(sound), struct.pack(">d", 1e300))
    yield "65535-pixels-a-side.webm", film(video=number(b"\xb0", 65_535) + number(b"\xba", 65_535), blocks=block(_key_frame(16_383)))
    yield "16383-pixels-in-the-picture.webm", film(blocks=block(_key_frame(16_383)))
    packed = element(
        b"\x6d\x80", element(b"\x62\x40", number(b"\x50\x31", 0) + number(b"\x50\x33", 0) + element(b"\x50\x34", number(b"\x42\x54", 0)))
    )
    yield "swollen-when-unpacked.mkv", film(kind=b"matroska", track=packed, blocks=block(zlib.compress(bytes(32 << 20), 9)))
    yield "page-behind-a-film.webm", sound + b"<!doctype html><html><script>alert('zqmarker')</script></html>"


def _duration(sound: bytes) -> bytes:
    at = sound.index(b"\x44\x89\x88") + 3
    return sound[at : at + 8]


def _key_frame(side: int) -> bytes:
    """The beginning of a VP8 picture of this size."""
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", side, side) + bytes(32)
