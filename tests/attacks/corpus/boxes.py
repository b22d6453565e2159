"""MP4 and QuickTime: a sound small film whose boxes are exchanged for others."""

import struct
from collections.abc import Callable, Iterator
from itertools import repeat

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts", b"udta"}
MOST = 0xFFFFFFFF


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def walked(film: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """The film, each of whose boxes is what `change` makes of its kind and content, the innermost first."""
    return b"".join(change(kind, walked(content, change) if kind in CONTAINERS else content) for kind, content in boxes(film))


def boxes(film: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(film):
        size = struct.unpack_from(">I", film, at)[0]
        yield film[at + 4 : at + 8], film[at + 8 : at + size]
        at += size


def with_box(film: bytes, kind: bytes, content: bytes) -> bytes:
    """The film with another content in its boxes of this kind."""
    return walked(film, lambda found, old: box(found, content if found == kind else old))


def within(film: bytes, kind: bytes, more: bytes) -> bytes:
    """The film with more at the beginning of its boxes of this kind."""
    return walked(film, lambda found, old: box(found, more + old if found == kind else old))


def nested(depth: int) -> bytes:
    """Boxes within boxes."""
    return b"".join(struct.pack(">I", 8 * (depth - number)) + b"moov" for number in range(depth))


def named(place: bytes) -> bytes:
    """A data reference to what lies elsewhere."""
    return struct.pack(">II", 0, 1) + box(b"url ", struct.pack(">I", 0) + place + b"\0")


def alias(path: bytes) -> bytes:
    """A data reference as QuickTime writes it: a disk and a file by their names, how far from here they are, and the whole path."""
    record = struct.pack(">I", 0) + bytes(10) + b"\0".ljust(28, b"\0") + bytes(12) + b"\6canary".ljust(64, b"\0")
    record += bytes(16) + struct.pack(">hh", -1, -1) + bytes(16) + struct.pack(">hH", 2, len(path)) + path + bytes(len(path) % 2)
    return struct.pack(">II", 0, 1) + box(b"alis", record + struct.pack(">hH", -1, 0))


def films(film: bytes, told: bytes, canary: bytes) -> Iterator[tuple[str, bytes]]:
    """Every film that means harm; `told` is where a listener listens, `canary` a file that is none of ours."""
    yield "boxes-within-boxes.mp4", box(b"ftyp", b"isom\0\0\2\0isomiso2") + nested(2000)
    yield "box-of-exabytes.mp4", film[:32] + struct.pack(">I4sQ", 1, b"moov", 2**62) + film[32:]
    yield "box-before-its-end.mp4", film[:32] + struct.pack(">I", 3) + film[36:]
    yield "four-billion-samples.mp4", with_box(film, b"stsz", struct.pack(">III", 0, 1, MOST))
    yield "four-billion-sizes.mp4", with_box(film, b"stsz", struct.pack(">III", 0, 0, MOST) + bytes(64))
    yield "four-billion-times.mp4", with_box(film, b"stts", struct.pack(">IIII", 0, MOST, MOST, MOST))
    yield "four-billion-chunks.mp4", with_box(film, b"stco", struct.pack(">III", 0, MOST, 48))
    yield "edited-for-ages.mp4", with_box(film, b"elst", struct.pack(">IIQqI", 1 << 24, 1, 2**63 - 1, 0, 1 << 16))
    yield "thousand-edits.mp4", with_box(film, b"elst", struct.pack(">II", 0, 1000) + struct.pack(">IiI", 400, 0, 1 << 16) * 1000)
    yield "two-pictures-in-a-century.mp4", with_box(film, b"stts", struct.pack(">IIIIII", 0, 2, 1, 0x7FFFFFFF, 9, 512))
    yield "65535-pixels-a-side.mp4", walked(film, lambda kind, old: box(kind, _vast(kind, old)))
    yield "raw-65535-pixels-a-side.mov", walked(film, lambda kind, old: box(kind, _vast(kind, old).replace(b"avc1", b"raw ")))
    yield "thousands-of-tracks.mp4", within(film, b"moov", b"".join(repeat(box(b"trak", b""), 3000)))
    yield "data-at-an-address.mp4", with_box(film, b"dref", named(told + b"/film"))
    yield "data-in-a-file.mp4", with_box(film, b"dref", named(b"file://" + canary))
    yield "data-in-a-file.mov", with_box(film, b"dref", alias(canary)).replace(b"isom", b"qt  ", 1)
    yield "page-in-a-film.mp4", film + box(b"free", b"<!doctype html><html><script>alert('zqmarker')</script></html>")
    yield "paper-in-a-film.mp4", film + box(b"free", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(zqmarker)>>>>endobj")


def _vast(kind: bytes, old: bytes) -> bytes:
    if kind == b"stsd":
        return old[:40] + b"\xff\xff\xff\xff" + old[44:]
    return old[:-8] + struct.pack(">II", MOST, MOST) if kind == b"tkhd" else old
