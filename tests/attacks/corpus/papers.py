"""PDF: none is taken, whatever it is called; each is one that harms whoever opens it."""

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
    yield "locked.pdf", paper(ROOT % b"", PAGES, plain, trailer=keys)
    outside = b"/OpenAction<</S/GoToR/F(%s)/D[0]>>/AA<</O<</S/URI/URI(%s/paper)>>>>" % (canary, told)
    yield "fetches-from-outside.pdf", paper(ROOT % outside, PAGES, PAGE % b"/AA<</O<</S/SubmitForm/F(/zqmarker)>>>>")
    yield "called-a-picture.png", paper(ROOT % b"/OpenAction<</S/JavaScript/JS(zqmarker)>>", PAGES, plain)
    yield "called-words.md", paper(ROOT % b"/OpenAction<</S/JavaScript/JS(zqmarker)>>", PAGES, plain)
