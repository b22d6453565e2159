"""What is noted of a refund, step by step, and of what is none of ours."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select, text

from campaigns.brief import errors, refunds
from campaigns.brief.funding.actions import approve_advance
from campaigns.brief.models import RefundPart
from campaigns.brief.refunds import confirm_refund_by_hand, find_part
from campaigns.core import clock
from campaigns.core.events import Event
from campaigns.core.ids import new_id
from campaigns.ledger.accounts import held, refund_clearing
from campaigns.ledger.models import Journal
from campaigns.payments.money_in import ProviderRefund
from campaigns.payments.provider_errors import Unknown
from tests.campaigns.brief.billing import TOTAL, billed, facts, give_back, handle, pay, receive, row, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on, now
from workers.brief.invoices import look_at_invoice
from workers.brief.refunds import look_at_refund
from workers.gateways import by_stripe
from workers.transactions import unit_of_work

RESERVE = 1_650_000


def paid(treasury: Treasury) -> Partnership:
    """A campaign that was paid by card, while Stripe has enough of ours to give back at once."""
    treasury.stripe.fund(10_000_000)
    made = signed()
    pay(billed(made))
    return made


def part_of(made: Partnership) -> RefundPart:
    with unit_of_work() as session:
        return session.scalars(select(RefundPart).where(RefundPart.campaign_id == made.id)).one()


def by_hand(made: Partnership, reference: str = "WIRE BACK") -> None:
    part = part_of(made)
    with unit_of_work() as session:
        confirm_refund_by_hand(session, made.id, part.id, reference, by=made.finance, at=clock.business_now(session))


def reasons(made: Partnership, name: str) -> list[tuple[str | None, Any]]:
    with unit_of_work() as session:
        found = session.scalars(select(Event).where(Event.chain_id == made.id, Event.name == name).order_by(Event.number))
        return [(fact.reason, fact.actor_id) for fact in found]


def test_the_smallest_refund_is_of_one_cent_and_tells_what_goes_back_and_what_is_let_go(treasury: Treasury) -> None:
    made = signed()
    with unit_of_work() as session:
        approve_advance(session, made.id, "They always pay.", 1_000, by=made.finance, at=clock.business_now(session))
    receive(made, 500)
    ids = [str(give_back(made, amount, key=str(amount))) for amount in (1, 600)]
    told = [(fact["refund"], fact["amount"], fact["let_go"], fact["currency"]) for fact in facts(made, "brief.refund_promised")]
    assert told == [(ids[0], 0, 1, "USD"), (ids[1], 101, 499, "USD")]
    assert (held_on(held(made.id, "USD")), held_on(refund_clearing(made.id, "USD"))) == (399, 101)
    assert reasons(made, "brief.refund_promised") == [("The reserve goes back.", None)] * 2
    asked = [("It did not come through Stripe, so it goes back from our bank account.", None)]
    assert reasons(made, "brief.refund_by_hand_due") == asked


def test_a_refund_at_stripe_that_is_none_of_ours_changes_nothing(treasury: Treasury) -> None:
    made = paid(treasury)
    charge = next(c for c in treasury.stripe.client.v1.charges.list().data if c.amount == TOTAL)
    give_back(made, RESERVE)
    before = (part_of(made).state, held_on(refund_clearing(made.id, "USD")))
    for metadata in ({}, {"refund_part": str(new_id())}):
        foreign = treasury.stripe.client.v1.refunds.create({"charge": charge.id, "amount": 5, "metadata": metadata})
        look_at_refund(by_stripe(), foreign.id)
    assert (part_of(made).state, held_on(refund_clearing(made.id, "USD")), before[0]) == (*before, "promised")


def test_what_finance_sent_from_the_bank_stays_sent_whatever_stripe_says_later(treasury: Treasury) -> None:
    made = paid(treasury)
    give_back(made, RESERVE)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle("brief_refund")
    treasury.pass_time(timedelta(hours=23))
    handle("brief_refund")
    assert part_of(made).state == "uncertain"
    by_hand(made, "  WIRE BACK ")
    settled = part_of(made)
    told = (settled.state, settled.reference, settled.settled_by, settled.provider_id)
    assert told == ("settled", "WIRE BACK", made.finance.person, None)
    look_at_refund(by_stripe(), treasury.stripe.client.v1.refunds.list().data[0].id)
    assert (part_of(made).state, part_of(made).provider_id) == ("settled", None)
    assert reasons(made, "brief.refund_settled") == [(None, made.finance.person)]


def test_an_uncertain_refund_that_stripe_has_after_all_is_settled_there(treasury: Treasury) -> None:
    made = paid(treasury)
    give_back(made, RESERVE)
    treasury.line.faults.append(("/v1/refunds", "lose the answer"))
    with pytest.raises(Unknown):
        handle("brief_refund")
    treasury.pass_time(timedelta(hours=23))
    handle("brief_refund")
    look_at_refund(by_stripe(), treasury.stripe.client.v1.refunds.list().data[0].id)
    part = part_of(made)
    assert (part.state, part.settled_at is not None, part.settled_by) == ("settled", True, None)
    assert held_on(refund_clearing(made.id, "USD")) == 0


def test_a_refund_that_stripe_refuses_once_it_went_back_by_hand_stays_as_it_is(treasury: Treasury) -> None:
    made = paid(treasury)
    give_back(made, RESERVE)
    part = part_of(made)
    with unit_of_work() as session:
        refunds.note_refused(session, part.id, "no", at=clock.business_now(session))
        refunds.note_refused(session, part.id, "no, again", at=clock.business_now(session))
    assert reasons(made, "brief.refund_by_hand_due") == [("no", None)]
    assert (part_of(made).state, part_of(made).settled_at) == ("by_hand", None)


def test_a_part_is_found_in_its_own_campaign_alone(treasury: Treasury) -> None:
    made, other = signed(), signed()
    for each in (made, other):
        receive(each, TOTAL)
        give_back(each, RESERVE, key=str(each.id))
    theirs = part_of(other)
    with unit_of_work() as session:
        assert find_part(session, other.id, theirs.id).id == theirs.id
        with pytest.raises(errors.NoSuchRefund):
            find_part(session, made.id, theirs.id)
    with pytest.raises(errors.NoSuchRefund), unit_of_work() as session:
        confirm_refund_by_hand(session, made.id, theirs.id, "WIRE", by=made.finance, at=clock.business_now(session))
    assert part_of(other).state == "by_hand"


def kinds() -> list[str]:
    with unit_of_work() as session:
        return list(session.scalars(select(Journal.kind).where(Journal.kind.startswith("brief.refund")).order_by(Journal.id)))


def test_what_leaves_for_a_refund_and_what_comes_back_of_it_are_booked_as_such(treasury: Treasury) -> None:
    made = signed()
    invoice = row(billed(made)).provider_id or ""
    treasury.stripe.client.v1.invoices.pay(invoice, {"payment_method": "pm_card_refundFail"})
    look_at_invoice(by_stripe(), invoice)
    give_back(made, RESERVE)
    handle("brief_refund")
    assert kinds() == ["brief.refund_promised", "brief.refund"]
    treasury.stripe.settle()
    look_at_refund(by_stripe(), part_of(made).provider_id or "")
    assert kinds() == ["brief.refund_promised", "brief.refund", "brief.refund_returned"]
    assert reasons(made, "brief.refund_by_hand_due") == [("The payment provider could not refund it: failed.", None)]


def test_of_two_who_send_a_refund_by_hand_at_once_the_second_hears_that_it_is_done(treasury: Treasury) -> None:
    made = signed()
    receive(made, TOTAL)
    give_back(made, RESERVE)
    part, at = part_of(made), now()

    def send(reference: str) -> None:
        with unit_of_work() as session:
            confirm_refund_by_hand(session, made.id, part.id, reference, by=made.finance, at=at)

    with ThreadPoolExecutor(1) as rival:
        with unit_of_work() as session:
            confirm_refund_by_hand(session, made.id, part.id, "FIRST", by=made.finance, at=at)
            session.flush()
            second = rival.submit(send, "SECOND")
            waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
            while not second.done() and not session.scalar(waiting):
                session.execute(text("select pg_stat_clear_snapshot()"))
                sleep(0.01)
        with pytest.raises(errors.NotByHand):
            second.result(30)
    assert part_of(made).reference == "FIRST"


@pytest.mark.parametrize("before", ["promised", "uncertain"])
@pytest.mark.parametrize(("status", "state"), [("failed", "by_hand"), ("canceled", "by_hand"), ("pending", "sent"), ("succeeded", "sent")])
def test_a_refund_that_failed_or_was_called_off_is_left_to_finance_and_one_on_its_way_is_not(
    treasury: Treasury, before: str, status: str, state: str
) -> None:
    made = paid(treasury)
    give_back(made, RESERVE)
    said = ProviderRefund("re_1", status, RESERVE, "USD", "ch_1", {"refund_part": str(part_of(made).id)})
    with unit_of_work() as session:
        session.get_one(RefundPart, part_of(made).id).state = before
    with unit_of_work() as session:
        refunds.note_refund(session, said, at=clock.business_now(session))
    assert (part_of(made).state, part_of(made).provider_id) == (state, "re_1")
    assert len(reasons(made, "brief.refund_by_hand_due")) == (state == "by_hand")


def test_a_refund_that_failed_is_booked_back_only_once_it_came_back_and_settled_is_told_once(treasury: Treasury) -> None:
    made = paid(treasury)
    give_back(made, RESERVE)
    handle("brief_refund")
    said = by_stripe().fetch_refund(part_of(made).provider_id or "")
    for each in (said, replace(said, status="failed", came_back=None)):
        with unit_of_work() as session:
            refunds.note_refund(session, each, at=clock.business_now(session))
    assert len(reasons(made, "brief.refund_settled")) == 1
    assert (part_of(made).state, kinds()) == ("by_hand", ["brief.refund_promised", "brief.refund"])
