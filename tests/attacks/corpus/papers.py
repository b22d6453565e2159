"""PDF, which no artist may send, and finance may as evidence: each means harm to a program that does all that it says."""

import zlib
from collections.abc import Iterator

ROOT = b"<</Type/Catalog/Pages 2 0 R%s>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]%s>>"


def paper(*objects: bytes, trailer: bytes = b"", prev: bool = False) -> bytes:
    """The objects, their table, and what stands behind it; with `prev` the table names itself as the one before."""
    whole, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    at = len(whole)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    before = b"/Prev %d" % at if prev else b""
    return whole + table + b"trailer\n<</Root 1 0 R/Size %d%s%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, before, trailer, at)


def swelling(root: bytes, page: bytes) -> bytes:
    """A PDF whose pages are to be looked up in a stream that is packed twice, and is 100 megabytes once it is unpacked."""
    packer, inner = zlib.compressobj(9), b"2 0 " + PAGES
    packed = b"".join(packer.compress(part) for part in (inner, *[b" " * 1_000_000] * 100)) + packer.flush()
    twice = zlib.compress(packed, 9)
    stream = b"<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (len(twice), twice)
    whole, places = b"%PDF-1.7\n", []
    for number, content in ((1, root), (3, page), (4, stream)):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = [(1, places[0]), (2, 4), (1, places[1]), (1, places[2]), (1, len(whole))]
    table = b"\0" * 6 + b"".join(bytes([kind]) + at.to_bytes(4) + b"\0" for kind, at in rows)
    about = b"<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream" % (len(table), table)
    return whole + b"5 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (about, len(whole))


def papers(told: bytes, canary: bytes) -> Iterator[tuple[str, bytes]]:
    plain = PAGE % b""
    yield "runs-a-script.pdf", paper(ROOT % b"/OpenAction<</S/JavaScript/JS(app.alert\\('zqmarker'\\))>>", PAGES, plain)
    yield "starts-a-program.pdf", paper(ROOT % b"/OpenAction<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>>>", PAGES, plain)
    file = b"<</Type/Filespec/F(zqmarker.html)/EF<</F 5 0 R>>>>"
    held = b"<</Type/EmbeddedFile/Length 24>>stream\n<script>alert(1)</script\nendstream"
    yield "carries-a-file.pdf", paper(ROOT % b"/Names<</EmbeddedFiles<</Names[(zqmarker.html)4 0 R]>>>>", PAGES, plain, file, held)
    yield "table-in-a-ring.pdf", paper(ROOT % b"", PAGES, plain, prev=True)
    yield "pages-without-number.pdf", paper(ROOT % b"", b"<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R 2 0 R]/Count 2000000000>>", plain)
    keys = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>/ID[<00><00>]" % (b"a" * 32, b"b" * 32)
    yield "arrays-within-arrays.pdf", paper(ROOT % (b"/Names" + b"[" * 5_000 + b"]" * 5_000), PAGES, plain)
    yield "pages-that-swell.pdf", swelling(ROOT % b"", plain)
    yield "locked.pdf", paper(ROOT % b"", PAGES, plain, trailer=keys)
    outside = b"/OpenAction<</S/GoToR/F(%s)/D[0]>>/AA<</O<</S/URI/URI(%s/paper)>>>>" % (canary, told)
    yield "fetches-from-outside.pdf", paper(ROOT % outside, PAGES, PAGE % b"/AA<</O<</S/SubmitForm/F(/zqmarker)>>>>")
    yield "called-a-picture.png", paper(ROOT % b"/OpenAction<</S/JavaScript/JS(zqmarker)>>", PAGES, plain)
    yield "called-words.md", paper(ROOT % b"/OpenAction<</S/JavaScript/JS(zqmarker)>>", PAGES, plain)
