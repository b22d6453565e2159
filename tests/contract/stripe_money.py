"""Charges, refunds, the balance, transfers, reversals, top-ups and conversions."""

from typing import Any

from tests.contract.cases import stripe
from tests.contract.lines import BY_CARD, StripeLine
from tests.contract.sides import DESTINATION

LARGE = 99_999_999
KRONER: dict[str, Any] = {"amount": 50_000, "currency": "nok", "payment_method": "pm_card_visa", **BY_CARD}


def transfer(line: StripeLine, amount: int, **more: Any) -> dict[str, Any]:
    return {"amount": amount, "currency": "usd", "destination": line.payable(), **more}


@stripe("api/payment_intents/create")
def a_card_payment_succeeds_and_is_booked_with_its_fee(line: StripeLine) -> None:
    """A confirmed payment by card has a charge, and that a movement on the balance whose net is the amount less the fee."""
    asked = {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_visa", **BY_CARD}
    intent = line.ok("POST", "/v1/payment_intents", {**asked, "expand": ["latest_charge.balance_transaction"]})
    booked = intent["latest_charge"]["balance_transaction"]
    assert (intent["status"], intent["amount_received"], intent["latest_charge"]["paid"]) == ("succeeded", 5_000, True)
    assert (booked["type"], booked["amount"], booked["net"]) == ("charge", 5_000, 5_000 - booked["fee"])
    assert booked["fee"] > 0
    listed = line.ok("GET", "/v1/balance_transactions", {"source": intent["latest_charge"]["id"]})
    assert [each["id"] for each in listed["data"]] == [booked["id"]]


@stripe("error-codes#card-declined")
def a_declined_card_is_a_402_of_its_own_type(line: StripeLine) -> None:
    """A declined card is answered 402, as a card_error with the bank's reason and the intent that waits for another card."""
    asked = {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_chargeDeclined", **BY_CARD}
    status, error = line.refused("POST", "/v1/payment_intents", asked)
    assert (status, error["type"], error["code"], error["decline_code"]) == (402, "card_error", "card_declined", "generic_decline")


@stripe("currencies#minimum-and-maximum-charge-amounts")
def a_payment_below_the_minimum_is_refused(line: StripeLine) -> None:
    """A payment below the currency's minimum is refused."""
    status, error = line.refused("POST", "/v1/payment_intents", {"amount": 10, "currency": "usd"})
    assert (status, error["code"]) == (400, "amount_too_small")


@stripe("api/refunds/create")
def a_charge_is_given_back_in_parts_and_no_further(line: StripeLine) -> None:
    """A charge is refunded in parts, never beyond what is left, and once it is all given back no more."""
    charge = line.funded(9_000)["latest_charge"]["id"]
    line.funded(20_000)
    part = line.ok("POST", "/v1/refunds", {"charge": charge, "amount": 2_000, "metadata": {"part": "1"}})
    assert (part["object"], part["amount"], part["charge"], part["status"]) == ("refund", 2_000, charge, "succeeded")
    assert line.refused("POST", "/v1/refunds", {"charge": charge, "amount": 7_001})[0] == 400
    line.ok("POST", "/v1/refunds", {"charge": charge})
    status, error = line.refused("POST", "/v1/refunds", {"charge": charge})
    assert (status, error["code"]) == (400, "charge_already_refunded")
    assert line.ok("GET", f"/v1/charges/{charge}")["refunded"] is True


@stripe("api/balance/balance_retrieve")
def the_balance_is_told_by_currency_and_source(line: StripeLine) -> None:
    """The balance lists what is available and what is pending, each by currency and by source."""
    line.funded(5_000)
    balance = line.ok("GET", "/v1/balance")
    (dollars,) = [each for each in balance["available"] if each["currency"] == "usd"]
    assert dollars["amount"] >= sum(dollars["source_types"].values())
    assert balance["object"] == "balance"


@stripe("api/transfers/create", needs=DESTINATION)
def a_transfer_goes_to_an_account_and_is_found_by_its_group(line: StripeLine) -> None:
    """A transfer is made at once, keeps its group and metadata, and is found by its group alone."""
    line.funded(20_000)
    group = f"contract_{line.payable()[-6:]}_{len(line.exchanges)}"
    sent = line.ok("POST", "/v1/transfers", transfer(line, 1_000, transfer_group=group, metadata={"payout_item": "1"}))
    assert (sent["object"], sent["amount"], sent["transfer_group"], sent["reversed"]) == ("transfer", 1_000, group, False)
    assert sent["destination_payment"].startswith("py_")
    assert sent["id"] in [each["id"] for each in line.ok("GET", "/v1/transfers", {"transfer_group": group})["data"]]


@stripe("error-codes#balance-insufficient", needs=DESTINATION)
def a_transfer_that_the_balance_does_not_cover_is_refused(line: StripeLine) -> None:
    """A transfer beyond the available balance is refused with balance_insufficient."""
    status, error = line.refused("POST", "/v1/transfers", transfer(line, LARGE))
    assert (status, error["code"]) == (400, "balance_insufficient")


@stripe("connect/separate-charges-and-transfers#transfer-availability", needs=DESTINATION)
def a_transfer_in_a_currency_that_the_platform_does_not_hold_is_refused(line: StripeLine) -> None:
    """A transfer is paid from the balance of its own currency; where there is none it is refused."""
    line.funded(20_000)
    status, error = line.refused("POST", "/v1/transfers", {**transfer(line, 1_000), "currency": "nok"})
    assert (status, error["type"]) == (400, "invalid_request_error")


@stripe("connect/separate-charges-and-transfers#transfer-availability", needs=DESTINATION)
def a_transfer_with_a_source_goes_before_that_has_settled_and_no_further(line: StripeLine) -> None:
    """With source_transaction a transfer is made before the charge's money is available, and never beyond the charge."""
    asked = {"amount": 5_000, "currency": "usd", "payment_method": "pm_card_visa", **BY_CARD}
    charge = line.ok("POST", "/v1/payment_intents", asked)["latest_charge"]
    sent = line.ok("POST", "/v1/transfers", transfer(line, 4_000, source_transaction=charge))
    assert sent["source_transaction"] == charge
    assert line.refused("POST", "/v1/transfers", transfer(line, 4_000, source_transaction=charge))[0] == 400


@stripe("api/transfers/create#create_transfer-source_type", needs=DESTINATION)
def a_transfer_is_drawn_from_one_kind_of_the_balance(line: StripeLine) -> None:
    """A transfer is drawn from one kind of the balance, card unless it names another; what one has not is not covered by another."""
    line.funded(20_000)
    (dollars,) = [each for each in line.ok("GET", "/v1/balance")["available"] if each["currency"] == "usd"]
    by_card, more = dollars["source_types"]["card"], dollars["source_types"].get("bank_account", 0) + 1_000
    assert by_card >= more
    status, error = line.refused("POST", "/v1/transfers", transfer(line, more, source_type="bank_account"))
    assert (status, error["code"]) == (400, "balance_insufficient")
    assert line.ok("POST", "/v1/transfers", transfer(line, 1_000))["source_type"] == "card"


@stripe("connect/account-capabilities#transfers")
def a_transfer_to_an_account_that_is_not_ready_is_refused(line: StripeLine) -> None:
    """An account without an active transfers capability is paid nothing."""
    line.funded(20_000)
    asked = {"type": "express", "country": "US", "capabilities": {n: {"requested": True} for n in ("card_payments", "transfers")}}
    account = line.ok("POST", "/v1/accounts", asked)["id"]
    line.later("DELETE", f"/v1/accounts/{account}")
    status, error = line.refused("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": account})
    assert (status, error["code"]) == (400, "insufficient_capabilities_for_transfer")


@stripe("error-codes#resource-missing")
def a_transfer_to_nobody_is_refused_by_its_destination(line: StripeLine) -> None:
    """A transfer to an account that is not there names its destination."""
    status, error = line.refused("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": "acct_nobody"})
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "destination")


@stripe("api/transfer_reversals/create", needs=DESTINATION)
def a_transfer_is_taken_back_in_parts_and_no_further(line: StripeLine) -> None:
    """A transfer is reversed in parts, never beyond what is left of it, and then says that it is reversed."""
    line.funded(20_000)
    sent = line.ok("POST", "/v1/transfers", transfer(line, 1_000))["id"]
    back = line.ok("POST", f"/v1/transfers/{sent}/reversals", {"amount": 400})
    assert (back["object"], back["amount"], back["transfer"]) == ("transfer_reversal", 400, sent)
    assert line.refused("POST", f"/v1/transfers/{sent}/reversals", {"amount": 601})[0] == 400
    line.ok("POST", f"/v1/transfers/{sent}/reversals")
    after = line.ok("GET", f"/v1/transfers/{sent}")
    assert (after["reversed"], after["amount_reversed"]) == (True, 1_000)
    assert line.refused("POST", f"/v1/transfers/{sent}/reversals")[0] == 400


@stripe("api/topups/create")
def a_top_up_is_on_its_way_and_can_be_called_back(line: StripeLine) -> None:
    """A top-up is pending at first, is found and listed, says when it is expected, and can be cancelled until then."""
    made = line.ok("POST", "/v1/topups", {"amount": 2_000, "currency": "usd", "description": "Contract", "metadata": {"top_up": "1"}})
    assert (made["object"], made["status"], made["amount"], made["metadata"]) == ("topup", "pending", 2_000, {"top_up": "1"})
    assert made["expected_availability_date"] is None or made["expected_availability_date"] > 0
    assert line.ok("GET", f"/v1/topups/{made['id']}")["id"] == made["id"]
    assert made["id"] in [each["id"] for each in line.ok("GET", "/v1/topups", {"created": {"gte": made["created"]}})["data"]]
    assert line.ok("POST", f"/v1/topups/{made['id']}/cancel")["status"] == "canceled"
    assert line.refused("POST", f"/v1/topups/{made['id']}/cancel")[0] == 400


@stripe("api/balance_transactions/object#balance_transaction_object-exchange_rate")
def a_payment_in_a_currency_without_a_bank_account_settles_converted(line: StripeLine) -> None:
    """A payment in a currency in which the platform has no bank account settles in its own, converted by the exchange rate that it says."""
    paid = line.ok("POST", "/v1/payment_intents", {**KRONER, "expand": ["latest_charge.balance_transaction"]})["latest_charge"]
    settled = paid["balance_transaction"]
    assert (paid["currency"], settled["currency"]) == ("nok", line.ok("GET", "/v1/account")["default_currency"])
    assert abs(settled["amount"] - KRONER["amount"] * settled["exchange_rate"]) <= 1
    assert settled["net"] == settled["amount"] - settled["fee"]


@stripe("currencies/disputes-refunds")
def a_refund_of_what_was_converted_is_converted_as_well(line: StripeLine) -> None:
    """A refund of a converted payment is taken from the currency that it settled in, by an exchange rate of its own."""
    line.funded(20_000)
    paid = line.ok("POST", "/v1/payment_intents", {**KRONER, "expand": ["latest_charge.balance_transaction"]})
    refund = line.ok("POST", "/v1/refunds", {"payment_intent": paid["id"]})["id"]
    asked = {"expand": ["balance_transaction"]}
    taken = line.until(lambda: line.ok("GET", f"/v1/refunds/{refund}", asked)["balance_transaction"])
    assert (taken["type"], taken["currency"]) == ("refund", paid["latest_charge"]["balance_transaction"]["currency"])
    assert abs(taken["amount"] + KRONER["amount"] * taken["exchange_rate"]) <= 1
