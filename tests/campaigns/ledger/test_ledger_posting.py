"""What the ledger's one door writes, and what it refuses."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Barrier, Thread
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Select, Uuid, column, func, select, text, values
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.errors import Refusal
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Account, Entry, bank, fee_income, held, payee, payout_clearing, stripe_available, stripe_pending
from campaigns.ledger.actions import post, post_from_payees, reverse
from campaigns.ledger.checks import broken
from campaigns.ledger.errors import AlreadyReversed, EmptyJournal, NoSuchJournal, Overdraft
from campaigns.ledger.models import Journal, LedgerEntry
from campaigns.ledger.queries import Movement, balance, balances, statement, totals
from workers.transactions import unit_of_work

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
CAMPAIGN, ANA, BEN = (UUID(int=n) for n in (1, 2, 3))


def fund(session: Session, amount: int = 10_000, key: str = "fund") -> Journal:
    return post(session, "funding.received", key, [Entry(bank("USD"), held(CAMPAIGN, "USD"), amount)], at=AT)


def size(session: Session) -> tuple[int, int]:
    return session.scalar(select(func.count(Journal.id))) or 0, session.scalar(select(func.count(LedgerEntry.number))) or 0


def test_a_posting_moves_its_amounts_and_the_balances_follow_at_once(session: Session) -> None:
    fund(session)
    post(
        session, "proposal.final", "final:1",
        [
            Entry(held(CAMPAIGN, "USD"), payee(ANA, "USD"), 6_000, ref=ANA),
            Entry(held(CAMPAIGN, "USD"), payee(BEN, "USD"), 3_000, ref=BEN),
            Entry(held(CAMPAIGN, "USD"), fee_income("USD"), 1_000),
        ],
        at=AT,
    )  # fmt: skip
    told = [balance(session, a) for a in (bank("USD"), held(CAMPAIGN, "USD"), payee(ANA, "USD"), payee(BEN, "USD"), fee_income("USD"))]
    assert told == [10_000, 0, 6_000, 3_000, 1_000]
    assert (balances(session, "payee", ANA), totals(session, "payee")) == ({"USD": 6_000}, {"USD": 9_000})
    assert broken(session) == []


def test_an_account_that_nothing_was_posted_to_has_a_balance_of_zero(session: Session) -> None:
    assert balance(session, payee(ANA, "JPY")) == 0


def test_a_statement_tells_each_movement_newest_first(session: Session) -> None:
    first = fund(session, 500, "one")
    second = post(session, "refund", "two", [Entry(held(CAMPAIGN, "USD"), bank("USD"), 200, ref=ANA)], at=AT)
    told = statement(session, held(CAMPAIGN, "USD"))
    numbers = [m.number for m in told]
    assert told == [
        Movement(numbers[0], second.id, "refund", AT, -200, ANA),
        Movement(numbers[1], first.id, "funding.received", AT, 500, None),
    ]
    assert statement(session, held(CAMPAIGN, "USD"), before=numbers[0]) == [told[1]]


def test_the_same_key_twice_is_the_same_journal(session: Session) -> None:
    first = fund(session)
    again = post(session, "another", "fund", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 99)], at=AT)
    assert (again, size(session), balance(session, bank("USD"))) == (first, (1, 1), 10_000)


def test_a_reversal_takes_every_entry_back(session: Session) -> None:
    journal = fund(session)
    undone = reverse(session, journal.id, key="undo", at=AT)
    assert (undone.kind, undone.reverses) == ("funding.received.reversed", journal.id)
    assert [balance(session, bank("USD")), balance(session, held(CAMPAIGN, "USD"))] == [0, 0]
    assert reverse(session, journal.id, key="undo", at=AT) == undone
    assert (size(session), broken(session)) == ((2, 2), [])


def test_a_journal_is_reversed_once(session: Session) -> None:
    journal = fund(session)
    reverse(session, journal.id, key="undo", at=AT)
    with pytest.raises(AlreadyReversed):
        reverse(session, journal.id, key="undo again", at=AT)
    assert size(session) == (2, 2)


def test_what_is_spent_cannot_be_reversed_out_of_an_account_that_may_not_be_overdrawn(session: Session) -> None:
    journal = fund(session)
    post(session, "proposal.final", "final", [Entry(held(CAMPAIGN, "USD"), payee(ANA, "USD"), 1)], at=AT)
    with pytest.raises(Overdraft):
        reverse(session, journal.id, key="undo", at=AT)
    assert (size(session), balance(session, held(CAMPAIGN, "USD"))) == ((2, 2), 9_999)


def test_a_journal_that_is_not_there_cannot_be_reversed(session: Session) -> None:
    with pytest.raises(NoSuchJournal):
        reverse(session, new_id(), key="undo", at=AT)


def _too_much(amounts: Sequence[int]) -> list[Entry]:
    return [Entry(held(CAMPAIGN, "USD"), payee(new_id(), "USD"), amount) for amount in amounts]


@pytest.mark.parametrize("amounts", [[10_001], [5_000, 5_001], [9_999, 1, 1]])
def test_more_than_is_held_is_refused_alone_and_in_a_batch(session: Session, amounts: list[int]) -> None:
    fund(session)
    with pytest.raises(Overdraft):
        post(session, "proposal.final", "final", _too_much(amounts), at=AT)
    assert (size(session), balance(session, held(CAMPAIGN, "USD")), broken(session)) == ((1, 1), 10_000, [])


def test_a_payee_may_owe_us_after_a_claw_back(session: Session) -> None:
    post(session, "claw_back", "claw", [Entry(payee(ANA, "USD"), stripe_available("USD"), 700)], at=AT)
    assert balance(session, payee(ANA, "USD")) == -700


def test_an_empty_journal_is_refused(session: Session) -> None:
    with pytest.raises(EmptyJournal) as refused:
        post(session, "nothing", "nothing", [], at=AT)
    assert (refused.value.status, size(session)) == (400, (0, 0))


def test_of_two_that_post_under_one_key_at_once_one_writes_and_both_get_its_journal(fresh_database: str) -> None:
    written = _at_once(lambda: _commit(lambda session: fund(session).id), times=4)
    with unit_of_work() as session:
        assert (len(set(written)), size(session), balance(session, bank("USD"))) == (1, (1, 1), 10_000)


def test_of_two_that_would_overdraw_an_account_together_one_is_refused(fresh_database: str) -> None:
    _commit(lambda session: fund(session).id)

    def spend() -> object:
        key = str(new_id())
        try:
            return _commit(lambda session: post(session, "final", key, [Entry(held(CAMPAIGN, "USD"), payee(ANA, "USD"), 6_000)], at=AT).id)
        except Refusal as refusal:
            return refusal.code

    outcomes = _at_once(spend, times=4)
    with unit_of_work() as session:
        told = (outcomes.count("Overdraft"), balance(session, held(CAMPAIGN, "USD")), balance(session, payee(ANA, "USD")))
        assert (told, broken(session)) == ((3, 4_000, 6_000), [])


def test_postings_that_cross_each_other_do_not_deadlock(fresh_database: str) -> None:
    def cross() -> object:
        there, back = Entry(payee(ANA, "USD"), payee(BEN, "USD"), 1), Entry(payee(BEN, "USD"), payee(ANA, "USD"), 1)
        for _turn in range(10):
            _commit(lambda session: [post(session, "cross", str(new_id()), [e], at=AT).id for e in (there, back)])
        return None

    _at_once(cross, times=4)
    with unit_of_work() as session:
        assert (size(session), broken(session)) == ((80, 80), [])


def _commit(act: Callable[[Session], object]) -> object:
    with unit_of_work() as session:
        return act(session)


def _at_once(act: Callable[[], object], times: int) -> list[object]:
    """What `act` returns in each of several threads that start it together."""
    barrier, outcomes = Barrier(times), list[object]()

    def run() -> None:
        barrier.wait()
        outcomes.append(act())

    threads = [Thread(target=run) for _turn in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == times
    return outcomes


Move = tuple[tuple[Account, Account], int]
PLACES = [
    held(CAMPAIGN, "USD"), payee(ANA, "USD"), payee(BEN, "USD"), stripe_pending("USD"), stripe_available("USD"),
    payout_clearing("USD"), fee_income("USD"), payee(ANA, "EUR"), stripe_available("EUR"),
]  # fmt: skip
PAIRS = st.sampled_from([(d, c) for d in PLACES for c in PLACES if d != c and d.currency == c.currency])
JOURNALS = st.lists(st.lists(st.tuples(PAIRS, st.integers(1, 2**40)), min_size=1, max_size=4), max_size=6)


@settings(max_examples=40, deadline=None)
@given(journals=JOURNALS)
def test_whatever_is_posted_the_sums_hold_and_a_refused_journal_leaves_nothing(database_url: str, journals: list[list[Move]]) -> None:
    expected = dict.fromkeys(PLACES, 0)
    with unit_of_work() as session:
        outer = session.begin_nested()
        for number, moves in enumerate(journals):
            after = _after(expected, moves)
            refused = any(after[place] < 0 for place in PLACES if not place.nature.may_overdraw)
            entries = [Entry(debit, credit, amount) for (debit, credit), amount in moves]
            if refused:
                with pytest.raises(Overdraft):
                    post(session, "any", f"any:{number}", entries, at=AT)
            else:
                post(session, "any", f"any:{number}", entries, at=AT)
                expected = after
        assert ({place: balance(session, place) for place in PLACES}, broken(session)) == (expected, [])
        outer.rollback()


def _after(before: dict[Account, int], moves: list[Move]) -> dict[Account, int]:
    after = dict(before)
    for (debit, credit), amount in moves:
        after[debit] += amount if debit.nature.grows == "D" else -amount
        after[credit] += amount if credit.nature.grows == "C" else -amount
    return after


def test_one_statement_writes_many_entries_under_one_seal(session: Session) -> None:
    fund(session, 5_000)
    post(session, "proposal.final", "final", [Entry(held(CAMPAIGN, "USD"), payee(new_id(), "USD"), 1) for _n in range(5_000)], at=AT)
    seals = session.execute(text("select number, entries from seal order by number")).all()
    assert ([tuple(seal) for seal in seals], balance(session, held(CAMPAIGN, "USD"))) == ([(1, 1), (2, 5_000)], 0)


def owed_to(*people: UUID) -> "Select[UUID, int, UUID]":
    """A hundred times their number in the row to each of these, under their own ids."""
    rows = values(column("person", Uuid), column("amount", BigInteger), name="owed").data([(p, 100 * n) for n, p in enumerate(people, 1)])
    return select(rows.c.person, rows.c.amount, rows.c.person)


def test_what_many_are_owed_moves_within_the_database_as_any_posting_does(session: Session) -> None:
    earned = [Entry(held(CAMPAIGN, "USD"), payee(person, "USD"), 1_000) for person in (ANA, BEN)]
    fund(session)
    post(session, "proposal.final", "final", earned, at=AT)
    others = [Entry(bank("USD"), held(ANA, "USD"), 1), Entry(bank("EUR"), payee(ANA, "EUR"), 1)]
    post(session, "of the same owner", "others", others, at=AT)
    moved = post_from_payees(session, "payout.reserved", "run", owed_to(BEN, ANA), payout_clearing("USD"), at=AT)
    entries = session.execute(
        select(LedgerEntry.amount, LedgerEntry.ref).where(LedgerEntry.journal_id == moved.id).order_by(LedgerEntry.number)
    )
    assert [tuple(entry) for entry in entries] == [(200, ANA), (100, BEN)]
    assert [balance(session, a) for a in (payee(ANA, "USD"), payee(BEN, "USD"), payout_clearing("USD"))] == [800, 900, 300]
    assert post_from_payees(session, "payout.reserved", "run", owed_to(BEN), payout_clearing("USD"), at=AT) == moved
    assert (size(session), broken(session)) == ((4, 7), [])


def test_nothing_moves_from_someone_who_has_never_earned(session: Session) -> None:
    fund(session)
    with pytest.raises(IntegrityError):
        post_from_payees(session, "payout.reserved", "run", owed_to(ANA), payout_clearing("USD"), at=AT)
    assert (size(session), broken(session)) == ((1, 1), [])
