"""Connected accounts are paid out to their banks by the schedule, and some banks send it back."""

from datetime import timedelta

import httpx
import stripe

from tests.sandbox.stripe.stage import Simulator, plain

DAY = timedelta(days=1)


def payouts(simulator: Simulator, account: str) -> list[stripe.Payout]:
    """The account's payouts, oldest first."""
    return simulator.client.v1.payouts.list({"limit": 100}, {"stripe_account": account}).data[::-1]


def contents(simulator: Simulator, account: str, payout: str) -> list[tuple[str, int, object]]:
    """Type, amount and what it comes from of each transaction in a payout, oldest first."""
    found = simulator.client.v1.balance_transactions.list(
        {"payout": payout, "limit": 100, "expand": ["data.source"]}, {"stripe_account": account}
    ).data[::-1]
    sources = [plain(each)["source"] for each in found]
    return [(each.type, each.amount, source.get("source_transfer") or source["id"]) for each, source in zip(found, sources, strict=True)]


def wait(simulator: Simulator, *spans: timedelta) -> None:
    for span in spans:
        simulator.pass_time(span)
        simulator.settle()


def test_what_is_on_an_account_at_midnight_is_at_its_bank_two_days_later(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    sent = [simulator.transfer(artist, amount).id for amount in (5_000, 300)]
    simulator.settle()
    assert payouts(simulator, artist) == []
    wait(simulator, DAY)
    (payout,) = payouts(simulator, artist)
    assert (payout.amount, payout.status, payout.automatic, simulator.balance(account=artist)) == (5_300, "pending", True, (0, 0))
    parts = contents(simulator, artist, payout.id)
    assert parts == [("payment", 5_000, sent[0]), ("payment", 300, sent[1]), ("payout", -5_300, payout.id)]
    wait(simulator, DAY / 12)
    assert payouts(simulator, artist)[0].status == "in_transit"
    wait(simulator, 2 * DAY)
    assert payouts(simulator, artist)[0].status == "paid"
    named = [each for each in simulator.happened(artist) if each.startswith("payout.")]
    assert named == ["payout.created", "payout.reconciliation_completed", "payout.updated", "payout.paid"]
    assert [each for each in simulator.happened() if each.startswith("payout.")] == []


def test_what_a_bank_sends_back_is_on_the_account_again_and_waits_for_another_bank_account(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    sent = simulator.transfer(artist, 5_000).id
    wait(simulator, DAY, DAY / 12, 2 * DAY)
    (first,) = payouts(simulator, artist)
    assert first.status == "paid"
    assert f"{artist}: paid" in httpx.get(f"{simulator.url}/sandbox/payouts").text
    assert httpx.post(f"{simulator.url}/sandbox/payouts", data={"payout": first.id}).status_code == 303
    (failed,) = payouts(simulator, artist)
    assert (failed.status, failed.failure_code, simulator.balance(account=artist)) == ("failed", "account_closed", (5_000, 0))
    assert failed.failure_balance_transaction
    account = simulator.client.v1.accounts.retrieve(artist)
    assert account.external_accounts
    assert account.requirements
    banks = [each.status for each in account.external_accounts.data]
    assert (account.payouts_enabled, banks, account.requirements.currently_due) == (False, ["errored"], ["external_account"])
    assert simulator.happened(artist)[-3:] == ["payout.failed", "account.external_account.updated", "account.updated"]
    wait(simulator, 3 * DAY)
    assert len(payouts(simulator, artist)) == 1
    simulator.submit(artist)
    assert simulator.client.v1.accounts.retrieve(artist).payouts_enabled
    wait(simulator, DAY, DAY / 12, 2 * DAY)
    _failed, second = payouts(simulator, artist)
    assert (second.status, second.amount) == ("paid", 5_000)
    assert contents(simulator, artist, second.id) == [("payout_failure", 5_000, first.id), ("payout", -5_000, second.id)]
    assert contents(simulator, artist, first.id) == [("payment", 5_000, sent), ("payout", -5_000, first.id)]
    again = httpx.post(f"{simulator.url}/sandbox/payouts", data={"payout": first.id})
    assert (again.status_code, "is failed already" in again.text) == (400, True)
    assert httpx.post(f"{simulator.url}/sandbox/payouts", data={"payout": "po_nothing"}).status_code == 400


def test_a_bank_account_of_stripes_that_refuses_fails_the_payout(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    simulator.submit(artist, "refusing")
    simulator.transfer(artist, 5_000)
    wait(simulator, DAY, DAY / 12, 2 * DAY)
    (payout,) = payouts(simulator, artist)
    assert (payout.status, payout.failure_code) == ("failed", "no_account")


def test_a_recipient_has_what_was_transferred_a_day_later(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable("KE", agreement="recipient")
    simulator.transfer(artist, 5_000)
    assert simulator.balance(account=artist) == (0, 5_000)
    wait(simulator, DAY)
    assert simulator.balance(account=artist) == (5_000, 0)
    wait(simulator, DAY)
    assert [each.status for each in payouts(simulator, artist)] == ["pending"]


def test_a_payout_is_shown_to_its_account_only(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist, other = simulator.payable(), simulator.payable()
    sent = simulator.transfer(artist, 5_000)
    wait(simulator, DAY)
    (payout,) = payouts(simulator, artist)
    assert simulator.client.v1.payouts.retrieve(payout.id, options={"stripe_account": artist}).id == payout.id
    ours, theirs = (
        simulator.raw("GET", f"/v1/payouts/{payout.id}"),
        simulator.raw("GET", f"/v1/payouts/{payout.id}", stripe_account=other),
    )
    asked = [ours.status_code, theirs.status_code]
    assert (asked, payouts(simulator, other), simulator.client.v1.payouts.list().data) == ([404, 404], [], [])
    assert simulator.raw("GET", f"/v1/charges/{sent.destination_payment}").status_code == 404
    listed = simulator.client.v1.payouts.list(
        {"arrival_date": {"gte": payout.arrival_date}, "status": "pending"}, {"stripe_account": artist}
    )
    assert [each.id for each in listed.data] == [payout.id]
