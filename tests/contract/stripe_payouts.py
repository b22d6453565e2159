"""Connected accounts: what arrives there, what their banks are paid, and where no money goes."""

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine
from tests.contract.sides import ABROAD, DESTINATION, PAID_OUT

TRANSACTIONS, SOURCE = "/v1/balance_transactions", {"expand": ["data.source"]}


@stripe("api/transfers/object", needs=DESTINATION)
def a_transfer_arrives_as_a_payment_that_names_it(line: StripeLine) -> None:
    """A transfer is a payment on the account's side: its movement is listed there under destination_payment, and it names the transfer."""
    line.funded(20_000)
    sent = line.ok("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": line.payable()})
    asked = {"source": sent["destination_payment"], **SOURCE}
    (arrived,) = line.until(lambda: line.ok("GET", TRANSACTIONS, asked, Stripe_Account=sent["destination"])["data"])
    assert (arrived["type"], arrived["amount"], arrived["source"]["source_transfer"]) == ("payment", 1_000, sent["id"])


@stripe("payouts/reconciliation", needs=PAID_OUT)
def a_payout_is_listed_with_what_it_contains(line: StripeLine) -> None:
    """The transactions of an account's automatic payout are listed by its id: the payments, each of a transfer, and the payout itself."""
    account = line.paid_out_account()
    (payout,) = line.ok("GET", "/v1/payouts", {"limit": 1}, Stripe_Account=account)["data"]
    assert (payout["object"], payout["automatic"], payout["reconciliation_status"]) == ("payout", True, "completed")
    parts = line.ok("GET", TRANSACTIONS, {"payout": payout["id"], "limit": 100, **SOURCE}, Stripe_Account=account)["data"]
    assert [(each["source"]["id"], each["net"]) for each in parts if each["type"] == "payout"] == [(payout["id"], -payout["amount"])]
    assert {each["source"]["source_transfer"][:3] for each in parts if each["type"] == "payment"} == {"tr_"}
    assert sum(each["net"] for each in parts) == 0


@stripe("connect/account-capabilities#cross-border-transfers", needs=ABROAD)
def a_transfer_to_a_country_that_money_does_not_reach_is_refused(line: StripeLine) -> None:
    """A transfer to an account under the full agreement in a country outside the platform's region is refused, though it can be paid."""
    account = line.payable_by_others()
    line.funded(20_000)
    status, error = line.refused("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": account})
    assert (status, error["type"], "accounts located in" in error["message"]) == (400, "invalid_request_error", True)
