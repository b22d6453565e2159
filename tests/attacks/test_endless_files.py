"""Files that swell when they are opened, and uploads that never end: refused in flat memory by a process that goes on answering.

`ATTACK_UPLOAD_MEGABYTES` is how much the one upload that is allowed sends.
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
import pyvips

from campaigns.core.settings import settings
from tests import factories, samples
from tests.api.caller import token_of
from tests.attacks.endless import BYTES, MEGABYTE, TUS, begun, sent_whole, without_end
from tests.attacks.server import Server, hasty, serving
from workers.transactions import unit_of_work

SENT_MEGABYTES = int(os.environ.get("ATTACK_UPLOAD_MEGABYTES", "64"))
FLAT_MEGABYTES = 24
BOMB = "is too large once opened: pictures can have up to 100 megapixels, texts one megabyte."
DAMAGED = "is incomplete or damaged. Export it again and upload the whole file."


@pytest.fixture(scope="module")
def server(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home, limit = tmp_path_factory.mktemp("web"), str((SENT_MEGABYTES + 1) * MEGABYTE)
    with serving(home, CALLBOARD_UPLOAD_LIMIT_BYTES=limit, PYTHONPATH=str(hasty(home))) as server:
        yield server


@pytest.fixture(scope="module")
def ana(server: Server) -> Iterator[httpx.Client]:
    with unit_of_work() as session:
        token = token_of(session, factories.person(session, "Ana"))
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        yield client


def png(width: int, height: int, *, chunks: bytes = b"", rows: int = 0) -> bytes:
    """A PNG that says it is so large, with so many rows of nothing in it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(1 + 4 * width)) for _ in range(rows)) + packing.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunks + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def swollen_words(_folder: Path) -> bytes:
    """A small picture beside a profile and a text that unfold into 200 megabytes each."""
    nothing = zlib.compress(bytes(200 * MEGABYTE), 9)
    return png(8, 8, chunks=chunk(b"iCCP", b"x\0\0" + nothing) + chunk(b"zTXt", b"Comment\0\0" + nothing), rows=8)


def many_frames(_folder: Path) -> bytes:
    """A GIF that says it has twenty frames of 25 megapixels each."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 5000, 5000, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 5000, 5000, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * 20 + b"\x3b"


def wide_webp(folder: Path) -> bytes:
    path = folder / "wide.webp"
    pyvips.Image.black(16_000, 8_000).webpsave(str(path), lossless=True, effort=0)
    return path.read_bytes()


def packed_twice(folder: Path) -> bytes:
    path = folder / "packed.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"<x>" * (8 * MEGABYTE))
        packed.writestr("../../../etc/cron.d/x", b"x")
    return path.read_bytes()


SWELLING: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "a PNG of 400 megapixels": ("lantern.png", lambda folder: samples.bomb(folder).read_bytes(), BOMB),
    "a PNG that only says it is large": ("lantern.png", lambda _: png(60_000, 60_000), "“lantern.png”"),
    "a PNG larger than there are numbers": ("lantern.png", lambda _: png(2**31 - 1, 2**31 - 1), "“lantern.png”"),
    "a PNG with swollen words": ("lantern.png", swollen_words, ""),
    "a WebP of 128 megapixels": ("lantern.webp", wide_webp, BOMB),
    "a GIF of many frames": ("lantern.gif", many_frames, BOMB),
    "an archive": ("lantern.zip", packed_twice, "is not in an accepted format"),
    "an archive called a picture": ("lantern.png", packed_twice, "is not in an accepted format"),
    "a document called a text": ("lantern.txt", packed_twice, "is not in an accepted format"),
    "a packed text": ("lantern.md", lambda _: zlib.compress(b"a" * 64 * MEGABYTE, 9), DAMAGED),
    "a text of two megabytes": ("lantern.md", lambda _: b"a" * 2 * MEGABYTE, BOMB),
}


@pytest.mark.parametrize("kind", SWELLING)
def test_what_swells_is_refused_and_swells_nothing_of_ours(server: Server, ana: httpx.Client, tmp_path: Path, kind: str) -> None:
    name, made, sentence = SWELLING[kind]
    content, before = made(tmp_path), server.megabytes
    address = begun(ana, len(content), name.encode())
    answer = ana.patch(address, content=content, headers=BYTES)
    shown = ana.get(address).json()
    if sentence:
        assert (answer.status_code, sentence in shown["refusal"], shown["state"]) == (400, True, "refused")
    assert (server.megabytes - before < FLAT_MEGABYTES, httpx.get(f"{server.url}/health").status_code) == (True, 200)


def test_an_upload_that_never_ends_is_ended(server: Server, ana: httpx.Client) -> None:
    before, address = server.megabytes, begun(ana, MEGABYTE, b"lantern.png")
    try:
        told = ana.patch(address, content=without_end(), headers=BYTES).status_code
    except httpx.TransportError:
        told = 413
    assert (told in (400, 413), ana.head(address, headers=TUS).status_code) == (True, 404)
    assert not (settings().files_home / "tmp" / address.rpartition("/")[2]).exists()
    assert server.megabytes - before < FLAT_MEGABYTES


def test_a_large_upload_comes_in_flat_memory(server: Server, ana: httpx.Client) -> None:
    status, state, grown = sent_whole(server, ana, SENT_MEGABYTES * MEGABYTE)
    assert (status, state) == (400, "refused")
    assert grown < FLAT_MEGABYTES
