"""Money that goes back to the brand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.brief import errors
from campaigns.brief.funding.actions import approve_advance
from campaigns.brief.models import Receipt, Refund, RefundPart
from campaigns.brief.refunds import confirm_refund_by_hand, enqueue_refund
from campaigns.core import clock
from campaigns.core.campaign import find_campaign
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.people import SYSTEM
from campaigns.installation import checks as installation_checks
from campaigns.ledger import checks as ledger_checks
from campaigns.ledger.accounts import bank, held, receivable, refund_clearing
from campaigns.ledger.errors import Overdraft
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.queries import movements_of
from campaigns.payout.reconciliations.queries import compare_balance
from tests.campaigns.brief.billing import TOTAL, billed, facts, give_back, handle, paid, parts, pay, receive, row, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

RESERVE = 1_650_000


def part_of(made: Partnership) -> RefundPart:
    with unit_of_work() as session:
        return session.scalars(select(RefundPart).where(RefundPart.campaign_id == made.id)).one()


def books(made: Partnership) -> list[int]:
    """What is held, receivable, on its way back, and on our bank account."""
    return [held_on(a) for a in (held(made.id, "USD"), receivable(made.id, "USD"), refund_clearing(made.id, "USD"), bank("USD"))]


def test_a_refund_goes_back_the_way_the_money_came(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    give_back(made, RESERVE)
    assert books(made) == [TOTAL - RESERVE, 0, RESERVE, 0]
    handle("brief_refund")
    at_stripe = treasury.stripe.client.v1.refunds.list().data
    assert [(each.amount, each.status) for each in at_stripe] == [(RESERVE, "succeeded")]
    assert (parts(made), books(made)) == ([(RESERVE, "settled", True)], [TOTAL - RESERVE, 0, 0, 0])
    assert facts(made, "brief.refund_settled") == [{"part": str(part_of(made).id), "amount": RESERVE, "currency": "USD"}]


def test_a_refund_is_spread_over_the_payments_the_newest_first(treasury: Treasury) -> None:
    made = paid(treasury, 6_400_000, 1_000_000)
    give_back(made, RESERVE)
    handle("brief_refund")
    assert parts(made) == [(1_000_000, "settled", True), (650_000, "settled", True)]


def test_the_same_key_refunds_once(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    assert give_back(made, RESERVE) == give_back(made, RESERVE)
    handle("brief_refund")
    handle("brief_refund")
    assert [each.amount for each in treasury.stripe.client.v1.refunds.list().data] == [RESERVE]


def test_a_refund_whose_answer_was_lost_is_made_once(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    give_back(made, RESERVE)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle("brief_refund")
    handle("brief_refund")
    assert [each.amount for each in treasury.stripe.client.v1.refunds.list().data] == [RESERVE]
    assert parts(made) == [(RESERVE, "settled", True)]


def test_a_refund_that_waits_for_our_balance_is_booked_when_it_leaves(treasury: Treasury) -> None:
    made = signed()
    pay(billed(made))
    give_back(made, RESERVE)
    handle("brief_refund")
    assert (parts(made), books(made)[2]) == ([(RESERVE, "sent", True)], RESERVE)
    treasury.stripe.fund(2_000_000)
    treasury.stripe.settle()
    look_at_refund(by_stripe(), str(part_of(made).provider_id))
    assert (parts(made), books(made)[2]) == ([(RESERVE, "settled", True)], 0)


def test_a_refund_is_not_tried_again_once_stripe_would_have_forgotten_the_first_try(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    give_back(made, RESERVE)
    treasury.line.faults.append(("/v1/refunds", "lose the call"))
    with pytest.raises(Unknown):
        handle("brief_refund")
    treasury.pass_time(timedelta(hours=23))
    handle("brief_refund")
    assert parts(made) == [(RESERVE, "uncertain", True)]
    assert len(facts(made, "brief.refund_uncertain")) == 1


def test_what_stripe_will_not_give_back_is_left_to_finance(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    charge = treasury.stripe.client.v1.charges.list().data[0].id
    treasury.stripe.client.v1.refunds.create({"charge": charge})
    give_back(made, RESERVE)
    handle("brief_refund")
    assert parts(made) == [(RESERVE, "by_hand", True)]
    assert facts(made, "brief.refund_by_hand_due") == [{"part": str(part_of(made).id), "amount": RESERVE, "currency": "USD"}]


def test_what_came_by_hand_goes_back_by_hand(treasury: Treasury) -> None:
    made = signed()
    receive(made, TOTAL)
    give_back(made, RESERVE)
    handle("brief_refund")
    assert (parts(made), books(made)) == ([(RESERVE, "by_hand", False)], [TOTAL - RESERVE, 0, RESERVE, TOTAL])
    by_hand(made)
    assert (parts(made), books(made)) == ([(RESERVE, "settled", False)], [TOTAL - RESERVE, 0, 0, TOTAL - RESERVE])


def broken(name: str = "refunds_are_of_own_money") -> list[str]:
    with unit_of_work() as session:
        return [
            each.invariant.name for each in ledger_checks.broken(session, installation_checks.INVARIANTS) if each.invariant.name == name
        ]


def test_a_refund_leaves_first_what_payouts_cannot_use(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL - 1_000_000)
    receive(made, 1_000_000)
    give_back(made, RESERVE)
    handle("brief_refund")
    assert parts(made) == [(1_000_000, "by_hand", False), (650_000, "settled", True)]
    give_back(made, 100_000, key="more")
    assert parts(made)[2:] == [(100_000, "promised", True)]
    assert broken() == []


def test_a_refund_of_one_campaign_does_not_take_the_card_money_that_another_ones_payouts_need(treasury: Treasury) -> None:
    wired, by_card = signed(), signed()
    invoice_id = billed(by_card)
    pay(invoice_id, TOTAL)
    pay(billed(wired, 1_650_000), 1_650_000)
    receive(wired, TOTAL - 1_650_000)
    at_stripe = treasury.stripe.client.v1.balance.retrieve()
    give_back(wired, RESERVE)
    handle("brief_refund")
    assert (parts(wired), treasury.stripe.client.v1.refunds.list().data) == ([(RESERVE, "by_hand", False)], [])
    assert (treasury.stripe.client.v1.balance.retrieve(), broken()) == (at_stripe, [])


def test_the_ledger_check_finds_a_refund_that_left_wired_money_idle(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL - RESERVE)
    give_back(made, 100_000)
    assert broken() == []
    with unit_of_work() as session:
        refund = session.scalars(select(Refund)).one()
        at = refund.promised_at - timedelta(days=1)
        more = {"reference": "EARLIER", "received_on": at.date(), "recorded_at": at, "confirmed_at": at}
        session.add(
            Receipt(
                campaign_id=made.id, amount=5, currency="USD", recorded_by=made.manager.person, confirmed_by=made.finance.person, **more
            )
        )
    assert broken() == ["refunds_are_of_own_money"]


def by_hand(made: Partnership, part_id: UUID | None = None, **more: Any) -> None:
    given: dict[str, Any] = {"reference": "WIRE BACK", "by": made.finance} | more
    with unit_of_work() as session:
        confirm_refund_by_hand(session, made.id, part_id or part_of(made).id, at=clock.business_now(session), **given)


def test_a_refund_by_hand_is_finances_to_confirm_once_with_a_reference(treasury: Treasury) -> None:
    made = signed()
    receive(made, TOTAL)
    give_back(made, RESERVE)
    for more, kind in (({"by": made.manager}, Forbidden), ({"reference": " "}, Invalid), ({"part_id": made.id}, errors.NoSuchRefund)):
        with pytest.raises(kind):
            by_hand(made, **more)
    assert parts(made) == [(RESERVE, "by_hand", False)]
    by_hand(made)
    with pytest.raises(errors.NotByHand):
        by_hand(made)
    assert books(made)[3] == TOTAL - RESERVE


def test_what_is_owed_of_an_advance_is_let_go_before_money_goes_back(treasury: Treasury) -> None:
    made = signed()
    with unit_of_work() as session:
        approve_advance(session, made.id, "They always pay.", 1_000_000, by=made.finance, at=clock.business_now(session))
    receive(made, 500_000)
    with unit_of_work() as session:
        refund = session.get_one(Refund, give_back(made, 600_000))
    assert (refund.let_go, refund.amount) == (500_000, 100_000)
    assert books(made) == [400_000, 0, 100_000, 500_000]


def test_more_than_is_held_cannot_be_given_back(treasury: Treasury) -> None:
    made = signed()
    receive(made, 500_000)
    with pytest.raises(Overdraft):
        give_back(made, 500_001)
    assert (parts(made), books(made)) == ([], [500_000, 0, 0, 500_000])


def test_a_refund_that_fails_after_it_left_comes_back_as_a_movement_of_its_own_and_is_left_to_finance(treasury: Treasury) -> None:
    made = signed()
    invoice = str(row(billed(made)).provider_id)
    treasury.stripe.client.v1.invoices.pay(invoice, {"payment_method": "pm_card_refundFail"})
    look_at_invoice(by_stripe(), invoice)
    give_back(made, RESERVE)
    handle("brief_refund")
    assert (parts(made), books(made)) == ([(RESERVE, "settled", True)], [TOTAL - RESERVE, 0, 0, 0])
    treasury.stripe.settle()
    refund = str(part_of(made).provider_id)
    for _twice in range(2):
        look_at_refund(by_stripe(), refund)
    assert (parts(made), books(made)) == ([(RESERVE, "by_hand", True)], [TOTAL - RESERVE, 0, RESERVE, 0])
    assert len(facts(made, "brief.refund_by_hand_due")) == 1
    with unit_of_work() as session:
        assert {(m.kind, m.amount) for m in movements_of(session, refund)} == {("refund", -RESERVE), ("refund_failure", RESERVE)}
        assert list(compare_balance(session, by_stripe().balance())) == []
    by_hand(made)
    assert (parts(made), books(made)) == ([(RESERVE, "settled", True)], [TOTAL - RESERVE, 0, 0, -RESERVE])


def test_a_refund_that_fails_before_anyone_looked_is_booked_both_ways(treasury: Treasury) -> None:
    made = signed()
    invoice = str(row(billed(made)).provider_id)
    treasury.stripe.client.v1.invoices.pay(invoice, {"payment_method": "pm_card_refundFail"})
    look_at_invoice(by_stripe(), invoice)
    give_back(made, RESERVE)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle("brief_refund")
    treasury.stripe.settle()
    look_at_refund(by_stripe(), treasury.stripe.client.v1.refunds.list().data[0].id)
    assert (parts(made), books(made)) == ([(RESERVE, "by_hand", True)], [TOTAL - RESERVE, 0, RESERVE, 0])
    with unit_of_work() as session:
        assert list(compare_balance(session, by_stripe().balance())) == []


def test_a_refund_is_always_of_something(treasury: Treasury) -> None:
    made = signed()
    with pytest.raises(Invalid), unit_of_work() as session:
        enqueue_refund(session, find_campaign(session, made.id, by=SYSTEM), 0, "Nothing", key="none", at=clock.business_now(session))
