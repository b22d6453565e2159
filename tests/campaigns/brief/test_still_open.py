"""What of the brief's money may still change at Stripe is known here, for when Stripe tells nothing of it any more."""

from datetime import timedelta

import pytest

from campaigns.brief.invoicing import open_invoices
from campaigns.brief.models import Invoice
from campaigns.brief.refunds import open_refunds
from campaigns.payments.provider_errors import Definite
from tests.campaigns.brief.billing import TOTAL, billed, give_back, handle, paid, pay_at_stripe, row, signed
from tests.treasury import Treasury
from workers.provider.missed_events import look_at_open
from workers.transactions import unit_of_work


def still_open() -> tuple[list[str], int]:
    """The open invoices, and how many refunds may still come back."""
    with unit_of_work() as session:
        return list(open_invoices(session)), len(open_refunds(session))


def test_an_invoice_that_was_paid_while_nobody_listened_is_paid_here_as_well(treasury: Treasury) -> None:
    invoice_id = billed(signed())
    assert still_open() == ([row(invoice_id).provider_id], 0)
    pay_at_stripe(invoice_id)
    treasury.pass_time(timedelta(days=60))
    look_at_open()
    assert (row(invoice_id).state, still_open()) == ("paid", ([], 0))


def test_a_refund_is_looked_at_for_as_long_as_a_bank_may_send_it_back(treasury: Treasury) -> None:
    made = paid(treasury, TOTAL)
    give_back(made, 1_000)
    handle("brief_refund")
    assert still_open() == ([], 1)
    treasury.pass_time(timedelta(days=91))
    assert still_open() == ([], 0)


def test_one_that_stripe_refuses_to_show_keeps_no_other_from_being_looked_at_and_is_said(treasury: Treasury) -> None:
    refused, other = [billed(signed()) for _each in range(2)]
    for invoice_id in (refused, other):
        pay_at_stripe(invoice_id)
    treasury.line.faults.append((f"/v1/invoices/{row(refused).provider_id}", "400"))
    with pytest.raises(Definite):
        look_at_open()
    assert (row(refused).state, row(other).state) == ("open", "paid")


def test_one_that_is_not_there_any_more_is_passed_over(treasury: Treasury) -> None:
    gone, other = [billed(signed()) for _each in range(2)]
    pay_at_stripe(other)
    with unit_of_work() as session:
        session.get_one(Invoice, gone).provider_id = "in_gone"
    look_at_open()
    assert (row(gone).state, row(other).state) == ("open", "paid")
