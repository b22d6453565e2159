"""All that an answer says: its headers and its body, whatever that is packed or typeset in, and where it leads."""

import io
import re
import zipfile
from html import unescape

from httpx import Response
from pypdf import PdfReader
from pypdf.generic import StreamObject

LINK = re.compile(r'(?:href|src|hx-get)="(/[^"#]*)')
FILE = re.compile(r'"(/files/[^"]+)"')
# How a list says where its next page begins.
MORE = re.compile(rb'"next":"([^"]+)"')
# What is neither page nor table nor JSON, known by how it begins.
PACKAGE, STATEMENT, STREAM = "package", "statement", "stream"
FORMS = {b"PK\x03\x04": PACKAGE, b"%PDF": STATEMENT, b"data: ": STREAM}


def text_of(answer: Response) -> str:
    """All that an answer says: its headers, its body, and what is packed in it."""
    headers = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return headers + _written(answer.content)


def form_of(body: bytes) -> str | None:
    """Which of FORMS it has, if any."""
    return next((form for begins, form in FORMS.items() if body.startswith(begins)), None)


def links_of(answer: Response, text: str) -> list[str]:
    """Where an answer of this text leads: what a page refers to, the files that data names, and the file that one is sent on to."""
    kind = answer.headers.get("content-type", "")
    if answer.status_code == 303:
        return [location for location in [answer.headers["location"]] if location.startswith("/files/")]
    if answer.status_code != 200:
        return []
    return [unescape(link) for link in LINK.findall(text)] if kind.startswith("text/html") else FILE.findall(text)


def _written(body: bytes) -> str:
    form = form_of(body)
    if form == PACKAGE:
        packed = zipfile.ZipFile(io.BytesIO(body))
        return "".join(f"{name}\n{_written(packed.read(name))}\n" for name in packed.namelist())
    return _typeset(body) if form == STATEMENT else body.decode(errors="replace")


def _typeset(body: bytes) -> str:
    """What stands on the pages of a PDF, where they lead, and what it says about itself."""
    read = PdfReader(io.BytesIO(body))
    pages = [f"{page.extract_text()}\n{[each.get_object() for each in page.annotations or []]}" for page in read.pages]
    metadata = read.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    about = metadata.get_data().decode()
    return "\n".join([*pages, str(read.metadata), about])
