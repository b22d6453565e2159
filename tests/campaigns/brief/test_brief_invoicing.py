"""Invoices at Stripe's simulator: billed once, every payment in the books once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.brief import errors
from campaigns.brief.funding.actions import approve_advance, way_back, withdraw_invoice, withdraw_open_invoices
from campaigns.brief.models import BilledParty, Invoice, Payment, Refund
from campaigns.brief.queries import cover, written_brief
from campaigns.core import clock
from campaigns.core.inbox import receive as receive_event
from campaigns.core.outbox import OutboxMessage
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import SYSTEM
from campaigns.core.settings import settings
from campaigns.ledger.accounts import held, receivable, stripe_fees, stripe_pending
from campaigns.payments.money_in import ProviderInvoice
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.stripe_gateway import StripeGateway
from tests.campaigns.brief.billing import TOTAL, asked, billed, facts, handle, pay, pay_at_stripe, receive, row, signed
from tests.factories import Partnership
from tests.treasury import Treasury, held_on
from workers.brief import invoices as invoice_workers
from workers.brief.invoices import StillPayable, look_at_invoice
from workers.gateways import by_stripe
from workers.transactions import unit_of_work


def state(invoice_id: object) -> tuple[str, int]:
    invoice = row(invoice_id)  # type: ignore[arg-type]  # an id
    return invoice.state, invoice.paid


def books(made: Partnership) -> list[int]:
    """What is held, receivable, pending at Stripe, and spent on its fees."""
    return [held_on(a) for a in (held(made.id, "USD"), receivable(made.id, "USD"), stripe_pending("USD"), stripe_fees("USD"))]


def test_an_invoice_is_drawn_up_with_its_po_number_in_the_name_of_whoever_pays(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made, po_number="PO-4711", bill_to="Zappos.com LLC")
    handle()
    invoice = row(invoice_id)
    at_stripe = treasury.stripe.client.v1.invoices.retrieve(str(invoice.provider_id))
    assert (invoice.state, invoice.number, invoice.url) == ("open", at_stripe.number, at_stripe.hosted_invoice_url)
    assert (at_stripe.status, at_stripe.amount_due, at_stripe.customer_name, at_stripe.customer_email) == (
        "open", TOTAL, "Zappos.com LLC", "invoices@zappos.example",
    )  # fmt: skip
    assert [(each.name, each.value) for each in at_stripe.custom_fields or []] == [("PO number", "PO-4711")]
    assert facts(made, "brief.invoice_sent") == [{"invoice": str(invoice_id), "amount": TOTAL, "currency": "USD"}]


def test_an_invoice_says_where_its_funding_is_told(treasury: Treasury) -> None:
    made = signed()
    at_stripe = treasury.stripe.client.v1.invoices.retrieve(str(row(billed(made)).provider_id))
    address = f"{settings().public_url}/campaigns/{made.id}/funding"
    assert at_stripe.footer == f"See payments and next steps in Callboard: {address}"


def test_a_second_try_asks_for_the_very_same_invoice_though_callboard_has_another_address_by_then(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = signed()
    invoice_id, footer = asked(made), way_back(made.id)
    treasury.line.faults.append(("/v1/invoices", "lose the answer"))
    with pytest.raises(Unknown):
        handle()
    monkeypatch.setattr(settings(), "public_url", "https://moved.example")
    handle()
    found = treasury.stripe.client.v1.invoices.list().data
    assert [(each.id, each.footer) for each in found] == [(row(invoice_id).provider_id, footer)]


def test_a_message_of_before_invoices_had_a_footer_is_handled_without_one(treasury: Treasury) -> None:
    invoice_id = asked(signed())
    with unit_of_work() as session:
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == OutboxKind.BRIEF_INVOICE)).one()
        message.body = {"invoice": str(invoice_id)}
    handle()
    assert treasury.stripe.client.v1.invoices.retrieve(str(row(invoice_id).provider_id)).footer is None


def test_a_message_that_is_handled_twice_bills_once(treasury: Treasury) -> None:
    billed(signed())
    handle()
    assert len(treasury.stripe.client.v1.invoices.list().data) == 1


def test_two_invoices_of_a_brand_have_one_customer(treasury: Treasury) -> None:
    made = signed()
    asked(made, 1_000_000)
    asked(made)
    handle()
    assert len(treasury.stripe.client.v1.customers.list().data) == 1


@pytest.mark.parametrize("step", ["/v1/customers", "/v1/invoices", "/v1/invoiceitems", "/finalize", "/send"])
def test_an_invoice_whose_answer_was_lost_is_found_by_the_second_try(treasury: Treasury, step: str) -> None:
    made = signed()
    invoice_id = asked(made)
    treasury.line.faults.append((step, "lose the answer"))
    with pytest.raises(Unknown):
        handle()
    handle()
    found = treasury.stripe.client.v1.invoices.list().data
    assert [(each.id, each.status, each.amount_due) for each in found] == [(row(invoice_id).provider_id, "open", TOTAL)]


def test_a_paid_invoice_covers_the_campaign_and_stripes_fee_is_our_cost(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    pay(invoice_id)
    fee = treasury.stripe.client.v1.balance_transactions.list().data[0].fee
    assert state(invoice_id) == ("paid", TOTAL)
    assert books(made) == [TOTAL, 0, TOTAL - fee, fee]
    with unit_of_work() as session:
        assert cover(session, written_brief(session, made.id)).is_funded


def test_part_payments_add_up_until_the_invoice_is_paid(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    pay(invoice_id, 2_000_000)
    assert (state(invoice_id), books(made)[0]) == (("open", 2_000_000), 2_000_000)
    pay(invoice_id, 5_400_000)
    assert (state(invoice_id), books(made)[0]) == (("paid", TOTAL), TOTAL)
    assert [f["amount"] for f in facts(made, "brief.payment_received")] == [2_000_000, 5_400_000]


def test_an_event_that_comes_twice_is_booked_once(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    pay(invoice_id)
    before = books(made)
    look_at_invoice(by_stripe(), str(row(invoice_id).provider_id))
    assert books(made) == before
    assert len(facts(made, "brief.payment_received")) == 1


def test_an_event_about_an_invoice_has_us_look_at_it(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    assert pay_at_stripe(invoice_id).status_code < 400
    with unit_of_work() as session:
        about = {"object": "invoice", "id": row(invoice_id).provider_id}
        receive_event(session, "stripe", "evt_1", "invoice.paid", {"data": {"object": about}})
    treasury.handle(OutboxKind.STRIPE_EVENT)
    assert (state(invoice_id), books(made)[0]) == (("paid", TOTAL), TOTAL)


def test_a_payment_settles_an_advance_first(treasury: Treasury) -> None:
    made = signed()
    with unit_of_work() as session:
        approve_advance(session, made.id, "They always pay.", by=made.finance, at=clock.business_now(session))
    pay(billed(made), 1_000_000)
    assert books(made)[:2] == [TOTAL, TOTAL - 1_000_000]


def test_stripe_itself_refuses_a_payment_beyond_what_an_invoice_asks_for(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    assert pay_at_stripe(invoice_id, TOTAL + 1).status_code >= 400
    assert (state(invoice_id), books(made)) == (("open", 0), [0, 0, 0, 0])


def test_money_beyond_what_the_brand_owed_is_held_and_told_to_finance(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    receive(made, 1)
    pay(invoice_id)
    with unit_of_work() as session:
        payment = session.scalars(select(Payment)).one()
    assert books(made)[0] == TOTAL + 1
    assert facts(made, "brief.paid_beyond_what_was_asked") == [{"payment": str(payment.id), "surplus": 1, "currency": "USD"}]


def test_money_that_comes_after_the_end_is_promised_back(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    with unit_of_work() as session:
        session.merge(made.campaign).cancelled_at = clock.business_now(session)
    pay(invoice_id, 500_000)
    with unit_of_work() as session:
        assert [(r.amount, r.let_go) for r in session.scalars(select(Refund))] == [(500_000, 0)]
    assert books(made)[0] == 0


def withdraw(made: Partnership, invoice_id: object) -> None:
    with unit_of_work() as session:
        withdraw_invoice(session, made.id, invoice_id, by=made.manager, at=clock.business_now(session))  # type: ignore[arg-type]  # an id


def test_an_invoice_on_which_nothing_was_paid_can_be_withdrawn(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    withdraw(made, invoice_id)
    handle("brief_invoice_void")
    handle("brief_invoice_void")
    assert state(invoice_id) == ("void", 0)
    assert [each.status for each in treasury.stripe.client.v1.invoices.list().data] == ["void"]


def test_an_invoice_that_was_paid_before_it_could_be_withdrawn_stays_paid(treasury: Treasury) -> None:
    made = signed()
    invoice_id = billed(made)
    withdraw(made, invoice_id)
    assert pay_at_stripe(invoice_id).status_code < 400
    handle("brief_invoice_void")
    assert state(invoice_id) == ("paid", TOTAL)


def test_only_an_open_unpaid_invoice_can_be_withdrawn(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    for wrong, kind in ((invoice_id, errors.InvoiceNotOpen), (made.id, errors.NoSuchInvoice)):
        with pytest.raises(kind):
            withdraw(made, wrong)
    handle("brief_invoice_void")
    assert state(invoice_id) == ("promised", 0)


def ended(made: Partnership) -> None:
    """What the end of a campaign does about its invoices."""
    with unit_of_work() as session:
        campaign = session.merge(made.campaign)
        campaign.cancelled_at = clock.business_now(session)
        withdraw_open_invoices(session, campaign, by=SYSTEM, at=clock.business_now(session))


def test_at_the_end_no_invoice_stays_payable_not_even_a_half_paid_one(treasury: Treasury) -> None:
    made = signed()
    paid_in_part, sent = billed(made, 1_000_000), billed(made, 2_000_000)
    pay(paid_in_part, 400_000)
    unsent = asked(made)
    ended(made)
    for _twice in range(2):
        handle("brief_invoice_void")
        handle()
    assert [state(each) for each in (paid_in_part, sent, unsent)] == [("credited", 400_000), ("void", 0), ("void", 0)]
    at_stripe = {each.id: each for each in treasury.stripe.client.v1.invoices.list().data}
    assert sorted((each.status, each.amount_remaining) for each in at_stripe.values()) == [("paid", 0), ("void", 2_000_000)]
    assert pay_at_stripe(paid_in_part, 600_000).status_code >= 400
    assert len(facts(made, "brief.invoice_credited")) == 1


def test_what_is_paid_while_the_rest_of_an_invoice_is_taken_back_is_noted_and_the_rest_still_taken_back(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = signed()
    invoice_id = billed(made, 1_000_000)
    pay(invoice_id, 400_000)
    ended(made)
    seen = type(by_stripe()).fetch_invoice
    looks: list[int] = []

    def looked(self: StripeGateway, provider_id: str) -> ProviderInvoice:
        said = seen(self, provider_id)
        if not looks:  # right after the first look another part is paid
            assert pay_at_stripe(invoice_id, 100_000).status_code < 400
        looks.append(said.amount_remaining)
        return said

    monkeypatch.setattr(type(by_stripe()), "fetch_invoice", looked)
    with pytest.raises(StillPayable):
        handle("brief_invoice_void")
    handle("brief_invoice_void")
    assert state(invoice_id) == ("credited", 500_000)


def test_an_invoice_that_reached_stripe_unknown_to_us_is_taken_back_once_we_learn_of_it(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    with unit_of_work() as session:
        session.get_one(Invoice, invoice_id).state = "uncertain"  # its answer was lost, and asked for too late
    order, customer = invoice_workers._order, invoice_workers._customer
    said = by_stripe().create_invoice(order(invoice_id, customer(by_stripe(), invoice_id), {}), key=f"invoice:{invoice_id}")
    ended(made)
    assert state(invoice_id) == ("void", 0)
    look_at_invoice(by_stripe(), said.id)
    handle("brief_invoice_void")
    assert [each.status for each in treasury.stripe.client.v1.invoices.list().data] == ["void"]


def test_at_the_end_invoices_ask_for_what_the_brand_still_owes_of_an_advance_and_no_more(treasury: Treasury) -> None:
    made = signed()
    small, large = billed(made, 500_000), billed(made, 3_000_000)
    with unit_of_work() as session:
        approve_advance(session, made.id, "They pay next week.", 1_200_000, by=made.finance, at=clock.business_now(session))
    ended(made)
    handle("brief_invoice_void")
    handle()
    assert [state(each) for each in (small, large)] == [("open", 0), ("void", 0)]
    with unit_of_work() as session:
        rests = session.scalars(select(Invoice.amount - Invoice.paid).where(Invoice.state == "open").order_by(Invoice.id)).all()
    assert rests == [500_000, 700_000]


def test_what_stripe_refuses_is_noted_with_its_reason(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    with unit_of_work() as session:
        session.scalars(select(BilledParty)).one().customer = "cus_unknown"
    handle()
    assert (row(invoice_id).state, row(invoice_id).refusal) == ("refused", "resource_missing")
    assert [f["invoice"] for f in facts(made, "brief.invoice_refused")] == [str(invoice_id)]


def test_an_invoice_is_not_tried_again_once_stripe_would_have_forgotten_the_first_try(treasury: Treasury) -> None:
    made = signed()
    invoice_id = asked(made)
    treasury.line.faults.append(("/v1/invoices", "lose the call"))
    with pytest.raises(Unknown):
        handle()
    treasury.pass_time(timedelta(hours=23))
    handle()
    assert state(invoice_id) == ("uncertain", 0)
    withdraw(made, invoice_id)
    assert state(invoice_id) == ("void", 0)
    assert treasury.stripe.client.v1.invoices.list().data == []
    assert len(facts(made, "brief.invoice_uncertain")) == 1


def test_an_invoice_of_a_stranger_is_passed_over(treasury: Treasury) -> None:
    made = signed()
    look_at_invoice(by_stripe(), str(treasury.stripe.invoice().id))
    assert books(made) == [0, 0, 0, 0]
