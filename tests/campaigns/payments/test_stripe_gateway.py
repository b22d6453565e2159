"""What we ask of Stripe, and how its answers are read."""

import pytest
import stripe

from campaigns.core.ids import new_id
from campaigns.payments.money_in import InvoiceOrder
from campaigns.payments.money_out import TransferOrder
from campaigns.payments.provider_errors import Definite, InsufficientBalance, RateLimited, Unknown
from campaigns.payments.routes import LAUNCH, SHIPPED, route_to
from campaigns.payments.stripe_answers import read_refund
from campaigns.payments.stripe_gateway import REFUND_WITH, StripeGateway
from tests.treasury import Treasury
from workers.gateways import by_stripe


def order(treasury: Treasury, amount: int = 500, destination: str = "") -> TransferOrder:
    return TransferOrder(amount, "USD", destination or treasury.stripe.payable(), "group", {"payout_item": str(new_id())})


def test_a_transfer_is_made_as_ordered_and_the_same_key_gives_the_same(treasury: Treasury) -> None:
    ordered = order(treasury)
    made = by_stripe().transfer(ordered, key="1")
    assert (made.amount, made.currency, made.destination, made.group, made.metadata) == (
        500, "USD", ordered.destination, "group", ordered.metadata,
    )  # fmt: skip
    assert (by_stripe().transfer(ordered, key="1"), by_stripe().transfers_in("group"), by_stripe().fetch_transfer(made.id)) == (
        made,
        [made],
        made,
    )


@pytest.mark.parametrize("country", ["US", "DE", "KE"])
def test_each_route_has_an_account_made_that_stripe_makes_without_a_special_approval(treasury: Treasury, country: str) -> None:
    route = route_to(SHIPPED, country, LAUNCH)
    assert route
    account = by_stripe().create_account(country, "ana@example.com", route.agreement, key="1", metadata={"person": "1"})
    assert (account.country, account.transfers) == (country, "inactive")


def test_a_refusal_is_definite_and_says_why(treasury: Treasury) -> None:
    with pytest.raises(Definite) as refused:
        by_stripe().transfer(order(treasury, destination=treasury.stripe.account().id), key="1")
    assert (type(refused.value), refused.value.code) == (Definite, "insufficient_capabilities_for_transfer")


def test_too_little_money_is_told_apart(treasury: Treasury) -> None:
    with pytest.raises(InsufficientBalance):
        by_stripe().transfer(order(treasury, 5_000_000), key="1")


@pytest.mark.parametrize(("fault", "status"), [("lose the call", 0), ("lose the answer", 0), ("503", 503)])
def test_what_was_not_answered_is_unknown(treasury: Treasury, fault: str, status: int) -> None:
    treasury.line.faults.append(("/v1/transfers", fault))
    with pytest.raises(Unknown) as unknown:
        by_stripe().transfer(order(treasury), key="1")
    assert unknown.value.status == status


def test_too_many_requests_were_not_looked_at(treasury: Treasury) -> None:
    treasury.line.faults.append(("/v1/transfers", "429"))
    with pytest.raises(RateLimited):
        by_stripe().transfer(order(treasury), key="1")


def test_other_parameters_under_a_used_key_refuse_nobody(treasury: Treasury) -> None:
    ordered = order(treasury)
    by_stripe().transfer(ordered, key="1")
    with pytest.raises(Unknown):
        by_stripe().transfer(order(treasury, 501, ordered.destination), key="1")


def test_a_wrong_key_of_ours_refuses_nobody(treasury: Treasury) -> None:
    with pytest.raises(Unknown) as unknown:
        StripeGateway("sk_sandbox_wrong", treasury.stripe.url).transfer(order(treasury), key="1")
    assert unknown.value.status == 401


def test_nobody_listening_is_unknown() -> None:
    with pytest.raises(Unknown):
        StripeGateway("sk_sandbox_callboard", "http://127.0.0.1:9").balance()


def test_an_invoice_carries_its_purchase_order_and_footer_and_tells_each_part_payment_with_its_fee(treasury: Treasury) -> None:
    customer = by_stripe().create_customer("Zappos", "billing@zappos.example", key="customer", metadata={"brand": "1"})
    billed = InvoiceOrder(customer, 100_000, "USD", "Holiday traditions", 30, "PO-7", "Thank you.", {"campaign": "7"})
    drawn = by_stripe().create_invoice(billed, key="invoice")
    assert (drawn.status, drawn.amount_due, drawn.amount_remaining, drawn.metadata) == ("open", 100_000, 100_000, {"campaign": "7"})
    assert by_stripe().create_invoice(billed, key="invoice") == drawn
    at_stripe = treasury.stripe.client.v1.invoices.retrieve(drawn.id)
    assert ([(field.name, field.value) for field in at_stripe.custom_fields or ()], at_stripe.footer) == (
        [("PO number", "PO-7")],
        "Thank you.",
    )
    treasury.stripe.pay_on_page(at_stripe, method="card", amount="40000")
    part = by_stripe().fetch_invoice(drawn.id)
    assert (part.status, part.amount_paid, part.amount_remaining) == ("open", 40_000, 60_000)
    treasury.stripe.pay_on_page(at_stripe, method="bank_transfer")
    whole = by_stripe().fetch_invoice(drawn.id)
    told = sorted((p.amount, p.movement.amount, p.movement.fee, p.movement.is_available) for p in whole.payments)
    assert (whole.status, told) == ("paid", [(40_000, 40_000, 1_190, False), (60_000, 60_000, 300, False)])


def test_an_invoice_can_be_withdrawn(treasury: Treasury) -> None:
    customer = by_stripe().create_customer("Zappos", "billing@zappos.example", key="customer", metadata={})
    drawn = by_stripe().create_invoice(InvoiceOrder(customer, 100, "EUR", "Euro", 30), key="invoice")
    assert by_stripe().void_invoice(drawn.id, key="void").status == "void"


def test_a_refund_goes_where_stripe_says_and_nowhere_known_where_it_does_not(treasury: Treasury) -> None:
    charge = str(treasury.stripe.fund(5_000).latest_charge)
    said = treasury.stripe.client.v1.refunds.create({"charge": charge, "amount": 500, "expand": REFUND_WITH})
    assert read_refund(said).destination == "card"
    for less in ({"destination_details": None}, {}):
        bare = {name: value for name, value in said.to_dict().items() if name != "destination_details"}
        assert read_refund(stripe.Refund.construct_from(bare | less, "sk_test")).destination is None
