"""What Stripe has that we have not, and the other way round, is found, told once and put right."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from campaigns.core.events import Event
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.ledger.accounts import Entry, bank, held, payee
from campaigns.ledger.actions import post
from campaigns.payments.actions import book_movement
from campaigns.payments.provider_errors import Unknown
from campaigns.payout.reconciliations.queries import discrepancies
from campaigns.payout.runs.models import Payout
from notifications.left_open import left_open
from tests.campaigns.payout.runs.bureau import all_is_well, items, quote, release, released, send
from tests.treasury import CAMPAIGN, Treasury, held_on, now, told
from workers.gateways import by_stripe
from workers.payout import reconciliation
from workers.payout.reconciliation import compare, reconcile
from workers.transactions import unit_of_work


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "SECONDS_BETWEEN_LOOKS", 0.0)


def paid_run(treasury: Treasury) -> Payout:
    treasury.payee()
    run_id = released(treasury)
    send(run_id)
    with unit_of_work() as session:
        return session.scalars(select(Payout).where(Payout.run_id == run_id)).one()


def found() -> list[tuple[str, str, int]]:
    return [(d.kind, d.subject, d.amount) for d in reconcile(by_stripe(), by_stripe())]


def test_where_all_agrees_there_is_nothing_to_say(treasury: Treasury) -> None:
    paid_run(treasury)
    assert (found(), told("payout.discrepancy_found")) == ([], [])


def test_a_second_transfer_for_an_item_is_taken_back(treasury: Treasury) -> None:
    item = paid_run(treasury)
    twice = treasury.stripe.transfer(item.destination, 5_000, metadata={"payout_item": str(item.id)}, transfer_group=item.transfer_group)
    expected = [("duplicate", twice.id, 5_000), ("balance", "USD:available", 5_000)]
    assert (found(), found()) == (expected, expected)
    assert len(told("payout.discrepancy_found")) == 2
    assert treasury.handle(OutboxKind.REVERSE_TRANSFER) == 1
    assert (found(), sorted(treasury.transfers())) == ([], [(item.destination, 0), (item.destination, 5_000)])
    assert [e["resolution"] for e in told("payout.discrepancy_resolved")] == ["reversed"]
    assert all_is_well() == []


def test_a_second_transfer_that_is_spent_already_is_owed_by_the_payee(treasury: Treasury) -> None:
    item = paid_run(treasury)
    twice = treasury.stripe.transfer(item.destination, 5_000, metadata={"payout_item": str(item.id)})
    with unit_of_work() as session:
        session.execute(text("update stripe_sandbox.balance set available = 0 where account = :a"), {"a": item.destination})
    reconcile(by_stripe(), by_stripe())
    treasury.handle(OutboxKind.REVERSE_TRANSFER)
    assert held_on(payee(item.person_id, "USD")) == -5_000
    assert [(e["subject"], e["resolution"]) for e in told("payout.discrepancy_resolved")] == [(twice.id, "owed")]
    assert ([d for d in compare(by_stripe()) if d.kind == "balance"], all_is_well()) == ([], [])


def test_a_second_transfer_that_came_back_unknown_to_us_is_not_owed_by_the_payee(treasury: Treasury) -> None:
    item = paid_run(treasury)
    twice = treasury.stripe.transfer(item.destination, 5_000, metadata={"payout_item": str(item.id)})
    reconcile(by_stripe(), by_stripe())
    treasury.line.faults.append(("/reversals", "lose the answer"))
    with pytest.raises(Unknown):
        treasury.handle(OutboxKind.REVERSE_TRANSFER)
    with unit_of_work() as session:  # Stripe has forgotten the first try's key by the time of the second
        session.execute(text("delete from stripe_sandbox.idempotent_answer"))
    treasury.handle(OutboxKind.REVERSE_TRANSFER)
    assert held_on(payee(item.person_id, "USD")) == 0
    assert [(e["subject"], e["resolution"]) for e in told("payout.discrepancy_resolved")] == [(twice.id, "reversed")]
    assert all_is_well() == []


def test_a_transfer_that_nobody_ordered_is_taken_back(treasury: Treasury) -> None:
    stranger = treasury.stripe.payable()
    foreign = treasury.stripe.transfer(stranger, 700)
    assert found() == [("foreign", foreign.id, 700), ("balance", "USD:available", 700)]
    treasury.handle(OutboxKind.REVERSE_TRANSFER)
    assert (found(), treasury.transfers()) == ([], [(stranger, 0)])


def test_a_foreign_transfer_that_cannot_be_taken_back_stays_open_for_someone_to_see(treasury: Treasury) -> None:
    stranger, finance = treasury.stripe.payable(), treasury.person(role=Role.FINANCE)
    foreign = treasury.stripe.transfer(stranger, 700)
    with unit_of_work() as session:
        session.execute(text("update stripe_sandbox.balance set available = 0 where account = :a"), {"a": stranger})
    reconcile(by_stripe(), by_stripe())
    treasury.handle(OutboxKind.REVERSE_TRANSFER)
    assert told("payout.reversal_refused") == [{"transfer": foreign.id, "amount": 700}]
    with unit_of_work() as session:
        assert [d.subject for d in discrepancies(session, by=finance)] == [foreign.id, "USD:available"]
        fact = session.scalars(select(Event).where(Event.name == "payout.reversal_refused")).one()
        email = next(each for each in left_open(session, fact) if each.to == finance.person)
        assert (email.path, dict(email.params)) == (
            "/runs", {"what": "reversal_refused", "reason": None, "amount": 700, "currency": "USD"},
        )  # fmt: skip


def test_a_payment_that_stripe_does_not_know_is_missing(treasury: Treasury) -> None:
    item = paid_run(treasury)
    with unit_of_work() as session:
        session.execute(update(Payout).values(transfer_id="tr_gone"))
        session.execute(text("delete from stripe_sandbox.object where kind = 'transfer'"))
    assert found()[0] == ("missing", "tr_gone", item.amount)


def test_a_transfer_of_another_amount_is_told_and_not_touched(treasury: Treasury) -> None:
    item = paid_run(treasury)
    treasury.stripe.client.v1.transfers.reversals.create(item.transfer_id or "", {"amount": 1})
    kinds = [(kind, amount) for kind, _subject, amount in found()]
    assert (kinds, treasury.handle(OutboxKind.REVERSE_TRANSFER)) == ([("amount_differs", 4_999), ("balance", -1)], 0)


def test_a_transfer_that_came_back_is_returned_and_is_no_discrepancy(treasury: Treasury) -> None:
    item = paid_run(treasury)
    treasury.stripe.client.v1.transfers.reversals.create(item.transfer_id or "")
    reconcile(by_stripe(), by_stripe())
    assert (found(), items(item.run_id), held_on(payee(item.person_id, "USD"))) == ([], [(5_000, "returned", 1)], 5_000)


def test_a_transfer_whose_item_is_still_open_is_left_to_its_run(treasury: Treasury) -> None:
    treasury.payee()
    run_id = released(treasury)
    treasury.line.faults.append(("/v1/transfers", "lose the answer"))
    send(run_id)
    assert (found(), items(run_id)) == ([], [(5_000, "unknown", 1)])


def test_books_that_are_not_the_providers_balance_are_told_until_they_agree(treasury: Treasury) -> None:
    treasury.stripe.fund(10_000)
    movement = next(m for m in by_stripe().movements_since(now() - timedelta(minutes=1)) if m.amount == 10_000)
    assert found() == [
        ("balance", "USD:available", -9_680), ("unbooked", f"charge {movement.id} of {movement.source}", -9_680),
    ]  # fmt: skip
    with unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): 10_000}, kind="funding.received", at=now())
    assert found() == []
    treasury.stripe.fund(10_000)
    assert (len(found()), len(told("payout.discrepancy_found"))) == (2, 4)


def test_a_refund_that_somebody_made_in_stripes_dashboard_is_named_with_its_movement_until_it_is_booked(treasury: Treasury) -> None:
    charge = treasury.stripe.client.v1.charges.list({"limit": 1}).data[0]
    refund = treasury.stripe.client.v1.refunds.create({"charge": charge.id, "amount": 500})
    named = ("unbooked", f"refund {refund.balance_transaction} of {refund.id}", 500)
    assert [found() for _twice in range(2)] == [[("balance", "USD:available", 500), named]] * 2
    finance = treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        assert [(d.kind, d.subject, d.amount) for d in discrepancies(session, by=finance)][1:] == [named]
    assert len(told("payout.discrepancy_found")) == 2
    movement = by_stripe().fetch_movement(str(refund.balance_transaction))
    with unit_of_work() as session:
        book_movement(session, movement, {held(CAMPAIGN, "USD"): 500}, kind="brief.refund", at=now())
    assert found() == []
    with unit_of_work() as session:
        assert discrepancies(session, by=finance) == []


def test_the_comparison_at_a_runs_end_looks_at_it_alone_and_resolves_nothing_of_others(treasury: Treasury) -> None:
    first = paid_run(treasury)
    with unit_of_work() as session:
        session.execute(update(Payout).values(transfer_id="tr_gone"))
    assert [d.kind for d in reconcile(by_stripe(), by_stripe())] == ["duplicate", "missing"]
    treasury.pass_time(timedelta(days=1))
    since = now()
    treasury.payee(6_000)
    second = quote("another")
    assert second
    release(treasury, second)
    send(second)
    assert (reconcile(by_stripe(), by_stripe(), since), first.id != second) == ([], True)
    with unit_of_work() as session:
        assert [d.kind for d in discrepancies(session, by=treasury.person(role=Role.FINANCE))] == ["duplicate", "missing"]


def test_money_in_the_bank_is_none_of_stripes(treasury: Treasury) -> None:
    with unit_of_work() as session:
        post(session, "funding.received", "wire", [Entry(bank("USD"), held(CAMPAIGN, "USD"), 5)], at=now())
    assert found() == []
