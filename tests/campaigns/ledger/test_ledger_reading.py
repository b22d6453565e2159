"""What the books say, page by page, and that they say it to finance alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.ids import new_id
from campaigns.core.people import Scope
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import NATURES, Account, Entry, NormalBalance, bank, fee_income, held, payee, receivable, stripe_fees
from campaigns.ledger.actions import post
from campaigns.ledger.errors import NoSuchAccount, NoSuchJournal
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import (
    AccountBalance,
    AccountKindTotal,
    accounts,
    balance,
    balances,
    chart,
    find_account,
    find_journal,
    lines,
    postings,
    statement,
    totals,
)
from tests.factories import Partnership, new_campaign, person, someone
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
# Kind, the side on which it grows, and whether it may be overdrawn.
CHART = """
held C no
payee C yes
payout_clearing C no
refund_clearing C no
refunds_at_stripe D no
sent_to_payees C no
payees_at_stripe D no
fee_income C yes
receivable D no
stripe_available D yes
stripe_pending D yes
stripe_reserved D yes
payee_losses D yes
stripe_fees D yes
bank D yes
disputed D yes
unrecovered D no
dispute_losses D yes
conversion D yes
exchange_gains C yes
"""


@pytest.fixture
def made(session: Session) -> Partnership:
    return new_campaign(session)


@pytest.fixture
def journals(session: Session, made: Partnership) -> list[Journal]:
    """A brand pays, Ana and Ben earn, Stripe takes its fee, and a strange currency comes in."""
    ours, ana, ben = held(made.id, "USD"), payee(person(session, "Ana").person, "USD"), payee(person(session, "Ben").person, "USD")
    moves = (
        [Entry(bank("USD"), ours, 1_000)],
        [Entry(ours, ana, 300, ref=made.id), Entry(ours, ben, 200), Entry(ours, fee_income("USD"), 50)],
        [Entry(stripe_fees("USD"), bank("USD"), 20)],
        [Entry(bank("EUR"), held(made.id, "EUR"), 7)],
        [Entry(ana, bank("USD"), 100)],
    )
    return [post(session, f"test.{n}", f"key {n}", entries, at=AT + timedelta(days=n)) for n, entries in enumerate(moves)]


def test_the_chart_of_accounts_is_this(session: Session) -> None:
    told = [(kind, str(nature.grows), "yes" if nature.may_overdraw else "no") for kind, nature in NATURES.items()]
    assert told == [tuple(line.split()) for line in CHART.strip().splitlines()]
    assert (str(NormalBalance.DEBIT), str(NormalBalance.CREDIT), bank("USD").owner_id.int) == ("D", "C", 0)


def test_the_books_at_a_glance(session: Session, made: Partnership, journals: list[Journal]) -> None:
    assert chart(session, by=made.finance) == [
        AccountKindTotal("bank", "EUR", 1, 7),
        AccountKindTotal("held", "EUR", 1, 7),
        AccountKindTotal("bank", "USD", 1, 880),
        AccountKindTotal("fee_income", "USD", 1, 50),
        AccountKindTotal("held", "USD", 1, 450),
        AccountKindTotal("payee", "USD", 2, 400),
        AccountKindTotal("stripe_fees", "USD", 1, 20),
    ]
    assert [totals(session, kind) for kind in ("bank", "payee", "receivable")] == [{"EUR": 7, "USD": 880}, {"USD": 400}, {}]
    assert (balances(session, "held", made.id), balances(session, "payee", made.id)) == ({"EUR": 7, "USD": 450}, {})
    assert [balance(session, a) for a in (bank("USD"), bank("EUR"), held(made.id, "USD"), receivable(made.id, "USD"))] == [880, 7, 450, 0]


def names(found: list[AccountBalance]) -> list[tuple[str | None, int]]:
    return [(each.owner, each.total) for each in found]


def test_accounts_of_one_kind_and_currency_are_listed_from_the_newest_with_their_owners(
    session: Session, made: Partnership, journals: list[Journal]
) -> None:
    by = made.finance
    payees = list(accounts(session, "payee", "USD", by=by))
    ids = [each.account.id for each in payees]
    assert (sorted(names(payees)), ids) == ([("Ana", 200), ("Ben", 200)], sorted(ids, reverse=True))
    assert [each.account.id for each in accounts(session, "payee", "USD", by=by, limit=1)] == ids[:1]
    assert [each.account.id for each in accounts(session, "payee", "USD", by=by, before=ids[0])] == ids[1:]
    assert names(list(accounts(session, "held", "USD", by=by))) == [("Holiday traditions", 450)]
    assert names(list(accounts(session, "bank", "EUR", by=by))) == [(None, 7)]
    assert list(accounts(session, "payee", "EUR", by=by)) == []


def account_of(session: Session, made: Partnership, kind: str, currency: str = "USD") -> AccountBalance:
    return accounts(session, kind, currency, by=made.finance)[0]


def test_a_statement_has_each_entry_with_its_other_side_and_the_balance_after_it(
    session: Session, made: Partnership, journals: list[Journal]
) -> None:
    ours = account_of(session, made, "held")
    assert find_account(session, ours.account.id, by=made.finance) == ours
    told = lines(session, ours)
    assert [(each.movement.kind, each.movement.amount, each.other.kind, each.owner, each.balance) for each in told] == [
        ("test.1", -50, "fee_income", None, 450),
        ("test.1", -200, "payee", "Ben", 500),
        ("test.1", -300, "payee", "Ana", 700),
        ("test.0", 1_000, "bank", None, 1_000),
    ]
    assert lines(session, ours, limit=2) == told[:2]
    assert [lines(session, ours, before=each.movement.number) for each in told] == [told[n:] for n in range(1, 5)]
    assert [(m.movement.at, m.movement.journal_id, m.movement.ref) for m in told[2:]] == [
        (AT + timedelta(days=1), journals[1].id, made.id), (AT, journals[0].id, None),
    ]  # fmt: skip


def test_an_account_that_grows_on_its_debit_side_is_told_the_other_way_round(
    session: Session, made: Partnership, journals: list[Journal]
) -> None:
    in_bank = next(each for each in accounts(session, "bank", "USD", by=made.finance))
    told = lines(session, in_bank)
    assert [(each.movement.amount, each.other.kind, each.owner, each.balance) for each in told] == [
        (-100, "payee", "Ana", 880), (-20, "stripe_fees", None, 980), (1_000, "held", "Holiday traditions", 1_000),
    ]  # fmt: skip
    assert [lines(session, in_bank, before=each.movement.number) for each in told] == [told[1:], told[2:], []]


@pytest.mark.parametrize("which", ["bank", "held"])
def test_a_statement_behind_a_number_leaves_out_that_number_on_both_sides(
    session: Session, made: Partnership, journals: list[Journal], which: str
) -> None:
    account = {"bank": bank("USD"), "held": held(made.id, "USD")}[which]
    told = statement(session, account)
    assert [statement(session, account, before=each.number) for each in told] == [told[n + 1 :] for n in range(len(told))]
    assert [statement(session, account, limit=n) for n in (1, 2)] == [told[:1], told[:2]]


def test_a_journal_is_told_entry_by_entry_with_both_accounts_and_whose_they_are(
    session: Session, made: Partnership, journals: list[Journal]
) -> None:
    by = made.finance
    assert find_journal(session, journals[1].id, by=by) is journals[1]
    told = postings(session, journals[1].id, by=by)
    assert [(p.entry.amount, p.debit.kind, p.debit_owner, p.credit.kind, p.credit_owner) for p in told] == [
        (300, "held", "Holiday traditions", "payee", "Ana"),
        (200, "held", "Holiday traditions", "payee", "Ben"),
        (50, "held", "Holiday traditions", "fee_income", None),
    ]
    [back] = postings(session, journals[4].id, by=by)
    assert (back.debit_owner, back.credit_owner, back.entry.amount) == ("Ana", None, 100)
    assert postings(session, journals[1].id, by=by, limit=2) == told[:2]
    assert postings(session, journals[1].id, by=by, after=told[0].entry.number) == told[1:]
    with pytest.raises(NoSuchJournal):
        find_journal(session, new_id(), by=by)
    with pytest.raises(NoSuchAccount):
        find_account(session, new_id(), by=by)


def test_the_first_entry_of_all_is_told_as_any(fresh_database: str) -> None:
    with unit_of_work() as session:
        journal = post(session, "funding.received", "first", [Entry(bank("USD"), held(new_id(), "USD"), 5)], at=AT)
        assert [p.entry.number for p in postings(session, journal.id, by=someone(session, Role.FINANCE))] == [1]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FINANCE])
def test_nobody_but_finance_reads_the_books(session: Session, made: Partnership, journals: list[Journal], role: Role) -> None:
    on = Scope(brand_id=made.brand.id) if role is Role.BRAND_ADMINISTRATOR else made.campaign.scope
    by = someone(session, role, on=on, sign_off_role="legal" if role is Role.SIGNER else None)
    account, journal = account_of(session, made, "held").account.id, journals[0].id
    asked: list[tuple[type[Exception], Callable[[], object]]] = [
        (Forbidden, lambda: chart(session, by=by)),
        (Forbidden, lambda: accounts(session, "held", "USD", by=by)),
        (NotFound, lambda: find_account(session, account, by=by)),
        (NotFound, lambda: find_journal(session, journal, by=by)),
        (Forbidden, lambda: postings(session, journal, by=by)),
    ]
    for kind, ask in asked:
        with pytest.raises(kind):
            ask()


def test_an_account_is_told_apart_by_kind_owner_and_currency(session: Session, made: Partnership, journals: list[Journal]) -> None:
    asked = [Account(kind, owner, currency) for kind in ("held", "payee") for owner in (made.id, new_id()) for currency in ("USD", "JPY")]
    assert [balance(session, each) for each in asked] == [450, 0, 0, 0, 0, 0, 0, 0]
