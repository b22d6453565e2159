"""One way through everything that the simulator offers, each answer held against Stripe's description."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from stripe.params import PaymentIntentCreateParams

from sandbox.stripe.endpoints import ENDPOINTS
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Checked, Simulator, paper


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """The endpoints that have been asked and have not refused."""
    seen: set[tuple[str, str]] = set()
    ask = Checked.request

    def noting(client: Checked, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None) -> object:
        answer = ask(client, method, url, headers, post_data)
        if answer[1] == 200:
            seen.add((method.upper(), dahlia.template(httpx.URL(url).path)))
        return answer

    monkeypatch.setattr(Checked, "request", noting)
    return seen


def test_every_endpoint_answers_as_stripe_describes(simulator: Simulator, visited: set[tuple[str, str]]) -> None:
    _bill(simulator)
    _pay_out(simulator)
    _listen(simulator)
    _dispute(simulator)
    assert {(each.method, each.path) for each in ENDPOINTS} - visited == set()


def _bill(simulator: Simulator) -> None:
    client, customer = simulator.client.v1, simulator.customer()
    draft = client.invoices.create({"customer": customer, "collection_method": "send_invoice", "days_until_due": 30})
    item = client.invoice_items.create({"customer": customer, "invoice": draft.id, "amount": 90_000, "currency": "usd"})
    client.invoice_items.retrieve(item.id)
    client.invoice_items.list()
    client.invoices.update(draft.id, {"description": "Assignment"})
    client.invoices.send_invoice(draft.id)
    client.invoices.line_items.list(draft.id)
    part = client.payment_intents.create(
        {"amount": 30_000, "currency": "usd", "customer": customer, "payment_method": "pm_card_bypassPending"}
    )
    client.invoices.attach_payment(draft.id, {"payment_intent": part.id})
    client.payment_intents.confirm(part.id)
    client.invoices.pay(draft.id, {"payment_method": "pm_card_bypassPending"})
    client.invoices.retrieve(draft.id, {"expand": ["customer", "payments.data.payment.payment_intent"]})
    client.invoice_payments.retrieve(client.invoice_payments.list({"invoice": draft.id}).data[0].id)
    client.invoices.void_invoice(simulator.invoice().id)
    client.credit_notes.retrieve(client.credit_notes.create({"invoice": simulator.invoice().id, "amount": 1_000}).id)
    client.credit_notes.list()
    client.invoices.delete(client.invoices.create({"customer": customer}).id)
    client.invoices.list()
    client.payment_intents.cancel(client.payment_intents.create({"amount": 500, "currency": "usd"}).id)
    client.payment_intents.retrieve(part.id)
    client.payment_intents.list()
    charge = client.charges.list({"customer": customer}).data[0]
    client.charges.update(client.charges.retrieve(charge.id).id, {"description": "Paid", "transfer_group": "campaign_3"})
    refund = client.refunds.create({"charge": charge.id, "amount": 1_000})
    client.refunds.update(client.refunds.retrieve(refund.id).id, {"metadata": {"why": "reserve"}})
    client.refunds.list()
    client.test_helpers.customers.fund_cash_balance(customer, {"amount": 100, "currency": "usd"})
    back = client.refunds.create({"origin": "customer_balance", "customer": customer, "amount": 60, "currency": "usd"})
    client.test_helpers.refunds.expire(back.id)
    client.customers.cash_balance.retrieve(customer)
    client.customers.update(client.customers.retrieve(customer).id, {"phone": "+1 702 555 0100"})
    client.customers.list()
    client.customers.delete(simulator.customer())
    client.invoices.mark_uncollectible(simulator.invoice().id)
    _time(client)


def _time(client: Any) -> None:
    clocks = client.test_helpers.test_clocks
    made = clocks.create({"frozen_time": 1_800_000_000})
    clocks.advance(clocks.retrieve(made.id).id, {"frozen_time": 1_800_000_001})
    clocks.list()
    clocks.delete(made.id)


def _pay_out(simulator: Simulator) -> None:
    client, artist = simulator.client.v1, simulator.payable()
    client.accounts.update(client.accounts.retrieve(artist).id, {"metadata": {"artist": "42"}})
    client.accounts.list()
    client.accounts.delete(simulator.account().id)
    sent = simulator.transfer(artist, 5_000, transfer_group="run_7")
    client.transfers.update(
        client.transfers.retrieve(sent.id, {"expand": ["destination", "balance_transaction"]}).id, {"description": "Run 7"}
    )
    simulator.pass_time(timedelta(days=1))
    simulator.settle()
    client.payouts.retrieve(client.payouts.list(options={"stripe_account": artist}).data[0].id, options={"stripe_account": artist})
    sent = simulator.transfer(artist, 5_000)
    back = client.transfers.reversals.create(sent.id, {"amount": 100})
    client.transfers.reversals.retrieve(sent.id, back.id)
    client.transfers.reversals.list(sent.id)
    client.transfers.list()
    topped_up = client.topups.create({"amount": 2_000, "currency": "usd"})
    client.topups.update(client.topups.retrieve(topped_up.id).id, {"description": "Run 7"})
    client.topups.cancel(topped_up.id)
    client.topups.list()
    client.accounts.retrieve_current()
    client.accounts.reject(artist, {"reason": "other"})
    client.country_specs.retrieve("US")
    client.balance.retrieve()
    client.balance_transactions.retrieve(client.balance_transactions.list({"limit": 100}).data[0].id)


def _dispute(simulator: Simulator) -> None:
    client = simulator.client.v1
    pay: PaymentIntentCreateParams = {"amount": 9_000, "currency": "usd", "confirm": True}
    client.payment_intents.create({**pay, "payment_method": "pm_card_createDispute"})
    accepted = client.disputes.list({"limit": 1}).data[0]
    client.disputes.close(client.disputes.retrieve(accepted.id).id)
    client.payment_intents.create({**pay, "payment_method": "pm_card_createDisputeInquiry"})
    asked = client.disputes.list({"limit": 1}).data[0]
    file = client.files.create({"purpose": "dispute_evidence", "file": paper()})
    client.files.retrieve(client.files.list({"purpose": "dispute_evidence"}).data[0].id)
    client.disputes.update(asked.id, {"evidence": {"customer_name": "Zappos", "receipt": file.id}, "submit": False})
    warned = simulator.fund(9_000)
    simulator.at_the_bank(str(warned.latest_charge), "warning")
    client.radar.early_fraud_warnings.retrieve(client.radar.early_fraud_warnings.list().data[0].id)


def _listen(simulator: Simulator) -> None:
    client = simulator.client.v1
    made = client.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})
    client.webhook_endpoints.update(client.webhook_endpoints.retrieve(made.id).id, {"disabled": True})
    client.webhook_endpoints.list()
    client.webhook_endpoints.delete(made.id)
    client.events.retrieve(client.events.list({"limit": 100}).data[0].id)
