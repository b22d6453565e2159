"""The month as a PDF: every figure as on the page, tagged, in letters that are there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.ledger.accounts import Entry, bank, held, payee, payout_clearing
from campaigns.ledger.actions import post
from tests.api.visiting import be, browser
from tests.factories import person
from workers.transactions import unit_of_work

CAMPAIGN = new_id()
OCTOBER, NOVEMBER = datetime(2026, 10, 31, 12, 30, tzinfo=UTC), datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ADDRESS = "/me/statements/2026-11.pdf"


@pytest.fixture
def client(fresh_database: str) -> Iterator[TestClient]:
    with browser() as client:
        yield client


def paid(called: str, **more: str) -> Actor:
    """Someone who earned in October and November, and was paid a part."""
    with unit_of_work() as session:
        who = person(session, called)
        for field, value in more.items():
            setattr(session.get_one(Person, who.person), field, value)
        own = payee(who.person, "USD")
        post(session, "funding.received", str(new_id()), [Entry(bank("USD"), held(CAMPAIGN, "USD"), 2_000_000)], at=OCTOBER)
        for at, amount in ((OCTOBER, 123_456), (NOVEMBER, 1)):
            post(session, "payout.final", str(new_id()), [Entry(held(CAMPAIGN, "USD"), own, amount)], at=at)
        post(session, "payout.reserved", str(new_id()), [Entry(own, payout_clearing("USD"), 100_000)], at=NOVEMBER)
    return who


def opened(client: TestClient) -> PdfReader:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="statement-2026-11.pdf"'
    return PdfReader(BytesIO(answer.content))


def lines_of(read: PdfReader) -> list[str]:
    return [line.strip() for line in "\n".join(page.extract_text() for page in read.pages).splitlines() if line.strip()]


def test_a_month_as_a_pdf_has_every_figure_of_its_page_to_the_cent(client: TestClient) -> None:
    who = paid("Łukasz Nguyễn")
    read = opened(be(client, who))
    words = " ".join(lines_of(read))
    assert read.metadata is not None
    assert read.metadata.title == "Statement for November 2026: Łukasz Nguyễn"
    assert "Opening Earned Sent Closing Of which on its way $1,234.56 $0.01 $0.00 $1,234.57 $1,000.00" in words
    assert "Nov 2, 2026, 9:00 AM Your share of a final proposal +$0.01" in words
    assert "Set aside" not in words
    assert ("/me/statements/2026-11" in words, "/me/money" in words, "October" in words) == (True, True, False)
    assert 'href="/me/statements/2026-11.pdf"' in client.get("/me/statements/2026-11").text


def test_a_pdf_can_be_read_aloud_and_has_the_names_of_other_scripts(client: TestClient) -> None:
    who = paid("Ana", locale="es")
    root = opened(be(client, who)).root_object
    about = root["/MarkInfo"]
    assert isinstance(about, DictionaryObject)
    found: tuple[object, ...] = (about["/Marked"], root["/Lang"], "/StructTreeRoot" in root)
    assert found == (True, "es", True)
    for name in ("Ελένη Ørsted", "Дмитрий", "علي حسن", "अनुष्का", "דוד"):
        with unit_of_work() as session:
            session.get_one(Person, who.person).name = name
        read = opened(client)
        assert read.metadata is not None
        assert (name in str(read.metadata.title), "The fonts" in " ".join(lines_of(read))) == (True, False)


def test_a_letter_that_no_typeface_has_is_never_an_empty_box(client: TestClient) -> None:
    who = paid("Ana", email="ana@example.org", name="Ana \U0010fffd")
    words = " ".join(lines_of(opened(be(client, who))))
    assert words.count("ana@example.org") == 2
    assert "The fonts in this file lack some characters of your name or language" in words
    assert "$1,234.57" in words


def test_a_statement_is_ones_own_and_of_a_month_that_there_was(client: TestClient) -> None:
    paid("Ana")
    stranger = paid("Ben")
    be(client, stranger)
    assert "Ana" not in " ".join(lines_of(opened(client)))
    assert [client.get(f"/me/statements/{month}.pdf").status_code for month in ("2026-13", "2026-12")] == [404, 404]
    client.cookies.clear()
    assert client.get(ADDRESS).status_code == 303
