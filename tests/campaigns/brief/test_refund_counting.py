"""What was promised back counts as given back from then on, however far it is on its way."""

from typing import Any

from sqlalchemy import select

from campaigns.brief.funding.actions import record_receipt
from campaigns.brief.models import Payment, RefundPart
from campaigns.brief.refunds import confirm_refund_by_hand, wired_and_left
from campaigns.core import clock
from tests.campaigns.brief.billing import TOTAL, give_back, handle, paid, parts, receive, signed
from tests.factories import Partnership
from tests.treasury import Treasury
from workers.transactions import unit_of_work


def refunded(made: Partnership) -> list[tuple[int, int]]:
    """Each payment's amount, and what of it was promised back, in the order in which they came."""
    with unit_of_work() as session:
        found = session.scalars(select(Payment).where(Payment.campaign_id == made.id).order_by(Payment.id))
        return [(payment.amount, payment.refunded) for payment in found]


def left_in_bank(made: Partnership) -> int:
    with unit_of_work() as session:
        return wired_and_left(session, made.id)


def by_hand(made: Partnership, part: int) -> None:
    """Finance sends one of the campaign's parts back, counted from 0."""
    with unit_of_work() as session:
        found = session.scalars(select(RefundPart.id).where(RefundPart.campaign_id == made.id).order_by(RefundPart.id)).all()
        confirm_refund_by_hand(session, made.id, found[part], "WIRE BACK", by=made.finance, at=clock.business_now(session))


def test_a_second_refund_takes_of_each_payment_only_what_the_first_left(treasury: Treasury) -> None:
    made = paid(treasury, 6_400_000, 1_000_000)
    give_back(made, 600_000, key="one")
    assert refunded(made) == [(6_400_000, 0), (1_000_000, 600_000)]
    give_back(made, 600_000, key="two")
    assert refunded(made) == [(6_400_000, 200_000), (1_000_000, 1_000_000)]
    handle("brief_refund")
    give_back(made, 100_000, key="three")
    assert refunded(made) == [(6_400_000, 300_000), (1_000_000, 1_000_000)]
    settled = [(600_000, "settled", True), (400_000, "settled", True), (200_000, "settled", True)]
    assert parts(made) == [*settled, (100_000, "promised", True)]


def test_a_refund_takes_no_other_campaigns_payments_and_no_other_campaigns_money_in_the_bank(treasury: Treasury) -> None:
    made, other = paid(treasury, TOTAL), paid(treasury, TOTAL - 500_000)
    receive(other, 500_000)
    assert (left_in_bank(made), left_in_bank(other)) == (0, 500_000)
    give_back(made, 1_000_000)
    assert (parts(made), refunded(other), left_in_bank(other)) == ([(1_000_000, "promised", True)], [(TOTAL - 500_000, 0)], 500_000)


def test_what_one_person_alone_saw_arrive_in_the_bank_is_not_there_to_give_back(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL - 500_000)
    with unit_of_work() as session:
        at = clock.business_now(session)
        record_receipt(session, made.id, 500_000, "WIRE", at.date(), by=made.manager, at=at)
    assert left_in_bank(made) == 0


def test_what_goes_back_from_the_bank_is_not_there_for_the_next_refund_neither_under_way_nor_sent(treasury: Treasury) -> None:
    made = signed()
    receive(made, TOTAL)
    seen: list[Any] = [left_in_bank(made)]
    give_back(made, 400_000, key="one")
    seen.append(left_in_bank(made))
    by_hand(made, 0)
    seen.append(left_in_bank(made))
    assert seen == [TOTAL, TOTAL - 400_000, TOTAL - 400_000]


def test_what_stripe_refused_and_finance_sends_from_the_bank_is_not_there_either(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL - 1_000_000)
    client = treasury.stripe.client.v1
    charge = next(c for c in client.charges.list().data if c.amount == TOTAL - 1_000_000)
    client.refunds.create({"charge": charge.id})
    give_back(made, 300_000, key="one")
    handle("brief_refund")
    assert (parts(made), left_in_bank(made)) == ([(300_000, "by_hand", True)], 0)
    receive(made, 1_000_000)
    seen = [left_in_bank(made)]
    by_hand(made, 0)
    seen.append(left_in_bank(made))
    give_back(made, 900_000, key="two")
    assert (seen, parts(made)[1:]) == ([700_000, 700_000], [(700_000, "by_hand", False), (200_000, "promised", True)])


def test_only_what_this_campaign_gave_back_from_the_bank_is_gone_from_there(treasury: Treasury) -> None:
    made, other = paid(treasury, TOTAL - 1_000_000), signed()
    give_back(made, 200_000, key="by card")
    receive(made, 1_000_000)
    receive(other, TOTAL)
    give_back(other, 300_000, key="by hand")
    assert (parts(made), left_in_bank(made), left_in_bank(other)) == ([(200_000, "promised", True)], 1_000_000, TOTAL - 300_000)
