"""A released run's money goes out once, whatever happens on the way."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.core.inbox import receive
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import payee, payout_clearing, stripe_available
from campaigns.payments.provider_errors import Definite, InsufficientBalance, RateLimited, Unknown
from campaigns.payout.balances.queries import standings_of
from campaigns.payout.errors import Superseded
from campaigns.payout.holds.queries import hold_on
from campaigns.payout.runs.actions import pause_run, resume_run
from campaigns.payout.runs.arriving import return_payout
from campaigns.payout.runs.models import Payout
from campaigns.payout.runs.payouts import Absent, Paid, Short, TransferRefused, Unresolved, claim_payouts, record_outcomes
from campaigns.payout.runs.queries import payments_to, runs_to_send
from sandbox.stripe import balance as stripes_books
from sandbox.stripe.endpoints import Call
from tests.campaigns.payout.runs.bureau import all_is_well, close, due_now, items, quote, release, released, run_state, send
from tests.sandbox.stripe.stage import ASKED, GIVEN_UP
from tests.treasury import Treasury, held_on, now, told
from workers.gateways import by_stripe
from workers.payout import sending
from workers.payout.reconciliation import look_at_transfer, resume_covered_runs
from workers.transactions import unit_of_work

TRANSFERS = "/v1/transfers"


def available() -> tuple[int, int]:
    """Our available balance in the books, and at Stripe."""
    return held_on(stripe_available("USD")), by_stripe().balance()["USD"].available


def test_a_released_run_is_sent_settled_and_closed(treasury: Treasury) -> None:
    ana, ben = treasury.payee(5_000), treasury.payee(7_000, "DE")
    run_id = released(treasury)
    send(run_id)
    assert close(run_id)
    assert items(run_id) == [(5_000, "sent", 1), (7_000, "sent", 1)]
    assert sorted(amount for _to, amount in treasury.transfers()) == [5_000, 7_000]
    assert (held_on(payout_clearing("USD")), available()) == (0, (958_970, 958_970))
    with unit_of_work() as session:
        paid = [payments_to(session, by=p)[0] for p in (ana, ben)]
    facts = [{"person": str(i.person_id), "amount": i.amount, "currency": "USD", "item": str(i.id), "run": str(run_id)} for i in paid]
    assert sorted(told("payout.sent"), key=lambda told: str(told["item"])) == sorted(facts, key=lambda fact: str(fact["item"]))
    assert told("payout.run_closed") == [{"run": str(run_id), "currency": "USD", "totals": {"sent": {"items": 2, "amount": 12_000}}}]
    assert all_is_well() == []


def test_nothing_is_sent_before_the_release(treasury: Treasury) -> None:
    treasury.payee()
    run_id = quote()
    assert run_id
    with pytest.raises(Superseded):
        send(run_id, generation=0)
    assert (items(run_id), treasury.transfers()) == ([(5_000, "ready", 1)], [])


@pytest.mark.parametrize("fault", ["lose the call", "lose the answer", "503", "429"])
def test_a_request_whose_fate_is_unknown_is_sent_again_the_same_and_pays_once(treasury: Treasury, fault: str) -> None:
    ana = treasury.payee()
    run_id = released(treasury)
    treasury.line.faults += [(TRANSFERS, fault)] * 2
    for _time in range(3):
        send(run_id)
        due_now(run_id)
    assert (items(run_id), [amount for _to, amount in treasury.transfers()]) == ([(5_000, "sent", 1)], [5_000])
    assert (held_on(payee(ana.person, "USD")), all_is_well(), available()[0]) == (0, [], available()[1])


def test_an_item_of_unknown_fate_waits_before_it_is_sent_again(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults.append((TRANSFERS, "lose the call"))
    before = clock.process_now()
    due = sending.send_batch(run_id, 1)
    assert due
    assert timedelta(seconds=0.9) < due - before < timedelta(seconds=5)
    with unit_of_work() as session:
        waiting = [run.id for run in runs_to_send(session, before)]
        ready = [run.id for run in runs_to_send(session, due)]
    assert (items(run_id), waiting, ready) == ([(5_000, "unknown", 1)], [], [run_id])


@pytest.mark.parametrize(("fault", "attempt", "lists"), [("lose the answer", 1, 1), ("lose the call", 2, 1)])
def test_once_its_key_may_be_forgotten_an_item_is_looked_up_and_adopted_or_tried_anew(
    treasury: Treasury, fault: str, attempt: int, lists: int
) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults.append((TRANSFERS, fault))
    send(run_id)
    treasury.pass_time(timedelta(hours=25))
    treasury.line.calls.clear()
    for _time in range(2):
        due_now(run_id)
        send(run_id)
    assert (items(run_id), [amount for _to, amount in treasury.transfers()]) == ([(5_000, "sent", attempt)], [5_000])
    assert sum(method == "GET" and path.startswith(TRANSFERS) for method, path in treasury.line.calls) == lists
    assert all_is_well() == []


def test_just_before_its_key_may_be_forgotten_an_item_is_still_sent_the_same(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults.append((TRANSFERS, "lose the answer"))
    send(run_id)
    treasury.pass_time(timedelta(hours=22, minutes=50))
    due_now(run_id)
    treasury.line.calls.clear()
    send(run_id)
    assert (items(run_id), treasury.line.calls) == ([(5_000, "sent", 1)], [("POST", TRANSFERS)])
    assert len(treasury.transfers()) == 1


def test_a_server_that_failed_three_times_is_not_believed(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults += [(TRANSFERS, "lose the answer")] + [(TRANSFERS, "503")] * 3
    for _time in range(4):
        send(run_id)
        due_now(run_id)
    assert items(run_id) == [(5_000, "unknown", 1)]
    send(run_id)
    assert (items(run_id), len(treasury.transfers()), all_is_well()) == ([(5_000, "sent", 1)], 1, [])


def test_after_three_failures_the_listing_waits_for_its_lag(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults += [(TRANSFERS, "503")] * 3
    for _time in range(3):
        due_now(run_id)
        due = sending.send_batch(run_id, 1)
    assert due
    assert due - clock.process_now() > timedelta(minutes=1)


def test_a_refused_transfer_fails_gives_the_money_back_and_holds_the_person(treasury: Treasury) -> None:
    ana = treasury.payee()
    run_id = released(treasury)
    treasury.stripe.client.v1.accounts.delete(_destination(ana.person))
    send(run_id)
    assert close(run_id)
    assert (items(run_id), held_on(payee(ana.person, "USD"))) == ([(5_000, "failed", 1)], 5_000)
    with unit_of_work() as session:
        hold = hold_on(session, ana.person)
        assert hold
        assert (hold.reason, standings_of(session, ana.person, now())[0].reason) == ("resource_missing", "held")
    assert [(e["person"], e["code"]) for e in told("payout.cannot_pay")] == [(str(ana.person), "held")]
    assert (quote("next"), all_is_well()) == (None, [])


def test_an_account_that_can_no_longer_be_paid_fails_without_a_hold(treasury: Treasury) -> None:
    ana = treasury.payee()
    run_id = released(treasury)
    given_up: Any = {"capabilities": dict.fromkeys(ASKED["full"], GIVEN_UP)}
    treasury.stripe.client.v1.accounts.update(_destination(ana.person), given_up)
    send(run_id)
    with unit_of_work() as session:
        assert (hold_on(session, ana.person), items(run_id)) == (None, [(5_000, "failed", 1)])


def test_a_balance_that_does_not_cover_a_run_pauses_it_and_a_top_up_lets_it_go_on_under_new_keys(treasury: Treasury) -> None:
    treasury.payee(400_000), treasury.payee(599_000)
    run_id = released(treasury)
    send_until_paused(run_id)
    assert (run_state(run_id)[0], sorted(a for _to, a in treasury.transfers())) in (("paused", [400_000]), ("paused", [599_000]))
    resume_covered_runs(by_stripe())
    assert run_state(run_id) == ("paused", 1)
    treasury.fund(200_000)
    resume_covered_runs(by_stripe())
    assert run_state(run_id) == ("released", 2)
    due_now(run_id)
    send(run_id, generation=2)
    assert close(run_id)
    assert sorted((amount, state) for amount, state, _attempt in items(run_id)) == [(400_000, "sent"), (599_000, "sent")]
    assert (sorted(attempt for *_, attempt in items(run_id)), all_is_well()) == ([1, 2], [])


def test_stripes_word_that_our_balance_grew_lets_a_waiting_run_go_on(treasury: Treasury) -> None:
    treasury.payee(999_000)
    run_id = released(treasury)
    send_until_paused(run_id)
    with treasury.stripe.engine.begin() as connection:
        stripes_books.move(Call(connection, int(now().timestamp())), "topup", 50_000, "usd", "tu_1")
    with unit_of_work() as session:
        receive(session, "stripe", "evt_1", "balance.available", {"id": "evt_1", "data": {"object": {"object": "balance"}}})
    treasury.handle(OutboxKind.STRIPE_EVENT)
    assert (run_state(run_id), available()[0]) == (("released", 2), available()[1])


def test_a_pause_by_finance_on_top_of_the_automatic_one_stays_when_the_money_is_there(treasury: Treasury) -> None:
    treasury.payee(999_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    send_until_paused(run_id)
    with unit_of_work() as session:
        run = pause_run(session, run_id, "The bank called.", by=finance, at=now())
        assert (run.cause, run.reason) == ("finance", "The bank called.")
    treasury.fund(200_000)
    resume_covered_runs(by_stripe())
    assert (run_state(run_id), len(told("payout.run_paused"))) == (("paused", 1), 2)
    with unit_of_work() as session:
        resume_run(session, run_id, by=finance, at=now())
    assert (run_state(run_id), all_is_well()) == (("released", 2), [])


def test_a_typed_reason_is_never_taken_for_a_cause(treasury: Treasury) -> None:
    treasury.payee(5_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        pause_run(session, run_id, "balance_insufficient", by=finance, at=now())
    resume_covered_runs(by_stripe())
    assert run_state(run_id) == ("paused", 1)


def send_until_paused(run_id: UUID) -> None:
    while run_state(run_id)[0] != "paused":
        due_now(run_id)
        sending.send_batch(run_id, 1)


def test_a_paused_run_sends_nothing_more_and_an_older_generation_never_again(treasury: Treasury) -> None:
    treasury.payee()
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        pause_run(session, run_id, "A question", by=finance, at=now())
    with pytest.raises(Superseded):
        send(run_id)
    with unit_of_work() as session:
        resume_run(session, run_id, by=finance, at=now())
    with pytest.raises(Superseded):
        send(run_id, generation=1)
    send(run_id, generation=2)
    assert items(run_id) == [(5_000, "sent", 1)]


def claimed(run_id: UUID) -> list[Payout]:
    with unit_of_work() as session:
        return list(claim_payouts(session, run_id, 1, 10, at=clock.business_now(session), now=clock.process_now()))


def test_a_worker_that_died_after_its_claim_is_followed_by_another_once_its_lease_is_over(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    assert ([i.amount for i in claimed(run_id)], claimed(run_id)) == ([5_000], [])
    send(run_id)
    assert items(run_id) == [(5_000, "sending", 1)]
    due_now(run_id)
    with unit_of_work() as session:
        session.scalars(select(Payout)).one().leased_until = clock.process_now() - timedelta(seconds=1)
    send(run_id)
    assert (items(run_id), len(treasury.transfers())) == ([(5_000, "sent", 1)], 1)


def test_a_worker_that_slept_past_its_lease_does_not_send(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    [item] = claimed(run_id)
    assert (sending.carry_out(by_stripe(), [item], clock.awake_seconds() + 1), treasury.transfers()) == ([], [])


def test_a_worker_that_slept_until_its_key_was_forgotten_does_not_send(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    [item] = claimed(run_id)
    treasury.pass_time(timedelta(hours=23))
    assert (sending.send(by_stripe(), item, clock.awake_seconds() + 60), treasury.transfers()) == (None, [])


def test_after_a_pause_for_the_rate_the_fence_is_asked_again(treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> None:
    treasury.payee()
    run_id = released(treasury)
    [item] = claimed(run_id)
    treasury.line.faults.append((TRANSFERS, "429"))
    monkeypatch.setattr(
        sending,
        "sleep",
        lambda _seconds: treasury.pass_time(timedelta(hours=25)) if treasury.line.calls[-1:] == [("POST", TRANSFERS)] else None,
    )
    assert (sending.send(by_stripe(), item, clock.awake_seconds() + 60), treasury.transfers()) == (None, [])


def test_what_another_worker_settled_stays_settled_once(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    [item] = claimed(run_id)
    outcomes = [Paid(item, "tr_1")]
    for _worker in range(2):
        with unit_of_work() as session:
            record_outcomes(session, run_id, outcomes, at=now(), now=clock.process_now())
    with unit_of_work() as session:
        record_outcomes(
            session, run_id, [TransferRefused(item, "late"), Absent(item), Short(item), Unresolved(item)], at=now(), now=clock.process_now()
        )
    assert (items(run_id), len(told("payout.sent")), held_on(payout_clearing("USD"))) == ([(5_000, "sent", 1)], 1, 0)


def test_workers_side_by_side_never_take_the_same_item(treasury: Treasury) -> None:
    for _payee in range(6):
        treasury.payee(1_000)
    run_id = released(treasury)
    barrier, taken = Barrier(3), list[Payout]()

    def work() -> None:
        barrier.wait()
        for _time in range(3):
            with unit_of_work() as session:
                taken.extend(claim_payouts(session, run_id, 1, 1, at=clock.business_now(session), now=clock.process_now()))

    threads = [Thread(target=work) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(taken), len({i.id for i in taken})) == (6, 6)


def test_stripes_word_of_a_transfer_settles_an_item_of_unknown_fate(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults.append((TRANSFERS, "lose the answer"))
    send(run_id)
    transfer = treasury.stripe.client.v1.transfers.list().data[0]
    for _twice in range(2):
        look_at_transfer(by_stripe(), transfer.id)
    assert (items(run_id), len(told("payout.sent")), all_is_well()) == ([(5_000, "sent", 1)], 1, [])


def test_a_transfer_that_comes_back_is_on_the_payees_account_again(treasury: Treasury) -> None:
    ana = treasury.payee()
    run_id = released(treasury)
    send(run_id)
    transfer = treasury.stripe.client.v1.transfers.list().data[0]
    treasury.stripe.client.v1.transfers.reversals.create(transfer.id)
    for _twice in range(2):
        look_at_transfer(by_stripe(), transfer.id)
    assert (items(run_id), held_on(payee(ana.person, "USD"))) == ([(5_000, "returned", 1)], 5_000)
    with unit_of_work() as session:
        item = session.scalars(select(Payout)).one()
        return_payout(session, item.id, at=now())
    assert (held_on(payee(ana.person, "USD")), available()[0], all_is_well()) == (5_000, available()[1], [])


def test_a_transfer_that_is_none_of_ours_is_left_to_the_reconciliation(treasury: Treasury) -> None:
    destination = treasury.stripe.payable()
    for metadata in ({}, {"payout_item": "nonsense"}):
        transfer = treasury.stripe.transfer(destination, 100, metadata=metadata)
        look_at_transfer(by_stripe(), transfer.id)
    assert told("payout.sent") == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (InsufficientBalance("c", "m"), Short),
        (Definite("c", "m"), TransferRefused),
        (Unknown("m", 500), Unresolved),
        (Unknown("m"), Unresolved),
        (RateLimited("m"), Unresolved),
    ],
)
def test_only_a_refusal_ends_an_attempt(error: Exception, outcome: type) -> None:
    assert isinstance(sending.classify(Payout(), error), outcome)  # type: ignore[arg-type]


def _destination(person: UUID) -> str:
    with unit_of_work() as session:
        return session.scalars(select(Payout.destination).where(Payout.person_id == person)).one()


def test_under_faults_kills_and_an_outage_of_a_day_everyone_is_paid_once(treasury: Treasury) -> None:
    for number in range(8):
        treasury.payee(1_000 + number)
    run_id = quote()
    assert run_id
    release(treasury, run_id)
    faults = [
        "lose the answer",
        "503",
        "lose the call",
        "429",
        "lose the answer",
        "lose the call",
        "503",
        "lose the answer",
        "lose the answer",
    ]
    treasury.line.faults += [(TRANSFERS, fault) for fault in faults]
    for turn in range(8):
        if turn == 1:  # a worker dies between its claim and its record
            sending.carry_out(by_stripe(), claimed(run_id)[:4], clock.awake_seconds() + 60)
        if turn in (2, 4):
            treasury.pass_time(timedelta(hours=25))
        due_now(run_id)
        with unit_of_work() as session:
            for item in session.scalars(select(Payout).where(Payout.state == "sending")):
                item.leased_until = clock.process_now() - timedelta(seconds=1)
        send(run_id)
    assert close(run_id)
    assert {(amount, state) for amount, state, _attempt in items(run_id)} == {(1_000 + n, "sent") for n in range(8)}
    assert sorted(amount for _to, amount in treasury.transfers()) == [1_000 + n for n in range(8)]
    assert (available()[0], all_is_well()) == (available()[1], [])
