"""A journal and one's own statements over HTTP, on books that are written by hand."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import Entry, bank, held, payee, payees_at_stripe, payout_clearing, sent_to_payees
from campaigns.ledger.actions import post
from campaigns.payments.balance_gateway import ProviderBankPayout
from campaigns.payments.models import PayoutAccount
from campaigns.payout.runs.arriving import note_bank_payout, return_payout
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.payouts import Paid, record_outcomes
from tests import factories
from tests.api.caller import caller, token_of
from tests.api.visiting import PAGE
from tests.campaigns.brief.counting import statements
from workers.transactions import unit_of_work

API = "/api/v1"
CAMPAIGN = UUID(int=7)
NOON = datetime(2026, 10, 31, 12, 30, tzinfo=UTC)  # November already in Auckland
LATER = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


def as_(who: Actor) -> TestClient:
    with unit_of_work() as session:
        return caller(token_of(session, who))


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def finance(fresh_database: str) -> TestClient:
    """Finance, once a brand has paid for a campaign."""
    with unit_of_work() as session:
        post(session, "brief.receipt", "receipt", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 1_000_000)], at=NOON)
        who = factories.someone(session, Role.FINANCE)
    return as_(who)


def artist(name: str = "Ana", zone: str = "UTC") -> Actor:
    with unit_of_work() as session:
        who = factories.person(session, name)
        session.get_one(Person, who.person).time_zone = zone
        return who


def shares(key: str, *amounts: tuple[Actor, int], at: datetime = NOON) -> UUID:
    """The journal of a final proposal."""
    entries = [Entry(held(CAMPAIGN, "USD"), payee(who.person, "USD"), amount) for who, amount in amounts]
    with unit_of_work() as session:
        return post(session, "payout.final", key, entries, at=at).id


def set_aside(who: Actor, amount: int, at: datetime) -> Payout:
    """Quoted for a payment."""
    with unit_of_work() as session:
        run = PayoutRun(currency="USD", route="stripe_connect", sequence=str(new_id()), quoted_at=at)
        session.add(run)
        session.flush()
        item = Payout(
            run_id=run.id, person_id=who.person, currency="USD", amount=amount, destination="acct_1", transfer_group="run_1", state="ready"
        )
        session.add(item)
        session.flush()
        post(session, "payout.reserved", str(new_id()), [Entry(payee(who.person, "USD"), payout_clearing("USD"), amount, item.id)], at=at)
        return item


def paid_out(who: Actor, amount: int, at: datetime) -> None:
    quoted = set_aside(who, amount, at)
    with unit_of_work() as session:
        record_outcomes(session, quoted.run_id, [Paid(quoted, f"tr_{quoted.id}")], at=at, now=at)


def account_of(finance: TestClient, kind: str, owner: str | None) -> str:
    listed = finance.get(f"{API}/ledger/accounts/{kind}/USD").json()["items"]
    return next(str(account["id"]) for account in listed if account["owner"] == owner)


def test_a_journal_says_from_which_account_to_which_each_amount_went(finance: TestClient) -> None:
    ana, ben = artist("Ana"), artist("Ben")
    journal = shares("final", (ana, 300), (ben, 700))
    first = finance.get(f"{API}/ledger/journals/{journal}", params={"limit": 1}).json()
    rest = finance.get(f"{API}/ledger/journals/{journal}", params={"after": first["next"]}).json()
    whole = {"id": str(journal), "kind": "payout.final", "key": "final", "at": "2026-10-31T12:30:00Z", "reverses": None, "conversion": None}
    side = {"currency": "USD", "debit": account_of(finance, "held", None), "debit_kind": "held", "debit_owner": None}
    number = first["next"]
    assert [first, rest] == [
        whole | {
            "items": [
                side | {
                    "number": place, "amount": amount, "credit": account_of(finance, "payee", name),
                    "credit_kind": "payee", "credit_owner": name,
                }
            ],
            "next": after,
        }
        for place, amount, name, after in ((number, 300, "Ana", number), (number + 1, 700, "Ben", None))
    ]  # fmt: skip


def test_a_journal_of_thirty_entries_costs_as_many_statements_as_one(finance: TestClient) -> None:
    people = [artist(f"Person {number}") for number in range(30)]
    journals = [shares("few", (people[0], 1)), shares("many", *((who, 1) for who in people))]
    finance.get(f"{API}/ledger/accounts")  # the first use of a token is written down
    costs = []
    for journal in journals:
        with unit_of_work() as session, statements(session) as asked:
            shown = finance.get(f"{API}/ledger/journals/{journal}").json()
        costs.append(len(asked))
    assert (len(shown["items"]), costs[1]) == (30, costs[0])


def test_whoever_may_not_see_the_books_is_told_of_no_journal(finance: TestClient) -> None:
    ana = artist()
    journal, mine = shares("final", (ana, 300)), as_(ana)
    hidden, absent = (mine.get(f"{API}/ledger/journals/{each}") for each in (journal, new_id()))
    assert (code_of(hidden), hidden.content) == ((404, "NoSuchJournal"), absent.content)
    assert code_of(finance.get(f"{API}/ledger/journals/{new_id()}")) == (404, "NoSuchJournal")
    assert caller().get(f"{API}/ledger/journals/{journal}").status_code == 401


def test_ones_months_open_with_what_the_one_before_closed_with_by_ones_own_calendar(finance: TestClient) -> None:
    ana, aroha = artist("Ana"), artist("Aroha", "Pacific/Auckland")
    shares("final", (ana, 300), (aroha, 700))
    paid_out(ana, 200, LATER)
    december = {
        "currency": "USD",
        "month": "2026-12-01",
        "opening": 300,
        "earned": 0,
        "sent": 200,
        "other": 0,
        "closing": 100,
        "on_its_way": 0,
        "paid": 0,
    }
    october = {
        "currency": "USD",
        "month": "2026-10-01",
        "opening": 0,
        "earned": 300,
        "sent": 0,
        "other": 0,
        "closing": 300,
        "on_its_way": 0,
        "paid": 0,
    }
    november = october | {"month": "2026-11-01", "earned": 700, "closing": 700}
    assert [as_(who).get(f"{API}/me/statements").json()["items"] for who in (ana, aroha, artist("Ben"))] == [
        [december, october],
        [november],
        [],
    ]
    earned = {"kind": "payout.final", "at": "2026-10-31T12:30:00Z"}
    sent = {"kind": "payout.sent", "at": "2026-12-02T09:00:00Z"}
    assert [
        as_(who).get(f"{API}/me/statements/{month}").json() for who, month in ((ana, "2026-12"), (ana, "2026-10"), (aroha, "2026-11"))
    ] == [
        {"sums": [december], "lines": {"USD": [sent | {"amount": -200}]}},
        {"sums": [october], "lines": {"USD": [earned | {"amount": 300}]}},
        {"sums": [november], "lines": {"USD": [earned | {"amount": 700}]}},
    ]  # fmt: skip


def test_what_is_only_set_aside_is_not_told_as_sent(finance: TestClient) -> None:
    ana = artist()
    shares("final", (ana, 300))
    set_aside(ana, 200, NOON)
    (month,) = as_(ana).get(f"{API}/me/statements").json()["items"]
    assert (month["earned"], month["sent"], month["closing"], month["on_its_way"]) == (300, 0, 300, 200)
    opened = as_(ana).get(f"{API}/me/statements/2026-10").json()
    assert [line["kind"] for line in opened["lines"]["USD"]] == ["payout.final"]


def test_a_payment_is_told_in_the_month_in_which_it_was_made_and_one_that_came_back_is_taken_off(finance: TestClient) -> None:
    ana = artist()
    shares("final", (ana, 300))
    quoted = set_aside(ana, 200, NOON)
    with unit_of_work() as session:
        record_outcomes(session, quoted.run_id, [Paid(quoted, "tr_1")], at=LATER, now=LATER)
        return_payout(session, quoted.id, at=LATER + timedelta(days=31))
    months = as_(ana).get(f"{API}/me/statements").json()["items"]
    assert [(m["month"], m["opening"], m["sent"], m["closing"], m["on_its_way"]) for m in months] == [
        ("2027-01-01", 100, -200, 300, 0), ("2026-12-01", 300, 200, 100, 0), ("2026-10-01", 0, 0, 300, 200),
    ]  # fmt: skip


def test_there_is_no_month_in_which_nothing_of_ones_own_moved(finance: TestClient) -> None:
    ana = artist()
    shares("final", (ana, 300))
    for nobodys in (as_(artist("Ben")), finance):
        assert code_of(nobodys.get(f"{API}/me/statements/2026-10")) == (404, "NotFound")
    mine = as_(ana)
    assert [code_of(mine.get(f"{API}/me/statements/{month}")) for month in ("2026-11", "2026-13", f"{'9' * 30}-10")] == [
        (404, "NotFound")
    ] * 3
    assert {caller().get(f"{API}/me/statements{month}").status_code for month in ("", "/2026-10")} == {401}


def bank_says(person: Actor, state: str, at: datetime, payout: str = "po_1") -> None:
    """The payout that contains the person's payment `tr_1` is in this state."""
    with unit_of_work() as session:
        account = session.scalars(select(PayoutAccount).where(PayoutAccount.person_id == person.person)).one_or_none()
        if account is None:
            known = {"state": "active", "provider_id": "acct_1", "opened_at": at}
            account = PayoutAccount(person_id=person.person, country="US", agreement="full", **known)
            session.add(account)
            session.flush()
        made_at = LATER if payout == "po_1" else at
        said = ProviderBankPayout(
            payout, state, 200, "USD", made_at, made_at + timedelta(days=2), "no_account" if state == "failed" else None, ["tr_1"]
        )
        note_bank_payout(session, said, account.id, looked_at=at, at=at)


def sent_in_december(who: Actor) -> TestClient:
    """A payment to somebody that was made on the second of December."""
    shares("final", (who, 300))
    quoted = set_aside(who, 200, NOON)
    with unit_of_work() as session:
        record_outcomes(session, quoted.run_id, [Paid(quoted, "tr_1")], at=LATER, now=LATER)
    return as_(who)


def told(mine: TestClient, month: str) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """The sums of a month, and its lines."""
    opened = mine.get(f"{API}/me/statements/{month}").json()
    (sums,) = opened["sums"]
    return sums, [(line["kind"], line["amount"]) for line in opened["lines"]["USD"]]


def test_a_statement_tells_when_a_payment_was_sent_when_it_arrived_and_when_the_bank_sent_it_back(finance: TestClient) -> None:
    ana = artist()
    mine = sent_in_december(ana)
    lines = [("payout.sent", -200)]
    assert told(mine, "2026-12")[1] == lines
    for state, day, there, arrived, said in (
        ("in_transit", 1, "sent", 0, []),
        ("paid", 3, "paid", 200, [("payout.arrived", 200)]),
        ("failed", 5, "bank_returned", 0, [("payout.bank_returned", -200)]),
    ):
        bank_says(ana, state, LATER + timedelta(days=day))
        lines += said
        month, shown = told(mine, "2026-12")
        assert (shown, month["sent"], month["closing"], month["paid"]) == (lines, 200, 100, arrived)
        (purse,) = mine.get(f"{API}/me/money").json()["items"]
        assert {key: purse[key] for key in ("sent", "paid", "bank_returned")} == {
            "sent": 0, "paid": 0, "bank_returned": 0, there: 200,
        }  # fmt: skip
    page = mine.get("/me/statements/2026-12", headers=PAGE).text
    assert re.findall(r"<b>([^<]+)</b><br>.*?amount ?\">([^<]+)<", page) == [
        ("Sent to you", "-$2.00"), ("Received by your bank", "$2.00"), ("Returned by your bank", "$2.00"),
    ]  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
def test_what_a_month_said_stays_whatever_the_bank_does_later_and_the_later_month_tells_of_it(finance: TestClient, again: bool) -> None:
    ana = artist()
    mine = sent_in_december(ana)
    bank_says(ana, "paid", LATER + timedelta(days=3))
    december = mine.get(f"{API}/me/statements/2026-12").content
    bank_says(ana, "failed", LATER + timedelta(days=40))
    lines = [("payout.bank_returned", -200)]
    if again:
        bank_says(ana, "paid", LATER + timedelta(days=50), payout="po_2")
        lines.append(("payout.arrived", 200))
    assert mine.get(f"{API}/me/statements/2026-12").content == december
    january, shown = told(mine, "2027-01")
    assert (shown, january["paid"], january["sent"], january["opening"], january["closing"]) == (lines, 0 if again else -200, 0, 100, 100)


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_was_taken_to_have_arrived_before_arrivals_were_heard_of_arrived_when_it_was_sent(
    finance: TestClient, comes_back: bool
) -> None:
    ana = artist()
    mine = sent_in_december(ana)
    with unit_of_work() as session:  # as migration 0087 left it
        (item,) = session.scalars(select(Payout))
        item.state, item.arrived_at = "paid", item.settled_at
        post(session, "payout.arrived", "before", [Entry(sent_to_payees("USD"), payees_at_stripe("USD"), 200)], at=LATER)
    if comes_back:
        bank_says(ana, "failed", LATER + timedelta(days=40))
        assert told(mine, "2027-01")[1] == [("payout.bank_returned", -200)]
    december, shown = told(mine, "2026-12")
    assert (shown, december["paid"]) == ([("payout.sent", -200), ("payout.arrived", 200)], 200)
