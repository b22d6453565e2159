"""Connected accounts are paid out to their banks by the schedule, and some banks send it back."""

from datetime import timedelta

import httpx
import stripe

from tests.api.sandbox.stripe.stage import StandIn

DAY = timedelta(days=1)


def payouts(stand_in: StandIn, account: str) -> list[stripe.Payout]:
    """The account's payouts, oldest first."""
    return stand_in.client.v1.payouts.list({"limit": 100}, {"stripe_account": account}).data[::-1]


def contents(stand_in: StandIn, account: str, payout: str) -> list[tuple[str, int, object]]:
    """Type, amount and what it comes from of each transaction in a payout, oldest first."""
    asked = {"payout": payout, "limit": 100, "expand": ["data.source"]}
    found = stand_in.client.v1.balance_transactions.list(asked, {"stripe_account": account}).data[::-1]
    return [(each.type, each.amount, getattr(each.source, "source_transfer", None) or each.source.id) for each in found]


def wait(stand_in: StandIn, *spans: timedelta) -> None:
    for span in spans:
        stand_in.pass_time(span)
        stand_in.settle()


def test_what_is_on_an_account_at_midnight_is_at_its_bank_two_days_later(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist = stand_in.payable()
    sent = [stand_in.transfer(artist, amount).id for amount in (5_000, 300)]
    stand_in.settle()
    assert payouts(stand_in, artist) == []
    wait(stand_in, DAY)
    (payout,) = payouts(stand_in, artist)
    assert (payout.amount, payout.status, payout.automatic, stand_in.balance(account=artist)) == (5_300, "pending", True, (0, 0))
    parts = contents(stand_in, artist, payout.id)
    assert parts == [("payment", 5_000, sent[0]), ("payment", 300, sent[1]), ("payout", -5_300, payout.id)]
    wait(stand_in, DAY / 12)
    assert payouts(stand_in, artist)[0].status == "in_transit"
    wait(stand_in, 2 * DAY)
    assert payouts(stand_in, artist)[0].status == "paid"
    named = [each for each in stand_in.happened(artist) if each.startswith("payout.")]
    assert named == ["payout.created", "payout.reconciliation_completed", "payout.updated", "payout.paid"]
    assert [each for each in stand_in.happened() if each.startswith("payout.")] == []


def test_what_a_bank_sends_back_is_on_the_account_again_and_waits_for_another_bank_account(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist = stand_in.payable()
    sent = stand_in.transfer(artist, 5_000).id
    wait(stand_in, DAY, DAY / 12, 2 * DAY)
    (first,) = payouts(stand_in, artist)
    assert first.status == "paid"
    assert f"{artist}: paid" in httpx.get(f"{stand_in.url}/sandbox/payouts").text
    assert httpx.post(f"{stand_in.url}/sandbox/payouts", data={"payout": first.id}).status_code == 303
    (failed,) = payouts(stand_in, artist)
    assert (failed.status, failed.failure_code, stand_in.balance(account=artist)) == ("failed", "account_closed", (5_000, 0))
    assert failed.failure_balance_transaction
    account = stand_in.client.v1.accounts.retrieve(artist)
    assert account.external_accounts
    assert account.requirements
    banks = [each.status for each in account.external_accounts.data]
    assert (account.payouts_enabled, banks, account.requirements.currently_due) == (False, ["errored"], ["external_account"])
    assert stand_in.happened(artist)[-3:] == ["payout.failed", "account.external_account.updated", "account.updated"]
    wait(stand_in, 3 * DAY)
    assert len(payouts(stand_in, artist)) == 1
    stand_in.submit(artist)
    assert stand_in.client.v1.accounts.retrieve(artist).payouts_enabled
    wait(stand_in, DAY, DAY / 12, 2 * DAY)
    _failed, second = payouts(stand_in, artist)
    assert (second.status, second.amount) == ("paid", 5_000)
    assert contents(stand_in, artist, second.id) == [("payout_failure", 5_000, first.id), ("payout", -5_000, second.id)]
    assert contents(stand_in, artist, first.id) == [("payment", 5_000, sent), ("payout", -5_000, first.id)]
    again = httpx.post(f"{stand_in.url}/sandbox/payouts", data={"payout": first.id})
    assert (again.status_code, "is failed already" in again.text) == (400, True)
    assert httpx.post(f"{stand_in.url}/sandbox/payouts", data={"payout": "po_nothing"}).status_code == 400


def test_a_bank_account_of_stripes_that_refuses_fails_the_payout(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist = stand_in.payable()
    stand_in.submit(artist, "refusing")
    stand_in.transfer(artist, 5_000)
    wait(stand_in, DAY, DAY / 12, 2 * DAY)
    (payout,) = payouts(stand_in, artist)
    assert (payout.status, payout.failure_code) == ("failed", "no_account")


def test_a_recipient_has_what_was_transferred_a_day_later(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist = stand_in.payable("KE", agreement="recipient")
    stand_in.transfer(artist, 5_000)
    assert stand_in.balance(account=artist) == (0, 5_000)
    wait(stand_in, DAY)
    assert stand_in.balance(account=artist) == (5_000, 0)
    wait(stand_in, DAY)
    assert [each.status for each in payouts(stand_in, artist)] == ["pending"]


def test_a_payout_is_shown_to_its_account_only(stand_in: StandIn) -> None:
    stand_in.fund(100_000)
    artist, other = stand_in.payable(), stand_in.payable()
    sent = stand_in.transfer(artist, 5_000)
    wait(stand_in, DAY)
    (payout,) = payouts(stand_in, artist)
    assert stand_in.client.v1.payouts.retrieve(payout.id, options={"stripe_account": artist}).id == payout.id
    asked = [stand_in.raw("GET", f"/v1/payouts/{payout.id}", **header).status_code for header in ({}, {"stripe_account": other})]
    assert (asked, payouts(stand_in, other), stand_in.client.v1.payouts.list().data) == ([404, 404], [], [])
    assert stand_in.raw("GET", f"/v1/charges/{sent.destination_payment}").status_code == 404
    listed = stand_in.client.v1.payouts.list(
        {"arrival_date": {"gte": payout.arrival_date}, "status": "pending"}, {"stripe_account": artist}
    )
    assert [each.id for each in listed.data] == [payout.id]
