"""Connected accounts: what arrives there, what their banks are paid, where no money goes, and what becomes of those below zero."""

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine
from tests.contract.sides import ABROAD, DESTINATION, PAID_OUT

TRANSACTIONS, SOURCE = "/v1/balance_transactions", {"expand": ["data.source"]}
NO_BANK = "No request makes a bank send back what it was paid, and a payout takes days."
NOT_HERE = "No request of ours takes more from an account than it has: only refunds and chargebacks of its own payments do."


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


@stripe("payouts#payout-failures", only_here=NO_BANK)
def what_a_bank_sends_back_is_on_the_account_again(line: StripeLine) -> None:
    """A payout that fails, if need be after it was paid, names why and the movement that brings its amount back; its bank is out of use."""
    account = line.paid_out_account()
    (payout,) = line.ok("GET", "/v1/payouts", {"limit": 1}, Stripe_Account=account)["data"]
    line.send_back(payout["id"])  # type: ignore[attr-defined]
    failed = line.ok("GET", f"/v1/payouts/{payout['id']}", Stripe_Account=account)
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    back = line.ok("GET", f"{TRANSACTIONS}/{failed['failure_balance_transaction']}", Stripe_Account=account)
    assert (back["type"], back["net"], back["source"]) == ("payout_failure", payout["amount"], payout["id"])
    shown = line.ok("GET", f"/v1/accounts/{account}")
    assert [bank["status"] for bank in shown["external_accounts"]["data"]] == ["errored"]
    assert (shown["payouts_enabled"], shown["requirements"]["currently_due"]) == (False, ["external_account"])


@stripe("connect/account-capabilities#cross-border-transfers", needs=ABROAD)
def a_transfer_to_a_country_that_money_does_not_reach_is_refused(line: StripeLine) -> None:
    """A transfer to an account under the full agreement in a country outside the platform's region is refused, though it can be paid."""
    account = line.payable_by_others()
    line.funded(20_000)
    status, error = line.refused("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": account})
    assert (status, error["type"], "accounts located in" in error["message"]) == (400, "invalid_request_error", True)


def kept_back(line: StripeLine) -> int:
    """What is kept back of the platform's dollars."""
    return sum(each["amount"] for each in line.ok("GET", "/v1/balance").get("connect_reserved", []) if each["currency"] == "usd")


def moved(line: StripeLine, kind: str, **headers: str) -> list[tuple[int, int, str, str]]:
    """Amount, fee, category and kind of source of the movements of a type, newest first."""
    listed = line.ok("GET", TRANSACTIONS, {"type": kind, **SOURCE}, **headers)["data"]
    return [(each["amount"], each["fee"], each["reporting_category"], each["source"]["object"]) for each in listed]


@stripe("connect/account-balances#understanding-connected-reserve-balances", only_here=NOT_HERE)
def what_an_account_is_short_of_is_kept_back_of_the_platforms_balance(line: StripeLine) -> None:
    """While an account is below zero, as much is kept back as connect_reserved by a reserve_transaction, and given free as it rises."""
    account, named = line.payable(), ("connect_reserved_funds", "reserve_transaction")
    line.funded(20_000)
    line.take_from(account, 3_000)  # type: ignore[attr-defined]
    assert (kept_back(line), moved(line, "reserve_transaction")) == (3_000, [(-3_000, 0, *named)])
    line.ok("POST", "/v1/transfers", {"amount": 1_000, "currency": "usd", "destination": account})
    assert (kept_back(line), moved(line, "reserve_transaction")) == (2_000, [(1_000, 0, *named), (-3_000, 0, *named)])
    (dollars,) = line.ok("GET", "/v1/balance", Stripe_Account=account)["available"]
    assert (dollars["currency"], dollars["amount"]) == ("usd", -2_000)


@stripe("connect/account-balances#understanding-connected-reserve-balances", only_here=NOT_HERE)
def what_an_account_is_short_of_for_180_days_is_taken_from_the_platform(line: StripeLine) -> None:
    """An account that is below zero for 180 days is brought to zero by a connect_collection_transfer, and nothing is kept back for it."""
    account, kind = line.payable(), "connect_collection_transfer"
    line.funded(20_000)
    line.take_from(account, 3_000)  # type: ignore[attr-defined]
    line.let_pass(180)  # type: ignore[attr-defined]
    assert (kept_back(line), moved(line, kind)) == (0, [(-3_000, 0, kind, kind)])
    assert moved(line, kind, Stripe_Account=account) == [(3_000, 0, kind, kind)]
    (dollars,) = line.ok("GET", "/v1/balance", Stripe_Account=account)["available"]
    assert (dollars["currency"], dollars["amount"]) == ("usd", 0)
