"""What the database refuses, whoever asks, and what the checks find when a superuser went round it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.core.settings import settings
from campaigns.ledger.accounts import Entry, bank, held, payee
from campaigns.ledger.actions import post
from campaigns.ledger.checks import broken
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
CAMPAIGN, ANA, REF = (UUID(int=n) for n in (1, 2, 3))
ENTRY = """
    insert into entry (journal_id, debit_id, credit_id, currency, amount, ref) values (:journal, :bank, :held, :currency, :amount, :ref)
"""
STATE = """
    select (select count(*) from entry), (select count(*) from journal), (select count(*) from seal),
           (select sum(debits + credits) from balance)
"""


@pytest.fixture
def posted(session: Session) -> dict[str, object]:
    """A ledger with one posting; the ids that a further entry needs."""
    journal = post(session, "funding", "fund", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 1_000, ref=REF)], at=AT)
    post(session, "funding", "euros", [Entry(bank("EUR"), payee(ANA, "EUR"), 10)], at=AT)
    ids: dict[str, object] = {row.name: row.id for row in session.execute(text("select kind || currency as name, id from account"))}
    sides = {"bank": ids["bankUSD"], "held": ids["heldUSD"], "euros": ids["payeeEUR"]}
    return {"journal": journal.id, "currency": "USD", "amount": 1, "ref": None, **sides}


def refused(session: Session, statement: str, params: dict[str, object]) -> str:
    """The SQLSTATE with which the database refuses the statement, having changed nothing."""
    before = session.execute(text(STATE)).one()
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), params)
    assert session.execute(text(STATE)).one() == before
    return str(error.value.orig.sqlstate)  # type: ignore[union-attr]


CHECK, FOREIGN_KEY, UNIQUE, RESTRICT = "23514", "23503", "23505", "23001"


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"ref": REF}, UNIQUE),
        ({"amount": 0}, CHECK),
        ({"amount": -5}, CHECK),
        ({"currency": "EUR"}, FOREIGN_KEY),
        ({"bank": new_id()}, FOREIGN_KEY),
        ({"held": new_id()}, FOREIGN_KEY),
        ({"journal": new_id()}, FOREIGN_KEY),
    ],
    ids=["a reference twice in a journal", "zero", "negative", "another currency", "unknown debit", "unknown credit", "unknown journal"],
)
def test_an_entry_that_is_not_money_from_one_account_to_another_is_refused(
    session: Session, posted: dict[str, object], changed: dict[str, object], state: str
) -> None:
    assert refused(session, ENTRY, posted | changed) == state


def test_an_entry_from_an_account_to_itself_is_refused(session: Session, posted: dict[str, object]) -> None:
    assert refused(session, ENTRY, posted | {"held": posted["bank"]}) == CHECK


def test_an_entry_between_two_currencies_is_refused(session: Session, posted: dict[str, object]) -> None:
    assert refused(session, ENTRY, posted | {"held": posted["euros"]}) == FOREIGN_KEY


def test_an_overdraft_is_refused_whoever_writes_it(session: Session, posted: dict[str, object]) -> None:
    swapped = posted | {"bank": posted["held"], "held": posted["bank"], "amount": 1_001}
    assert refused(session, ENTRY, swapped) == CHECK


@pytest.mark.parametrize("table", ["account", "journal", "entry", "seal"])
@pytest.mark.parametrize("deed", ["update {t} set {c} = {c}", "delete from {t}", "truncate {t} cascade"])
def test_what_is_written_stays_even_for_a_superuser(session: Session, posted: dict[str, object], table: str, deed: str) -> None:
    column = {"account": "kind", "journal": "kind", "entry": "amount", "seal": "hash"}[table]
    assert refused(session, deed.format(t=table, c=column), {}) == RESTRICT


@pytest.mark.parametrize(
    "deed",
    [
        "update balance set debits = debits + 1",
        "delete from balance",
        "truncate balance",
        "insert into balance (account_id, currency, grows, may_overdraw) select id, currency, grows, may_overdraw from account",
        "insert into seal select 99, 1, 1, 1, 1, repeat('0', 64), repeat('0', 64)",
    ],
)
def test_balances_and_seals_are_written_by_postings_alone(session: Session, posted: dict[str, object], deed: str) -> None:
    assert refused(session, deed, {}) == RESTRICT


@pytest.fixture
def clerk(fresh_database: str) -> Iterator[Connection]:
    """A connection as a role that may read, and add postings, and no more."""
    with unit_of_work() as session:
        post(session, "funding", "fund", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 1_000, ref=REF)], at=AT)
        session.execute(text("do $$ begin create role clerk; exception when duplicate_object then null; end $$"))
        session.execute(text("grant select on all tables in schema public to clerk"))
        session.execute(text("grant insert on account, journal, entry to clerk"))
    engine = create_engine(settings().sqlalchemy_url)
    with engine.connect() as connection:
        connection.execute(text("set session authorization clerk"))
        yield connection
    engine.dispose()


def test_a_role_that_may_only_add_postings_keeps_balances_and_seals_through_them(clerk: Connection) -> None:
    with Session(clerk) as session:
        post(session, "funding", "more", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 5)], at=AT)
        assert broken(session) == []


@pytest.mark.parametrize(
    "deed",
    [
        "update entry set amount = 1",
        "delete from entry",
        "truncate entry",
        "alter table entry disable trigger all",
        "update balance set debits = 0",
        "set session_replication_role = replica",
    ],
)
def test_a_role_that_may_only_add_postings_may_do_nothing_else(clerk: Connection, deed: str) -> None:
    with pytest.raises(DBAPIError) as error:
        clerk.execute(text(deed))
    assert str(error.value.orig.sqlstate) == "42501"  # type: ignore[union-attr]


TAMPERINGS = {
    "update entry set amount = amount + 1 where number = 2": {"balances_are_sums", "chain_is_unbroken"},
    "update entry set amount = amount + 1 where number = 2; update balance set debits = debits + 1 where grows = 'D';"
    "update balance set credits = credits + 1 where kind = 'held'": {"kinds_are_sums", "chain_is_unbroken"},
    "delete from entry where number = 2": {"balances_are_sums", "chain_is_unbroken", "all_is_sealed"},
    "delete from entry where number = 3; delete from seal where number = 3": {"balances_are_sums"},
    "delete from seal where number = 2": {"chain_is_unbroken", "all_is_sealed"},
    "update journal set kind = 'gift' where key = 'key:2'": {"chain_is_unbroken"},
    "update journal set at = at + interval '1 day' where key = 'key:2'": {"chain_is_unbroken"},
    "insert into entry (journal_id, debit_id, credit_id, currency, amount)"
    " select journal_id, debit_id, credit_id, currency, 7 from entry limit 1": {"balances_are_sums", "all_is_sealed"},
    "update balance set credits = 0, debits = 0": {"balances_are_sums", "kinds_are_sums"},
    "update balance set debits = debits + 9 where grows = 'D'": {"balances_are_sums", "kinds_are_sums", "debits_equal_credits"},
    "update kind_total set debits = debits + 1": {"kinds_are_sums"},
    "update entry set currency = 'EUR' where number = 1": {"one_currency", "chain_is_unbroken"},
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_superuser_who_goes_round_the_guards_is_found_out(fresh_database: str, tampering: str) -> None:
    for number in (1, 2, 3):
        with unit_of_work() as session:
            post(session, "funding", f"key:{number}", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 1_000)], at=AT)
    by_kind = tampering.replace("where kind = 'held'", "where account_id in (select id from account where kind = 'held')")
    with unit_of_work() as session:
        assert broken(session) == []
        session.execute(text("set local session_replication_role = replica"))
        for statement in by_kind.split(";"):
            session.execute(text(statement))
    with unit_of_work() as session:
        assert {each.invariant.name for each in broken(session)} == TAMPERINGS[tampering]


def test_an_overdraft_that_a_superuser_forced_is_named(fresh_database: str) -> None:
    with unit_of_work() as session:
        post(session, "funding", "fund", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 1_000)], at=AT)
        session.execute(text("alter table balance drop constraint ck_balance_overdraft"))
        session.execute(text("insert into journal (id, kind, key, at) values (:id, 'theft', 'theft', now())"), {"id": new_id()})
        session.execute(text(
            "insert into entry (journal_id, debit_id, credit_id, currency, amount) "
            "select (select id from journal where key = 'theft'), credit_id, debit_id, currency, 5000 from entry"
        ))  # fmt: skip
        owner = session.execute(text("select id from account where kind = 'held'")).scalar_one()
    with unit_of_work() as session:
        assert [(each.invariant.name, each.culprits) for each in broken(session)] == [("no_overdraft", [str(owner)])]
