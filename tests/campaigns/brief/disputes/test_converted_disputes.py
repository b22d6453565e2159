"""A disputed payment that had been converted: the bank takes what was paid, at the rate of the day on which it does."""

import pytest

from campaigns.installation import checks as installation_checks
from campaigns.ledger.accounts import conversion, disputed, exchange_gains, held, stripe_available, stripe_pending, unrecovered
from tests.campaigns.brief.billing import TOTAL
from tests.campaigns.brief.converted import differences, paid_in_euro, plant
from tests.campaigns.brief.disputes.disputing import FEE, question
from tests.factories import Partnership
from tests.treasury import Treasury, held_on
from workers.brief.disputes import look_at_dispute
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def standing(made: Partnership) -> list[int]:
    """What is held, in dispute and owed anew, in the campaign's currency; and what conversions have left open in it."""
    return [
        held_on(account) for account in (held(made.id, "EUR"), disputed(made.id, "EUR"), unrecovered(made.id, "EUR"), conversion("EUR"))
    ]


def ours() -> int:
    return held_on(stripe_available("USD")) + held_on(stripe_pending("USD"))


def in_order() -> bool:
    with unit_of_work() as session:
        return (installation_checks.broken(session), differences()) == ([], [])


@pytest.mark.parametrize("rate", ["1.05", "1.11"])
def test_what_is_in_dispute_is_in_the_currency_of_the_payment_and_the_rates_difference_is_a_gain_or_loss(
    treasury: Treasury, rate: str
) -> None:
    made = paid_in_euro(treasury)
    before, taken = ours(), TOTAL * int(rate.replace(".", "")) // 100
    plant(treasury, rates={"eur": rate})
    look_at_dispute(by_stripe(), question(treasury, made))
    assert standing(made) == [TOTAL, TOTAL, 0, 0]
    assert (before - ours(), held_on(exchange_gains("USD"))) == (taken + FEE, TOTAL * 108 // 100 - taken)
    assert in_order()


def test_what_is_won_comes_back_at_the_rate_of_that_day(treasury: Treasury) -> None:
    made = paid_in_euro(treasury)
    dispute = question(treasury, made)
    look_at_dispute(by_stripe(), dispute)
    plant(treasury, rates={"eur": "1.11"})
    treasury.stripe.at_the_bank(dispute, "win")
    look_at_dispute(by_stripe(), dispute)
    assert standing(made) == [TOTAL, 0, 0, TOTAL]
    assert held_on(exchange_gains("USD")) == TOTAL * 3 // 100
    assert in_order()


def test_what_is_lost_is_owed_anew_in_the_currency_of_the_payment(treasury: Treasury) -> None:
    made = paid_in_euro(treasury)
    dispute = question(treasury, made)
    treasury.stripe.at_the_bank(dispute, "lose")
    look_at_dispute(by_stripe(), dispute)
    assert standing(made) == [TOTAL, 0, TOTAL, 0]
    assert in_order()
