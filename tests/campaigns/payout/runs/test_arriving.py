"""Sent is what Stripe transferred; paid is what the payee's bank has, and may send back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from campaigns.core import clock
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Actor
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import payee, payees_at_stripe, sent_to_payees
from campaigns.payments import balance_gateway as provider
from campaigns.payments.models import PayoutAccount
from campaigns.payments.queries import payout_account
from campaigns.payout.balances.queries import why_not_payable
from campaigns.payout.balances.reasons import Reason
from campaigns.payout.earnings.next_steps import Deed, next_step
from campaigns.payout.earnings.queries import my_money
from campaigns.payout.needs import needs_of
from campaigns.payout.runs.arriving import note_bank_payout, return_payout
from campaigns.payout.runs.models import BankPayout, Payout
from campaigns.payout.runs.queries import overdue, payments_to
from tests.campaigns.payout.runs.bureau import all_is_well, close, items, quote, release, released, send
from tests.treasury import Treasury, held_on, now, told
from workers.gateways import by_stripe
from workers.payout.arrivals import enqueue_arrival_looks, look_at_bank_payout
from workers.provider.accounts import look_at_account
from workers.transactions import unit_of_work

DAY = timedelta(days=1)


def account_of(person: Actor) -> PayoutAccount:
    with unit_of_work() as session:
        return payout_account(session, person.person)


def bank_payouts(treasury: Treasury, person: Actor) -> list[str]:
    """The ids of the payouts of a person's account, oldest first."""
    listed = treasury.stripe.client.v1.payouts.list({"limit": 100}, {"stripe_account": account_of(person).provider_id})
    return [each.id for each in listed.data][::-1]


def days_pass(treasury: Treasury, days: int) -> None:
    """Stripe goes on day by day."""
    for _day in range(days):
        treasury.pass_time(DAY)
        treasury.stripe.settle()


def hear(treasury: Treasury, person: Actor) -> None:
    """Stripe tells of every payout of a person's account, the newest first."""
    for payout in bank_payouts(treasury, person)[::-1]:
        look_at_bank_payout(by_stripe(), payout, account_of(person).provider_id or "")


def sent_back(treasury: Treasury, payout: str) -> None:
    httpx.post(f"{treasury.stripe.url}/sandbox/payouts", data={"payout": payout})


def sent_to(treasury: Treasury, amount: int = 5_000) -> tuple[Actor, UUID]:
    """Someone whose payment of a closed run has been transferred."""
    ana = treasury.payee(amount)
    run_id = released(treasury)
    send(run_id)
    assert close(run_id)
    return ana, run_id


def purse(person: Actor) -> tuple[int, int, int, int]:
    """On the account, sent, sent back by the bank, paid."""
    with unit_of_work() as session:
        (one,) = my_money(session, by=person, at=clock.business_now(session))
    return one.balance, one.sent, one.bank_returned, one.paid


def noted() -> Sequence[BankPayout]:
    with unit_of_work() as session:
        return session.scalars(select(BankPayout)).all()


def expected(person: Actor) -> list[datetime | None]:
    """For each payment, the day on which the person reads that it should arrive."""
    with unit_of_work() as session:
        return [item.expected_at for item in payments_to(session, by=person)]


def memo() -> tuple[int, int]:
    return held_on(sent_to_payees("USD")), held_on(payees_at_stripe("USD"))


def test_a_payment_is_sent_when_stripe_has_transferred_it_and_paid_when_the_bank_has_it(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    assert (items(run_id), purse(ana), memo(), all_is_well()) == ([(5_000, "sent", 1)], (0, 5_000, 0, 0), (5_000, 5_000), [])
    days_pass(treasury, 1)
    hear(treasury, ana)
    assert (items(run_id), told("payout.arrived")) == ([(5_000, "sent", 1)], [])
    assert expected(ana) == [row.arrives_at for row in noted()]
    days_pass(treasury, 4)
    hear(treasury, ana)
    hear(treasury, ana)
    assert (items(run_id), purse(ana), memo(), all_is_well()) == ([(5_000, "paid", 1)], (0, 0, 0, 5_000), (0, 0), [])
    assert [each["amount"] for each in told("payout.arrived")] == [5_000]
    assert (len(told("payout.sent")), expected(ana)) == (1, [None])


def test_what_a_bank_sends_back_is_not_paid_until_another_bank_has_it(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    days_pass(treasury, 5)
    hear(treasury, ana)
    (first,) = bank_payouts(treasury, ana)
    sent_back(treasury, first)
    hear(treasury, ana)
    look_at_account(by_stripe(), account_of(ana).provider_id or "")
    assert (items(run_id), purse(ana), memo(), all_is_well()) == ([(5_000, "bank_returned", 1)], (0, 0, 5_000, 0), (5_000, 5_000), [])
    assert told("payout.bank_returned")[0]["amount"] == 5_000
    assert (step_of(ana), account_of(ana).pays_out, held_on(payee(ana.person, "USD"))) == (Deed.FINISH_FORM, False, 0)
    treasury.submit(ana)
    look_at_account(by_stripe(), account_of(ana).provider_id or "")
    assert (step_of(ana), account_of(ana).pays_out) == (Deed.NOTHING, True)
    days_pass(treasury, 1)
    hear(treasury, ana)
    assert items(run_id) == [(5_000, "sent", 1)]
    days_pass(treasury, 5)
    hear(treasury, ana)
    assert (items(run_id), purse(ana), memo(), all_is_well()) == ([(5_000, "paid", 1)], (0, 0, 0, 5_000), (0, 0), [])
    assert len(told("payout.arrived")) == 2


def step_of(person: Actor) -> Deed:
    with unit_of_work() as session:
        at = clock.business_now(session)
        step = next_step(session, my_money(session, by=person, at=at), by=person, at=at)
    assert step
    return step.deed


def test_nothing_more_is_sent_to_someone_whose_bank_account_stripe_cannot_pay(treasury: Treasury) -> None:
    ana, _run_id = sent_to(treasury)
    treasury.earn(ana.person, 7_000)
    quoted = quote("2026-11-09")
    assert quoted
    days_pass(treasury, 5)
    sent_back(treasury, bank_payouts(treasury, ana)[0])
    look_at_account(by_stripe(), account_of(ana).provider_id or "")
    release(treasury, quoted)
    send(quoted)
    assert (items(quoted), all_is_well()) == ([(7_000, "failed", 1)], [])
    with unit_of_work() as session:
        assert [each.reason for each in why_not_payable(session, ana.person, now())] == [Reason.BANK_NEEDED]
    assert [each["amount"] for each in told("payout.sent")] == [5_000]
    assert told("payout.account_asked") == [], "the email about the payment says what to do"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_whatever_order_stripe_tells_in_the_newest_payout_says_where_a_payment_is(treasury: Treasury, order: tuple[int, int]) -> None:
    ana, run_id = sent_to(treasury)
    days_pass(treasury, 5)
    sent_back(treasury, bank_payouts(treasury, ana)[0])
    treasury.submit(ana)
    days_pass(treasury, 6)
    both = bank_payouts(treasury, ana)
    for place in order:
        look_at_bank_payout(by_stripe(), both[place], account_of(ana).provider_id or "")
    assert (items(run_id), all_is_well()) == ([(5_000, "paid", 1)], [])


def test_an_answer_that_is_older_than_what_is_noted_changes_nothing(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    days_pass(treasury, 5)
    hear(treasury, ana)
    with unit_of_work() as session:
        noted, at = session.scalars(select(BankPayout)).one(), clock.business_now(session)
        transfer = session.scalars(select(Payout.transfer_id)).one()
        told_late = provider.ProviderBankPayout(
            noted.id, "in_transit", noted.amount, noted.currency, noted.made_at, noted.arrives_at, None, [str(transfer)]
        )  # fmt: skip
        note_bank_payout(session, told_late, noted.account_id, looked_at=noted.looked_at - DAY, at=at)
    assert (items(run_id), all_is_well()) == ([(5_000, "paid", 1)], [])


def test_a_canceled_payout_leaves_a_payment_sent(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    with unit_of_work() as session:
        at, transfer = clock.business_now(session), session.scalars(select(Payout.transfer_id)).one()
        canceled = provider.ProviderBankPayout("po_1", "canceled", 5_000, "USD", at, at + DAY, None, [str(transfer)])
        note_bank_payout(session, canceled, account_of(ana).id, looked_at=clock.process_now(), at=at)
    assert (items(run_id), told("payout.bank_returned"), all_is_well()) == ([(5_000, "sent", 1)], [], [])


def test_what_no_event_told_of_is_asked_after_and_ever_more_rarely(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    assert enqueue_arrival_looks() == 0, "nothing can have arrived yet"
    days_pass(treasury, 5)
    assert (enqueue_arrival_looks(), enqueue_arrival_looks()) == (1, 0)
    with unit_of_work() as session:  # as though Stripe had not paid it out yet
        session.execute(update(PayoutAccount).values(arrivals_asks=3))
    assert treasury.handle(OutboxKind.ARRIVALS_LOOK) == 1
    assert (items(run_id), account_of(ana).arrivals_asks, account_of(ana).arrivals_ask_at) == ([(5_000, "paid", 1)], 0, None)
    assert enqueue_arrival_looks() == 0


def test_what_arrives_by_an_event_has_the_next_payment_asked_after_as_soon_as_the_first(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    days_pass(treasury, 5)
    treasury.earn(ana.person, 7_000)
    second = quote("2026-11-09")
    assert second
    release(treasury, second)
    send(second)
    with unit_of_work() as session:  # as though it had been asked after for a month
        session.execute(update(PayoutAccount).values(arrivals_asks=5, arrivals_ask_at=now() + 16 * DAY))
    hear(treasury, ana)
    assert (items(run_id), items(second)) == ([(5_000, "paid", 1)], [(7_000, "sent", 1)])
    assert (account_of(ana).arrivals_asks, account_of(ana).arrivals_ask_at) == (0, None)
    treasury.pass_time(4 * DAY)
    assert enqueue_arrival_looks() == 1


def test_the_payouts_of_an_account_that_is_gone_are_asked_after_and_keep_no_others_waiting(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    days_pass(treasury, 5)
    assert enqueue_arrival_looks() == 1
    with unit_of_work() as session:
        session.execute(update(PayoutAccount).values(provider_id="acct_gone"))
    assert treasury.handle(OutboxKind.ARRIVALS_LOOK) == 1
    assert (items(run_id), account_of(ana).arrivals_asks) == ([(5_000, "sent", 1)], 1)


def test_the_looks_are_further_apart_each_time(treasury: Treasury) -> None:
    ana, _run_id = sent_to(treasury)
    treasury.pass_time(3 * DAY)  # and Stripe pays nobody out
    gaps: list[int] = []
    for _time in range(6):
        treasury.pass_time(20 * DAY if gaps else DAY)
        if not enqueue_arrival_looks():
            break
        gaps.append(round(((account_of(ana).arrivals_ask_at or now()) - now()) / DAY))
        treasury.handle(OutboxKind.ARRIVALS_LOOK, lambda _claimed: None)
    assert gaps == [1, 2, 4, 8, 16]


def test_what_no_payout_names_after_a_month_is_told_to_finance(treasury: Treasury) -> None:
    femi, ana = treasury.person(role=Role.FINANCE), treasury.payee()
    paid_out(treasury, ana, "manual")
    run_id = released(treasury)
    send(run_id)
    sent_at = now()
    days_pass(treasury, 29)
    hear(treasury, ana)
    assert (bank_payouts(treasury, ana), late(femi), needed(femi)) == ([], [], [])
    days_pass(treasury, 2)
    assert late(femi) == [(ana.name, 5_000)]
    ((code, message, address, since),) = needed(femi)
    sentence = "1 payment was sent more than 30 days ago and is not reported as arrived."
    assert since
    assert (code, message, address) == ("not_arrived", sentence, "/runs/not-arrived")
    assert abs(since - sent_at - 30 * DAY) < timedelta(minutes=1)
    treasury.pass_time(90 * DAY)
    assert (enqueue_arrival_looks(), len(needed(femi))) == (0, 1), "also once nobody asks Stripe any more"
    paid_out(treasury, ana, "daily")
    days_pass(treasury, 5)
    hear(treasury, ana)
    assert (items(run_id), late(femi), needed(femi)) == ([(5_000, "paid", 1)], [], [])


def paid_out(treasury: Treasury, person: Actor, interval: str) -> None:
    """Somebody sets how the person's account is paid out."""
    asked: Any = {"settings": {"payouts": {"schedule": {"interval": interval}}}}
    treasury.stripe.client.v1.accounts.update(account_of(person).provider_id or "", asked)


def late(who: Actor) -> list[tuple[str, int]]:
    with unit_of_work() as session:
        return [(each.name, each.item.amount) for each in overdue(session, by=who, at=now())]


def needed(who: Actor) -> list[tuple[str, str, str, datetime | None]]:
    with unit_of_work() as session:
        return [(each.code, each.message, each.address, each.since) for each in needs_of(session, who, now())]


def test_a_payment_that_is_taken_back_before_it_arrived_is_waited_for_no_more(treasury: Treasury) -> None:
    ana, run_id = sent_to(treasury)
    with unit_of_work() as session:
        item = session.scalars(select(Payout)).one()
        return_payout(session, item.id, at=clock.business_now(session))
    assert (items(run_id), purse(ana), memo(), all_is_well()) == ([(5_000, "returned", 1)], (5_000, 0, 0, 0), (0, 0), [])


def test_a_payout_of_an_account_that_is_not_one_of_ours_is_nothing_to_us(treasury: Treasury) -> None:
    stranger = treasury.stripe.payable()
    look_at_bank_payout(by_stripe(), "po_1", stranger)
    with unit_of_work() as session:
        assert session.scalars(select(BankPayout)).all() == []
