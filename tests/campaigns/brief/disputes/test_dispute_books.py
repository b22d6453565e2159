"""What a dispute moves, in the books: whatever comes in which order, and however often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from campaigns.brief.disputes.noting import note_dispute
from campaigns.installation import checks as installation_checks
from campaigns.ledger.accounts import disputed, held, stripe_fees, unrecovered
from campaigns.ledger.queries import balance
from campaigns.payments.dispute_gateway import DisputeAtStripe
from campaigns.payments.gateway import BalanceMovement
from campaigns.payout.reconciliations.queries import compare_balance
from tests.campaigns.brief.billing import TOTAL, billed, facts, give_back, pay, pay_at_stripe, signed
from tests.campaigns.brief.billing import row as invoice_row
from tests.campaigns.brief.disputes.disputing import FEE, books, disputed_campaign, fees, paid, payments_of, question, row, warnings
from tests.factories import Partnership
from tests.treasury import Treasury, now
from workers.brief.disputes import look_at_dispute, look_at_disputes, look_at_warning
from workers.gateways import by_stripe
from workers.payout.reconciliation import compare
from workers.transactions import unit_of_work


def in_order(made: Partnership) -> bool:
    """Whether every invariant holds, and the books are as Stripe has them."""
    with unit_of_work() as session:
        return installation_checks.broken(session) == [] and list(compare_balance(session, by_stripe().balance())) == []


def test_a_chargeback_takes_its_amount_out_of_what_covers_the_campaign_and_its_fee_is_ours(treasury: Treasury) -> None:
    before = fees()
    made = paid(TOTAL)
    of_payments = fees() - before
    look_at_dispute(by_stripe(), question(treasury, made))
    assert books(made) == {"held": TOTAL, "disputed": TOTAL}
    assert fees() - before == of_payments + FEE
    assert in_order(made)
    [opened] = facts(made, "brief.dispute_opened")
    assert (opened["amount"], opened["currency"], opened["status"]) == (TOTAL, "USD", "needs_response")


def test_an_inquiry_moves_no_money(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury, deed="inquiry")
    assert (books(made), row(provider_id).is_inquiry, in_order(made)) == ({"held": TOTAL}, True, True)
    treasury.stripe.at_the_bank(provider_id, "win")
    look_at_dispute(by_stripe(), provider_id)
    assert (books(made), row(provider_id).status, in_order(made)) == ({"held": TOTAL}, "warning_closed", True)


def test_an_inquiry_that_becomes_a_chargeback_takes_the_money_then(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury, deed="inquiry")
    treasury.stripe.at_the_bank(provider_id, "escalate")
    look_at_dispute(by_stripe(), provider_id)
    assert (books(made), row(provider_id).status) == ({"held": TOTAL, "disputed": TOTAL}, "needs_response")
    assert [each["status"] for each in facts(made, "brief.dispute_opened")] == ["warning_needs_response", "needs_response"]


def test_what_is_won_comes_back_and_the_fee_does_not(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury)
    after = fees()
    treasury.stripe.at_the_bank(provider_id, "win")
    look_at_dispute(by_stripe(), provider_id)
    assert (books(made), fees(), row(provider_id).status) == ({"held": TOTAL}, after, "won")
    assert len(facts(made, "brief.dispute_won")) == 1
    assert in_order(made)


def test_what_is_lost_stays_withdrawn_and_is_owed_by_the_brand(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury)
    treasury.stripe.at_the_bank(provider_id, "lose")
    look_at_dispute(by_stripe(), provider_id)
    assert (books(made), row(provider_id).status) == ({"held": TOTAL, "unrecovered": TOTAL}, "lost")
    assert len(facts(made, "brief.dispute_lost")) == 1
    assert in_order(made)


def test_the_brand_pays_what_it_lost_us_by_a_new_invoice(treasury: Treasury) -> None:
    made, provider_id = disputed_campaign(treasury)
    treasury.stripe.at_the_bank(provider_id, "lose")
    look_at_dispute(by_stripe(), provider_id)
    pay(billed(made), TOTAL)
    assert (books(made), in_order(made)) == ({"held": TOTAL}, True)


def test_a_bank_that_is_heard_of_before_its_payment_still_takes_it_from_its_campaign(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    pay_at_stripe(invoice_id)
    charge = treasury.stripe.client.v1.charges.list({"limit": 1}).data[0].id
    treasury.stripe.at_the_bank(charge, "chargeback")
    [dispute] = treasury.stripe.client.v1.disputes.list().data
    look_at_dispute(by_stripe(), dispute.id)
    assert (books(made), invoice_row(invoice_id).state, in_order(made)) == ({"held": TOTAL, "disputed": TOTAL}, "paid", True)


def test_a_dispute_of_a_payment_that_is_nobodys_is_booked_all_the_same_and_lost_by_us(treasury: Treasury) -> None:
    made = paid(TOTAL)
    charge = str(treasury.stripe.fund(50_000).latest_charge)
    treasury.stripe.at_the_bank(charge, "chargeback")
    [dispute] = treasury.stripe.client.v1.disputes.list().data
    look_at_dispute(by_stripe(), dispute.id)
    treasury.stripe.at_the_bank(dispute.id, "lose")
    look_at_dispute(by_stripe(), dispute.id)
    assert (row(dispute.id).campaign_id, books(made)) == (None, {"held": TOTAL, "dispute_losses": 50_000})


def test_a_dispute_whose_events_never_came_is_found_by_the_comparison(treasury: Treasury) -> None:
    made = paid(TOTAL)
    provider_id = question(treasury, made)
    assert look_at_disputes(by_stripe(), now() - timedelta(days=1)) == 1
    assert books(made) == {"held": TOTAL, "disputed": TOTAL}
    treasury.stripe.at_the_bank(provider_id, "win")
    assert look_at_disputes(by_stripe(), now() + timedelta(days=1)) == 1  # an open one is looked at however old it is
    assert (books(made), compare(by_stripe())) == ({"held": TOTAL}, [])


def test_two_disputes_of_one_campaign_are_each_decided_alone(treasury: Treasury) -> None:
    made = paid(TOTAL - 1_000_000, 1_000_000)
    ids = []
    for payment in payments_of(made):
        treasury.stripe.at_the_bank(payment.charge, "chargeback")
        ids.append(treasury.stripe.client.v1.disputes.list({"charge": payment.charge}).data[0].id)
        look_at_dispute(by_stripe(), ids[-1])
    treasury.stripe.at_the_bank(ids[0], "win")
    treasury.stripe.at_the_bank(ids[1], "lose")
    for provider_id in ids:
        look_at_dispute(by_stripe(), provider_id)
    assert (books(made), in_order(made)) == ({"held": TOTAL, "unrecovered": 1_000_000}, True)


def test_a_warning_is_noted_on_its_payment_and_when_it_is_over(treasury: Treasury) -> None:
    made = paid(TOTAL)
    treasury.stripe.at_the_bank(payments_of(made)[0].charge, "warning")
    [said] = treasury.stripe.client.v1.radar.early_fraud_warnings.list().data
    for _each in range(2):
        look_at_warning(by_stripe(), said.id)
    [noted] = warnings()
    assert (noted.payment_id, noted.is_actionable, len(facts(made, "brief.fraud_warned"))) == (payments_of(made)[0].id, True, 1)
    treasury.stripe.at_the_bank(payments_of(made)[0].charge, "chargeback")
    look_at_warning(by_stripe(), said.id)
    assert not warnings()[0].is_actionable
    assert books(made) == {"held": TOTAL}


T0 = datetime(2026, 12, 1, tzinfo=UTC)
TAKEN = BalanceMovement("txn_taken", "adjustment", "du_1", -TOTAL, FEE, -TOTAL - FEE, "USD", T0, T0, True)
BACK = BalanceMovement("txn_back", "adjustment", "du_1", TOTAL, 0, TOTAL, "USD", T0, T0, True)
OPENED = DisputeAtStripe("du_1", "", None, TOTAL, "USD", "fraudulent", "needs_response", T0, 0, T0)
STORY = (OPENED, replace(OPENED, movements=[TAKEN]), replace(OPENED, status="under_review", submissions=1, movements=[TAKEN]))
WON = (*STORY, replace(OPENED, status="won", submissions=1, movements=[TAKEN, BACK]))
LOST = (*STORY, replace(OPENED, status="lost", submissions=1, movements=[TAKEN]))
PREVENTED = (OPENED, replace(OPENED, status="prevented", movements=[TAKEN]))
ASKED = replace(OPENED, status="warning_needs_response")
INQUIRY = (ASKED, replace(ASKED, status="warning_closed", movements=[TAKEN]))
INQUIRY_GIVEN_BACK = (*INQUIRY, replace(ASKED, status="warning_closed", movements=[TAKEN, BACK]))
NOT_BACK_YET = (*STORY, replace(OPENED, status="won", submissions=1, movements=[TAKEN]))
LOST_THEN_WON = (OPENED, LOST[-1], replace(OPENED, status="won", movements=[TAKEN, BACK]))


def told(session: Session, made: Partnership, charge: str, story: Sequence[DisputeAtStripe], order: Sequence[int]) -> object:
    """Note the answers of a story in some order, each as of when it was true; the books, what the fees came to, and the status."""
    before = balance(session, stripe_fees("USD"))
    for number in order:
        said = replace(story[number], charge=charge)
        dispute = note_dispute(session, said, looked_at=T0 + timedelta(minutes=number), at=T0)
        session.flush()
    of = {"held": held, "disputed": disputed, "unrecovered": unrecovered}
    stand = {name: amount for name, kind in of.items() if (amount := balance(session, kind(made.id, "USD")))}
    return stand, balance(session, stripe_fees("USD")) - before, dispute.status


@pytest.mark.parametrize(
    ("story", "end"),
    [
        (WON, ({"held": TOTAL}, FEE, "won")),
        (LOST, ({"held": TOTAL, "unrecovered": TOTAL}, FEE, "lost")),
        (LOST_THEN_WON, ({"held": TOTAL}, FEE, "won")),
        (PREVENTED, ({"held": TOTAL, "unrecovered": TOTAL}, FEE, "prevented")),
        (INQUIRY, ({"held": TOTAL, "unrecovered": TOTAL}, FEE, "warning_closed")),
        (INQUIRY_GIVEN_BACK, ({"held": TOTAL}, FEE, "warning_closed")),
        (NOT_BACK_YET, ({"held": TOTAL, "disputed": TOTAL}, FEE, "won")),
    ],
    ids=["won", "lost", "lost, then won", "prevented", "inquiry that kept it", "inquiry that gave it back", "won, not back yet"],
)
def test_whatever_order_the_answers_come_in_and_however_often_the_books_end_the_same(
    treasury: Treasury, story: Sequence[DisputeAtStripe], end: object
) -> None:
    made = paid(TOTAL)
    charge = payments_of(made)[0].charge
    for order in permutations(range(len(story))):
        with unit_of_work() as session, session.begin_nested() as savepoint:
            assert told(session, made, charge, story, [*order, *reversed(order)]) == end, order
            savepoint.rollback()


def test_a_payment_that_an_inquiry_has_kept_is_not_given_back_once_more(treasury: Treasury) -> None:
    made = paid(1_000_000, TOTAL - 1_000_000)
    kept = payments_of(made)[1]
    taken = replace(TAKEN, amount=-kept.amount, net=-kept.amount - FEE)
    with unit_of_work() as session:
        note_dispute(session, replace(INQUIRY[-1], charge=kept.charge, movements=[taken]), looked_at=T0, at=T0)
    pay(billed(made), kept.amount)
    give_back(made, TOTAL)
    assert [each.refunded for each in payments_of(made)] == [1_000_000, 0, kept.amount]
