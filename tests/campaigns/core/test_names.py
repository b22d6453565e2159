"""A name or a title is one line that holds no address, whoever types it and by whatever door."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.campaign import Campaign
from campaigns.core.db import Base
from campaigns.core.names import Name, NotAName, fault_of_name
from campaigns.core.people import Brand, Person, person_at
from tests import factories

ADDRESSES = (
    "http://evil.example", "see https://1.2.3.4/x", "www.evil", "Go to evil.example now", "evil.example/login", "Evil.Example", "t.co",
    "ana@evil.example", "mailto:ana", "evil．example", "(evil.example)", "пример.рф",
    "x.xn--p1ai", "10.0.0.1", "will.i.am", "«evil.example»",
    "https:evil", "a.b.evil.example", "evil.example:8080", "Prize! Open evil.example.",
)  # fmt: skip
NAMES = (
    "Ana Quispe", "J.R.R.Tolkien", "A.R. Rahman", "J.K.Rowling", "Dr. Who", "e.g. this", "Lantern street, sung…", "AC/DC", "U.S.A.",
    "د.محمد", "@ana", "No.5", "v1.2", "Wait...what", "今日。明日", "Sgt. Pepper", "3.14", "Who: me?",
    "50 % & more", "O'Brien-Smith", "a.k.a.", "می\u200cخواهم", "Ana ❤\ufe0f", "👩\u200d🎤 Lea", "Co\u00adoperation",
)  # fmt: skip
UNSEEN = ("\u200b", "\u2060", "\u00ad", "\u200c", "\u200d", "\ufe0f", "\u034f", "\u3164", "\ufeff", "\U000e0101", "\U000e0061")
HIDDEN = (
    *(f"evil{letter}.example" for letter in UNSEEN),
    "evil.\u200bexample",
    "www\u200b.evil",
    "ana\u200b@\u200bevil.example",
    "evil。example",
)
BROKEN = ("Ana\nhttp", "Ana\r", "a\tb", "a\x85b", "a\u2028b", "a\u2029b", "a\x0bb", "a\x1bb")


@pytest.mark.parametrize("typed", ADDRESSES + BROKEN + HIDDEN)
def test_what_is_several_lines_or_reads_like_an_address_is_no_name(typed: str) -> None:
    assert fault_of_name(typed) is not None


@pytest.mark.parametrize("typed", NAMES)
def test_what_people_and_contributions_are_called_is_a_name(typed: str) -> None:
    assert fault_of_name(typed) is None


def test_a_company_may_be_called_as_its_site_is_and_no_more_than_that() -> None:
    taken = [typed for typed in (*ADDRESSES, "Booking.com", "Booking.com/x") if fault_of_name(typed, is_company=True) is None]
    bare = {"Go to evil.example now", "Evil.Example", "t.co", "evil．example", "(evil.example)", "пример.рф", "x.xn--p1ai", "10.0.0.1"}
    assert set(taken) == bare | {"will.i.am", "«evil.example»", "a.b.evil.example", "Prize! Open evil.example.", "Booking.com"}


def test_every_column_of_a_name_or_a_title_refuses_what_is_none(session: Session) -> None:
    person = session.get_one(Person, factories.person(session).person)
    person.name = "Ana\nhttp://evil.example"
    with pytest.raises(NotAName, match="has only one line"):
        session.flush()


def test_a_title_that_is_none_names_its_field(session: Session) -> None:
    campaign = session.get_one(Campaign, factories.new_campaign(session).id)
    campaign.title = "Holiday: evil.example"
    with pytest.raises(NotAName, match=r"“\W?evil\.example\W?” looks like one") as refused:
        session.flush()
    assert (refused.value.field, refused.value.status) == ("title", 400)


def named_columns() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Name)
    }  # fmt: skip


# What the code itself writes, or a provider or a file system calls something.
OURS = {
    ("brief", "brand_name"),
    ("upload", "name"),
    ("dispute_file", "name"),
    ("event", "name"),
    ("event", "actor_name"),
    ("inbox", "name"),
}


def test_no_column_of_a_name_or_a_title_is_without_the_rule() -> None:
    called_so = {(t.name, c.name) for t in Base.metadata.tables.values() for c in t.columns if c.name.endswith(("name", "title"))}
    assert called_so - named_columns() == OURS


def test_the_database_itself_refuses_a_name_of_several_lines_in_each_of_these_columns(session: Session) -> None:
    for table, column in sorted(named_columns()):
        constraint = session.scalar(
            text("select pg_get_constraintdef(oid) from pg_constraint where conname = :name"), {"name": f"ck_{table}_{column}_one_line"}
        )
        assert constraint is not None, (table, column)
    session.execute(text("update person set name = name"))
    with pytest.raises(IntegrityError, match="ck_person_name_one_line"):
        session.execute(
            text("insert into person (id, email, name, locale, time_zone) values (uuidv7(), 'a@b.cd', E'Ana\\nhttp', 'en', 'UTC')")
        )


def test_whatever_is_searched_for_may_be_compared_with_a_name(session: Session) -> None:
    assert session.scalars(select(Brand).where(Brand.name == "http://evil.example\n")).all() == []
    assert session.scalars(select(Brand).where(Brand.name.icontains("evil.example/"))).all() == []


@pytest.mark.parametrize(
    ("address", "called"),
    [
        ("ana.quispe@example.org", "ana quispe"),
        ("http://evil.example/x@example.org", "http evil example x"),
        ("...@example.org", "Somebody"),
    ],
)
def test_somebody_new_is_called_by_the_words_of_their_address_and_never_by_an_address(session: Session, address: str, called: str) -> None:
    assert person_at(session, address).name == called
