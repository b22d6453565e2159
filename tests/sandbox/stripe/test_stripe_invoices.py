"""An invoice from its draft to its last payment, in one piece or in parts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import stripe
from stripe.params import PaymentIntentCreateParams

from campaigns.core.settings import settings
from tests.sandbox.stripe.stage import Simulator, plain


def state(invoice: stripe.Invoice) -> tuple[str | None, int, int, int]:
    return invoice.status, invoice.amount_due, invoice.amount_paid, invoice.amount_remaining


def test_a_draft_gathers_its_lines_and_is_opened_with_a_number_a_due_date_and_a_page(simulator: Simulator) -> None:
    customer, client = simulator.customer(), simulator.client.v1
    draft = client.invoices.create(
        {
            "customer": customer,
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "custom_fields": [{"name": "PO number", "value": "PO-77"}],
            "metadata": {"campaign": "7"},
            "payment_settings": {
                "payment_method_types": ["card", "customer_balance"],
                "payment_method_options": {
                    "customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}
                },
            },
        }
    )
    assert state(draft) == ("draft", 0, 0, 0)
    for amount, words in ((50_000, "Pool"), (7_500, "Fee")):
        client.invoice_items.create({"customer": customer, "invoice": draft.id, "amount": amount, "currency": "usd", "description": words})
    opened = client.invoices.finalize_invoice(draft.id)
    assert state(opened) == ("open", 57_500, 0, 57_500)
    assert [(line.amount, line.description) for line in client.invoices.line_items.list(opened.id).data] == [
        (50_000, "Pool"),
        (7_500, "Fee"),
    ]
    assert opened.due_date == opened.created + 30 * 86_400
    assert (opened.number or "").endswith("-0001")
    assert [(field.name, field.value) for field in opened.custom_fields or []] == [("PO number", "PO-77")]
    assert client.invoices.send_invoice(opened.id).status == "open"
    assert client.invoices.retrieve(opened.id) == client.invoices.list({"status": "open", "customer": customer}).data[0]


def test_pending_items_are_included_when_asked(simulator: Simulator) -> None:
    customer, client = simulator.customer(), simulator.client.v1
    item = client.invoice_items.create({"customer": customer, "amount": 900, "currency": "usd"})
    assert client.invoice_items.list({"pending": True}).data == [item]
    without = client.invoices.create({"customer": customer})
    within = client.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    assert (without.total, within.total, client.invoice_items.retrieve(item.id).invoice) == (0, 900, within.id)


def test_a_card_pays_the_whole_invoice_by_its_own_intent(simulator: Simulator) -> None:
    invoice = simulator.invoice(100_000)
    paid = simulator.client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})
    assert state(paid) == ("paid", 100_000, 100_000, 0)
    payment = simulator.client.v1.invoice_payments.list({"invoice": invoice.id, "status": "paid"}).data
    assert [(each.amount_paid, each.is_default) for each in payment] == [(100_000, True)]
    intent = simulator.client.v1.payment_intents.retrieve(str(payment[0].payment.payment_intent))
    assert (intent.status, intent.amount_received, intent.customer) == ("succeeded", 100_000, invoice.customer)
    assert simulator.balance() == (0, 100_000 - 2_930)
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        simulator.client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})


def test_a_declined_card_leaves_the_invoice_open_and_says_so(simulator: Simulator) -> None:
    invoice = simulator.invoice(100_000)
    with pytest.raises(stripe.CardError) as declined:
        simulator.client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_chargeDeclined"})
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    assert simulator.client.v1.invoices.retrieve(invoice.id) == invoice
    intent = simulator.client.v1.payment_intents.list().data[0]
    assert (intent.status, intent.last_payment_error and intent.last_payment_error.code) == ("requires_payment_method", "card_declined")
    assert simulator.happened()[-1] == "payment_intent.payment_failed"


def test_the_hosted_page_takes_parts_by_card_and_by_bank_until_everything_is_paid(simulator: Simulator) -> None:
    invoice = simulator.invoice(100_000)
    assert simulator.pay_on_page(invoice, amount="40000", method="card").headers["location"] == invoice.hosted_invoice_url
    assert state(simulator.client.v1.invoices.retrieve(invoice.id)) == ("open", 100_000, 40_000, 60_000)
    waiting = simulator.client.v1.invoice_payments.list({"invoice": invoice.id, "status": "open"}).data
    assert [(each.amount_requested, each.is_default) for each in waiting] == [(60_000, True)]
    assert simulator.pay_on_page(invoice, amount="25000", method="bank_transfer").status_code == 303
    assert simulator.pay_on_page(invoice, method="bank_transfer").status_code == 303
    paid = simulator.client.v1.invoices.retrieve(invoice.id, {"expand": ["payments"]})
    assert state(paid) == ("paid", 100_000, 100_000, 0)
    assert paid.payments is not None
    assert sorted(each.amount_paid or 0 for each in paid.payments.data) == [25_000, 35_000, 40_000]
    charges = simulator.client.v1.charges.list({"customer": str(invoice.customer)}).data
    kinds = [each.payment_method_details.type for each in charges if each.payment_method_details]
    assert kinds == ["customer_balance", "customer_balance", "card"]
    assert simulator.balance() == (0, (40_000 - 1_190) + (25_000 - 125) + (35_000 - 175))


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount": "60001"}, "more than the 60000 that this invoice still asks for"),
        ({"amount": "0"}, "must be at least 1"),
        ({"amount": "49"}, "at least 50 minor units"),
        ({"amount": "ten"}, "whole number of minor units"),
        ({"method": "cash"}, "card or bank transfer"),
    ],
)
def test_a_payment_that_an_invoice_does_not_ask_for_is_refused_with_a_sentence(
    simulator: Simulator, form: dict[str, str], words: str
) -> None:
    invoice = simulator.invoice(100_000)
    simulator.pay_on_page(invoice, amount="40000")
    before = (simulator.client.v1.invoices.retrieve(invoice.id), simulator.balance(), simulator.happened())
    refused = simulator.pay_on_page(invoice, **form)
    assert (refused.status_code, words in refused.text) == (400, True)
    assert (simulator.client.v1.invoices.retrieve(invoice.id), simulator.balance(), simulator.happened()) == before


def test_a_paid_or_void_invoice_takes_no_more_money(simulator: Simulator) -> None:
    paid, void = simulator.invoice(), simulator.invoice()
    simulator.pay_on_page(paid)
    simulator.client.v1.invoices.void_invoice(void.id)
    before = simulator.balance()
    assert "already paid" in simulator.pay_on_page(paid).text
    assert "This invoice is void" in simulator.pay_on_page(void).text
    assert simulator.balance() == before


def test_an_attached_intent_is_credited_at_once_or_when_it_succeeds(simulator: Simulator) -> None:
    invoice, client = simulator.invoice(10_000), simulator.client.v1
    asked: PaymentIntentCreateParams = {
        "amount": 6_000, "currency": "usd", "customer": str(invoice.customer), "payment_method": "pm_card_visa",
    }  # fmt: skip
    early = client.payment_intents.create({**asked, "amount": 4_000, "confirm": True})
    late = client.payment_intents.create(asked)
    assert state(client.invoices.attach_payment(invoice.id, {"payment_intent": early.id})) == ("open", 10_000, 4_000, 6_000)
    assert state(client.invoices.attach_payment(invoice.id, {"payment_intent": late.id})) == ("open", 10_000, 4_000, 6_000)
    client.payment_intents.confirm(late.id)
    assert state(client.invoices.retrieve(invoice.id)) == ("paid", 10_000, 10_000, 0)
    by_intent = client.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": late.id}}).data
    assert [each.amount_paid for each in by_intent] == [6_000]
    default = [each for each in client.invoice_payments.list({"invoice": invoice.id}).data if each.is_default]
    assert [each.status for each in default] == ["canceled"]


def test_what_an_attached_intent_pays_too_much_becomes_the_customers_credit_and_lowers_the_next_invoice(simulator: Simulator) -> None:
    invoice, client = simulator.invoice(10_000), simulator.client.v1
    customer = str(invoice.customer)
    intent = client.payment_intents.create(
        {"amount": 12_000, "currency": "usd", "customer": customer, "payment_method": "pm_card_visa", "confirm": True}
    )
    over = client.invoices.attach_payment(invoice.id, {"payment_intent": intent.id})
    assert (*state(over), over.amount_overpaid) == ("paid", 10_000, 10_000, 0, 2_000)
    assert client.customers.retrieve(customer).balance == -2_000
    assert "invoice.overpaid" in simulator.happened()
    following = simulator.invoice(3_000, customer=customer)
    assert (following.starting_balance, following.ending_balance, *state(following)) == (-2_000, 0, "open", 1_000, 0, 1_000)


def test_an_intent_of_another_customer_or_attached_before_is_refused(simulator: Simulator) -> None:
    invoice, other, client = simulator.invoice(10_000), simulator.customer(), simulator.client.v1
    foreign = client.payment_intents.create({"amount": 4_000, "currency": "usd", "customer": other})
    own = client.payment_intents.create({"amount": 4_000, "currency": "usd", "customer": str(invoice.customer)})
    client.invoices.attach_payment(invoice.id, {"payment_intent": own.id})
    for intent in (foreign, own):
        with pytest.raises(stripe.InvalidRequestError):
            client.invoices.attach_payment(invoice.id, {"payment_intent": intent.id})
    assert client.invoices.retrieve(invoice.id) == invoice


def test_a_bank_transfer_pays_what_it_covers_and_asks_for_the_rest(simulator: Simulator) -> None:
    invoice, client = simulator.invoice(10_000), simulator.client.v1
    customer = str(invoice.customer)
    fund = client.test_helpers.customers.fund_cash_balance
    fund(customer, {"amount": 4_000, "currency": "usd", "reference": "PO-77"})
    intent = client.payment_intents.list({"customer": customer}).data[0]
    assert plain(intent.next_action)["display_bank_transfer_instructions"]["amount_remaining"] == 6_000
    assert "payment_intent.partially_funded" in simulator.happened()
    assert state(client.invoices.retrieve(invoice.id)) == ("open", 10_000, 0, 10_000)
    fund(customer, {"amount": 6_500, "currency": "usd"})
    assert state(client.invoices.retrieve(invoice.id)) == ("paid", 10_000, 10_000, 0)
    assert plain(client.customers.cash_balance.retrieve(customer).available) == {"usd": 500}


def test_a_bank_transfer_pays_an_invoice_once_however_many_intents_wait_for_it(simulator: Simulator) -> None:
    invoice, client = simulator.invoice(10_000), simulator.client.v1
    customer = str(invoice.customer)
    attached = client.payment_intents.create(
        {"amount": 10_000, "currency": "usd", "customer": customer, "confirm": True, "payment_method_data": {"type": "customer_balance"}}
    )
    client.invoices.attach_payment(invoice.id, {"payment_intent": attached.id})
    client.test_helpers.customers.fund_cash_balance(customer, {"amount": 25_000, "currency": "usd"})
    assert state(client.invoices.retrieve(invoice.id)) == ("paid", 10_000, 10_000, 0)
    assert plain(client.customers.cash_balance.retrieve(customer).available) == {"usd": 15_000}
    assert len(client.charges.list().data) == 1


def test_a_draft_can_be_changed_and_deleted_and_an_open_invoice_cannot(simulator: Simulator) -> None:
    client = simulator.client.v1.invoices
    draft = client.create({"customer": simulator.customer(), "metadata": {"a": "1"}})
    changed = client.update(draft.id, {"description": "Assignment", "metadata": {"b": "2"}})
    assert (changed.description, plain(changed.metadata)) == ("Assignment", {"a": "1", "b": "2"})
    assert client.delete(draft.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such invoice"):
        client.retrieve(draft.id)
    opened = simulator.invoice()
    refused: tuple[Callable[[], object], ...] = (
        lambda: client.update(opened.id, {"description": "x"}),
        lambda: client.delete(opened.id),
        lambda: client.finalize_invoice(opened.id),
    )
    for each in refused:
        with pytest.raises(stripe.InvalidRequestError):
            each()
    assert client.retrieve(opened.id) == opened
    assert plain(client.update(opened.id, {"metadata": {"seen": "1"}}).metadata) == {"seen": "1"}


@pytest.mark.parametrize(
    "terms",
    [
        {"collection_method": "send_invoice"},
        {"days_until_due": 30},
        {"collection_method": "send_invoice", "days_until_due": 30, "due_date": 2_000_000_000},
        {"customer": "cus_none"},
        {"currency": "xyz"},
        {"auto_advance": True},
        {"custom_fields": [{"name": str(n), "value": "x"} for n in range(5)]},
    ],
)
def test_terms_that_contradict_each_other_are_refused(simulator: Simulator, terms: dict[str, object]) -> None:
    asked: Any = {"customer": simulator.customer(), **terms}
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.invoices.create(asked)
    assert simulator.client.v1.invoices.list().data == []


def test_a_void_invoice_cancels_its_intent_and_a_partly_paid_one_cannot_be_void(simulator: Simulator) -> None:
    invoice, part = simulator.invoice(), simulator.invoice()
    assert simulator.client.v1.invoices.void_invoice(invoice.id).status == "void"
    assert [each.status for each in simulator.client.v1.invoice_payments.list({"invoice": invoice.id}).data] == ["canceled"]
    simulator.pay_on_page(part, amount="100")
    with pytest.raises(stripe.InvalidRequestError):
        simulator.client.v1.invoices.void_invoice(part.id)


def test_an_invoice_for_nothing_and_one_paid_elsewhere_are_paid_without_a_charge(simulator: Simulator) -> None:
    client = simulator.client.v1.invoices
    nothing = client.finalize_invoice(client.create({"customer": simulator.customer()}).id)
    elsewhere = client.pay(simulator.invoice(500).id, {"paid_out_of_band": True})
    assert (state(nothing), state(elsewhere)) == (("paid", 0, 0, 0), ("paid", 500, 500, 0))
    assert elsewhere.amount_paid_off_stripe == 500
    assert simulator.client.v1.charges.list().data == []


def test_no_invoice_is_to_be_sent_to_a_customer_without_an_address(simulator: Simulator) -> None:
    customers, invoices = simulator.client.v1.customers, simulator.client.v1.invoices
    without = customers.create({"name": "Zappos"}).id
    draft = invoices.create({"customer": without}).id
    with pytest.raises(stripe.InvalidRequestError, match="Missing email"):
        invoices.create({"customer": without, "collection_method": "send_invoice", "days_until_due": 30})
    with pytest.raises(stripe.InvalidRequestError, match="Missing email"):
        invoices.update(draft, {"collection_method": "send_invoice", "days_until_due": 30})
    assert [each.collection_method for each in invoices.list().data] == ["charge_automatically"]


def test_the_hosted_page_shows_what_is_owed_without_any_script(simulator: Simulator) -> None:
    customer = simulator.client.v1.customers.create({"name": "<script>alert(1)</script>", "email": "billing@zappos.example"}).id
    invoice = simulator.invoice(customer=customer, custom_fields=[{"name": "PO number", "value": "PO-77"}])
    page = simulator.raw("GET", (invoice.hosted_invoice_url or "").removeprefix(simulator.url))
    assert ("PO-77" in page.text, "<script" in page.text) == (True, False)
    assert simulator.raw("GET", "/sandbox/invoices/nothing").status_code == 404


@pytest.mark.parametrize(
    ("footer", "shown"),
    [
        ("Back to {ours}/campaigns/7/funding.", 'Back to <a href="{ours}/campaigns/7/funding">{ours}/campaigns/7/funding</a>.'),
        ("To {ours}.evil.example/x", "To {ours}.evil.example/x"),
        ("javascript:alert(1)//{ours}", "javascript:alert(1)//{ours}"),
        ('{ours}/"><script>alert(1)</script>', '<a href="{ours}/">{ours}/</a>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'),
    ],
)
def test_the_hosted_page_shows_the_footer_and_leads_to_our_own_address_alone(simulator: Simulator, footer: str, shown: str) -> None:
    invoice = simulator.invoice(footer=footer.format(ours=settings().public_url))
    page = simulator.raw("GET", (invoice.hosted_invoice_url or "").removeprefix(simulator.url))
    assert page.text.count(f"<p>{shown.format(ours=settings().public_url)}</p>") == 1


def test_each_state_of_an_invoice_is_told(simulator: Simulator) -> None:
    invoice = simulator.invoice(1_000)
    simulator.pass_time(timedelta(minutes=1))
    simulator.pay_on_page(invoice, amount="400")
    simulator.pay_on_page(invoice)
    assert simulator.happened() == [
        "customer.created", "invoice.created", "invoiceitem.created", "invoice.finalized", "payment_intent.created",
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid", "invoice.updated",
        "charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid", "invoice.updated",
        "invoice.paid", "invoice.payment_succeeded",
    ]  # fmt: skip


def test_a_credit_note_over_the_rest_of_a_partly_paid_invoice_ends_it(simulator: Simulator) -> None:
    invoice = simulator.invoice(100_000)
    simulator.pay_on_page(invoice, amount="40000")
    notes = simulator.client.v1.credit_notes
    with pytest.raises(stripe.InvalidRequestError, match="greater than what remains"):
        notes.create({"invoice": invoice.id, "amount": 60_001})
    notes.create({"invoice": invoice.id, "amount": 10_000})
    assert notes.create({"invoice": invoice.id, "amount": 50_000}).number.endswith("-CN-02")
    after = simulator.client.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_paid, after.amount_remaining, after.pre_payment_credit_notes_amount) == ("paid", 40_000, 0, 60_000)
    with pytest.raises(stripe.InvalidRequestError, match="credits open invoices only"):
        notes.create({"invoice": invoice.id, "amount": 1})
