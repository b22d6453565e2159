"""Files to hand in as evidence: papers of so many pages, a picture, and a way to put them to a dispute."""

from io import BytesIO
from uuid import UUID

import pyvips
from pypdf import PdfWriter

from campaigns.brief.disputes.models import DisputeFile
from campaigns.core.people import Actor
from campaigns.evidence.files import attach_file
from tests.treasury import now
from workers.transactions import unit_of_work


def paper(pages: int = 1, *, password: str = "", bytes_: int = 0) -> bytes:
    """A PDF of so many blank pages, and of about so many bytes."""
    writer, written = PdfWriter(), BytesIO()
    for _page in range(pages):
        writer.add_blank_page(72, 72)
    if bytes_:
        writer.add_attachment("more", bytes(bytes_))
    if password:
        writer.encrypt(password)
    writer.write(written)
    return written.getvalue()


def picture(ending: str = ".png") -> bytes:
    return bytes(pyvips.Image.black(40, 30).write_to_buffer(ending))


def attach(dispute_id: UUID, content: bytes, by: Actor, field: str = "customer_signature", name: str = "signed.pdf") -> DisputeFile:
    with unit_of_work() as session:
        return attach_file(session, dispute_id, field, name, BytesIO(content), by=by, at=now())
