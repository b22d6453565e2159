"""Customers, invoices, bank transfers, credit notes and test clocks."""

import time
from typing import Any

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine
from tests.contract.sides import EURO

SENT = {"collection_method": "send_invoice", "days_until_due": 30, "auto_advance": False, "pending_invoice_items_behavior": "exclude"}
DAY = 86_400
IN_DOLLARS: dict[str, Any] = {"type": "us_bank_transfer"}
IN_EURO: dict[str, Any] = {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}}


def drafted(line: StripeLine, amount: int = 10_000, *, customer: str = "", **more: Any) -> str:
    """A draft of one line."""
    whose = customer or line.customer()
    draft = line.ok("POST", "/v1/invoices", {"customer": whose, "currency": "usd", **SENT, **more})
    about = {"customer": whose, "invoice": draft["id"], "currency": draft["currency"]}
    line.ok("POST", "/v1/invoiceitems", {**about, "amount": amount, "description": "Brief"})
    return str(draft["id"])


def opened(line: StripeLine, amount: int = 10_000, **more: Any) -> dict[str, Any]:
    return line.ok("POST", f"/v1/invoices/{drafted(line, amount, **more)}/finalize")


def by_transfer(bank_transfer: dict[str, Any]) -> dict[str, Any]:
    """What makes an invoice one that is paid by this bank transfer alone."""
    options = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": bank_transfer}}
    return {"payment_settings": {"payment_method_types": ["customer_balance"], "payment_method_options": options}}


def paid_by_transfer(line: StripeLine, customer: str, currency: str = "usd", how: dict[str, Any] = IN_DOLLARS) -> dict[str, Any]:
    """An invoice of 100.00 that the customer has paid by bank transfer."""
    invoice = opened(line, customer=customer, currency=currency, **by_transfer(how))["id"]
    line.ok("POST", f"/v1/test_helpers/customers/{customer}/fund_cash_balance", {"amount": 10_000, "currency": currency})

    def found() -> dict[str, Any] | None:
        now = line.ok("GET", f"/v1/invoices/{invoice}")
        return now if now["status"] == "paid" else None

    return dict(line.until(found))


@stripe("api/customers/retrieve")
def a_customer_that_was_deleted_says_so(line: StripeLine) -> None:
    """A customer is made, changed and deleted; whoever asks for a deleted one is told that it is deleted, and nothing else of it."""
    made = line.ok("POST", "/v1/customers", {"name": "Contract", "email": "contract@example.org", "metadata": {"brand": "1", "old": "1"}})
    changed = line.ok("POST", f"/v1/customers/{made['id']}", {"metadata": {"old": "", "brand": "2"}})
    assert (changed["name"], changed["metadata"]) == ("Contract", {"brand": "2"})
    gone = line.ok("DELETE", f"/v1/customers/{made['id']}")
    assert gone == {"id": made["id"], "object": "customer", "deleted": True}
    assert line.ok("GET", f"/v1/customers/{made['id']}") == gone


@stripe("api/invoices/create")
def no_invoice_is_to_be_sent_to_a_customer_without_an_address(line: StripeLine) -> None:
    """A customer without an email address gets no invoice that is to be sent."""
    customer = line.ok("POST", "/v1/customers", {"name": "Contract"})["id"]
    line.later("DELETE", f"/v1/customers/{customer}")
    assert line.refused("POST", "/v1/invoices", {"customer": customer, "currency": "usd", **SENT})[0] == 400


@stripe("api/invoices/send")
def an_invoice_that_is_sent_stays_open(line: StripeLine) -> None:
    """A finalized invoice is sent to its customer and stays open; one that is void cannot be sent."""
    invoice = opened(line)["id"]
    assert line.ok("POST", f"/v1/invoices/{invoice}/send")["status"] == "open"
    line.ok("POST", f"/v1/invoices/{invoice}/void")
    assert line.refused("POST", f"/v1/invoices/{invoice}/send")[0] == 400


@stripe("api/invoices/finalize")
def an_invoice_is_opened_with_a_number_a_page_and_a_date(line: StripeLine) -> None:
    """A finalized invoice is open, asks for its lines, and has a number, a page and a due date."""
    invoice = opened(line, footer="Thank you.", description="A brief")
    assert (invoice["status"], invoice["amount_due"], invoice["amount_remaining"]) == ("open", 10_000, 10_000)
    assert invoice["number"]
    assert invoice["hosted_invoice_url"].startswith("http")
    assert abs(invoice["due_date"] - invoice["created"] - 30 * DAY) < 120
    assert invoice["status_transitions"]["finalized_at"]


@stripe("api/invoices/finalize")
def an_invoice_is_finalized_once(line: StripeLine) -> None:
    """An invoice that is finalized is not finalized again, and its lines can no longer be changed."""
    invoice = opened(line)
    assert line.refused("POST", f"/v1/invoices/{invoice['id']}/finalize")[0] == 400
    assert line.refused("POST", f"/v1/invoices/{invoice['id']}", {"days_until_due": 10})[0] == 400
    assert line.refused("DELETE", f"/v1/invoices/{invoice['id']}")[0] == 400


@stripe("api/invoices/pay")
def an_invoice_is_paid_by_card_once(line: StripeLine) -> None:
    """An invoice paid by a card is paid with a payment of its own, and is not paid twice."""
    invoice = opened(line)
    paid = line.ok("POST", f"/v1/invoices/{invoice['id']}/pay", {"payment_method": "pm_card_visa"})
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 10_000, 0)
    listed = line.ok("GET", "/v1/invoice_payments", {"invoice": invoice["id"], "status": "paid"})["data"]
    assert [(each["amount_paid"], each["payment"]["type"]) for each in listed] == [(10_000, "payment_intent")]
    assert line.refused("POST", f"/v1/invoices/{invoice['id']}/pay", {"payment_method": "pm_card_visa"})[0] == 400


@stripe("api/invoices/void")
def an_open_invoice_is_voided_and_a_paid_one_is_not(line: StripeLine) -> None:
    """An open invoice can be voided and asks for nothing then; a paid one cannot."""
    assert line.ok("POST", f"/v1/invoices/{opened(line)['id']}/void")["status"] == "void"
    paid = opened(line)["id"]
    line.ok("POST", f"/v1/invoices/{paid}/pay", {"payment_method": "pm_card_visa"})
    assert line.refused("POST", f"/v1/invoices/{paid}/void")[0] == 400


@stripe("api/invoices/mark_uncollectible")
def an_uncollectible_invoice_can_still_be_paid(line: StripeLine) -> None:
    """An open invoice that is marked as uncollectible can still be paid."""
    invoice = opened(line)["id"]
    assert line.ok("POST", f"/v1/invoices/{invoice}/mark_uncollectible")["status"] == "uncollectible"
    assert line.ok("POST", f"/v1/invoices/{invoice}/pay", {"payment_method": "pm_card_visa"})["status"] == "paid"


@stripe("invoicing/bank-transfer")
def an_invoice_is_paid_by_a_bank_transfer(line: StripeLine) -> None:
    """Money that a customer sends by bank transfer is matched with their open invoice, which is then paid."""
    paid = paid_by_transfer(line, line.customer())
    assert (paid["amount_paid"], paid["amount_remaining"]) == (10_000, 0)


@stripe("api/invoices/create")
def a_bank_transfer_in_euro_to_a_country_without_such_accounts_is_refused(line: StripeLine) -> None:
    """An invoice that asks for a bank transfer in euro names a country in which Stripe has such bank accounts, or is refused."""
    elsewhere = {**IN_EURO, "eu_bank_transfer": {"country": "US"}}
    asked = {"customer": line.customer(), "currency": "eur", **SENT, **by_transfer(elsewhere)}
    status, error = line.refused("POST", "/v1/invoices", asked)
    assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("payments/bank-transfers/accept-a-payment", needs=EURO)
def an_invoice_in_euro_is_paid_by_a_bank_transfer_to_the_country_it_names(line: StripeLine) -> None:
    """An invoice in euro keeps the country of its bank account, and a bank transfer pays it."""
    paid = paid_by_transfer(line, line.customer(), "eur", IN_EURO)
    asked = paid["payment_settings"]["payment_method_options"]["customer_balance"]["bank_transfer"]
    assert (asked["type"], asked["eu_bank_transfer"]["country"]) == ("eu_bank_transfer", "DE")


@stripe("api/credit_notes/create")
def an_open_invoice_asks_for_less_after_a_credit_note(line: StripeLine) -> None:
    """A credit note on an open invoice takes its amount off what is still asked for."""
    invoice = opened(line)["id"]
    line.ok("POST", "/v1/credit_notes", {"invoice": invoice, "amount": 4_000, "reason": "order_change"})
    after = line.ok("GET", f"/v1/invoices/{invoice}")
    assert (after["amount_remaining"], after["pre_payment_credit_notes_amount"]) == (6_000, 4_000)


@stripe("api/test_clocks/advance")
def what_is_billed_on_a_test_clock_happens_in_its_time(line: StripeLine) -> None:
    """A customer of a test clock is billed in the clock's time, which goes forward only and is there once it is ready."""
    begin = int(time.time()) + DAY
    clock = line.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": begin, "name": "Contract"})["id"]
    line.later("DELETE", f"/v1/test_helpers/test_clocks/{clock}")
    customer = line.ok("POST", "/v1/customers", {"email": "contract@example.org", "test_clock": clock})["id"]
    draft = line.ok("POST", "/v1/invoices", {"customer": customer, "currency": "usd", **SENT})
    assert (draft["test_clock"], draft["created"], draft["due_date"]) == (clock, begin, begin + 30 * DAY)
    assert line.refused("POST", f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": begin - 1})[0] == 400
    line.ok("POST", f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": begin + DAY})
    assert line.until(lambda: line.ok("GET", f"/v1/test_helpers/test_clocks/{clock}")["status"] == "ready")
    assert line.ok("GET", f"/v1/test_helpers/test_clocks/{clock}")["frozen_time"] == begin + DAY
    listed = line.ok("GET", "/v1/customers", {"test_clock": clock})["data"]
    assert [each["id"] for each in listed] == [customer]
