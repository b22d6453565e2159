"""Transfers and their reversals, and the balances that they move."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Unpack

import pytest
import stripe
from stripe.params import TransferListParams

from tests.sandbox.stripe.stage import Simulator

FUNDED = 100_000 - 2_930


def refusal(error: pytest.ExceptionInfo[stripe.StripeError]) -> tuple[int | None, str | None]:
    return error.value.http_status, error.value.error.code if error.value.error else None


def test_a_transfer_moves_money_from_the_platform_to_the_account(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    sent = simulator.transfer(artist, 1_234, transfer_group="run_7", metadata={"payout_item": "981"}, description="Run 7")
    assert (sent.amount, sent.destination, sent.transfer_group, sent.metadata.to_dict()) == (1_234, artist, "run_7", {"payout_item": "981"})
    assert simulator.client.v1.transfers.retrieve(sent.id) == sent
    assert simulator.balance() == (FUNDED - 1_234, 0)
    assert simulator.balance(account=artist) == (1_234, 0)


def test_an_account_that_has_not_been_onboarded_cannot_be_paid(simulator: Simulator) -> None:
    simulator.fund(100_000)
    account = simulator.account().id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.transfer(account, 1_000)
    assert refusal(refused) == (400, "insufficient_capabilities_for_transfer")
    assert simulator.client.v1.transfers.list().data == []
    assert simulator.balance() == (FUNDED, 0)


def test_a_transfer_beyond_the_available_balance_is_refused(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.transfer(artist, FUNDED + 1)
    assert refusal(refused) == (400, "balance_insufficient")
    assert simulator.client.v1.transfers.list().data == []
    assert simulator.balance() == (FUNDED, 0)


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"destination": "acct_nobody"}, "destination", "resource_missing"),
        ({"currency": "xyz"}, "currency", None),
        ({"amount": 0}, "amount", "parameter_invalid_integer"),
        ({"amount": -5}, "amount", "parameter_invalid_integer"),
        ({"amount": 100_000_000}, "amount", "amount_too_large"),
        ({"source_transaction": "ch_none"}, "source_transaction", "resource_missing"),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused_and_named(
    simulator: Simulator, change: dict[str, object], param: str, code: str | None
) -> None:
    simulator.fund(100_000)
    asked: Any = {"amount": 1_000, "currency": "usd", "destination": simulator.payable(), **change}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.client.v1.transfers.create(asked)
    assert (*refusal(refused), refused.value.param) == (400, code, param)
    assert simulator.balance() == (FUNDED, 0)


def test_concurrent_transfers_never_overdraw_the_balance(simulator: Simulator) -> None:
    simulator.fund(10_320)  # 9,991 after the fee: three times 3,000
    artist = simulator.payable()

    def send(_: int) -> str:
        try:
            return simulator.transfer(artist, 3_000).object
        except stripe.InvalidRequestError as refused:
            return str(refused.code)

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(send, range(8)))
    assert outcomes == ["balance_insufficient"] * 5 + ["transfer"] * 3
    assert simulator.balance() == (991, 0)


def test_transfers_are_listed_newest_first_by_group_destination_and_time(simulator: Simulator) -> None:
    simulator.fund(100_000)
    one, other = simulator.payable(), simulator.payable()
    sent = [simulator.transfer(artist, 100 + n, transfer_group=f"run_{n % 2}").id for n, artist in enumerate([one, other, one, one])]
    simulator.pass_time(timedelta(hours=1))
    late = simulator.transfer(one, 200, transfer_group="run_0")
    transfers = simulator.client.v1.transfers

    def ids(**query: Unpack[TransferListParams]) -> list[str]:
        return [each.id for each in transfers.list(query).data]

    assert ids() == [late.id, *sent[::-1]]
    assert ids(transfer_group="run_0") == [late.id, sent[2], sent[0]]
    assert ids(destination=other) == [sent[1]]
    assert ids(created={"gte": late.created}) == [late.id]
    assert ids(created={"lt": late.created}, transfer_group="run_1") == [sent[3], sent[1]]
    assert ids(created=late.created) == [late.id]
    assert ids(limit=2) == [late.id, sent[3]]
    assert ids(limit=2, starting_after=sent[3]) == [sent[2], sent[1]]
    assert ids(limit=2, ending_before=sent[1]) == [sent[3], sent[2]]
    assert transfers.list({"limit": 4, "starting_after": late.id}).has_more is False
    assert [each.id for each in transfers.list({"limit": 2}).auto_paging_iter()] == [late.id, *sent[::-1]]


def test_a_page_past_the_limit_or_after_nothing_is_refused(simulator: Simulator) -> None:
    wrong: tuple[tuple[TransferListParams, str], ...] = (
        ({"limit": 101}, "limit"), ({"limit": 0}, "limit"), ({"starting_after": "tr_none"}, "starting_after"),
    )  # fmt: skip
    for query, param in wrong:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            simulator.client.v1.transfers.list(query)
        assert (refused.value.http_status, refused.value.param) == (400, param)


def test_metadata_is_merged_and_an_empty_value_takes_its_key_away(simulator: Simulator) -> None:
    simulator.fund(100_000)
    sent = simulator.transfer(simulator.payable(), 100, metadata={"item": "1", "run": "7"})
    changed = simulator.client.v1.transfers.update(sent.id, {"metadata": {"run": "", "seen": "yes"}, "description": "Seen"})
    assert (changed.metadata.to_dict(), changed.description) == ({"item": "1", "seen": "yes"}, "Seen")
    assert simulator.client.v1.transfers.update(sent.id, {"metadata": ""}).metadata.to_dict() == {}


def test_a_reversal_takes_a_part_back_and_then_the_rest(simulator: Simulator) -> None:
    simulator.fund(100_000)
    artist = simulator.payable()
    sent = simulator.transfer(artist, 1_000)
    reversals = simulator.client.v1.transfers.reversals
    part = reversals.create(sent.id, {"amount": 300, "metadata": {"why": "twice"}})
    rest = reversals.create(sent.id)
    after = simulator.client.v1.transfers.retrieve(sent.id)
    assert (part.amount, rest.amount, after.amount_reversed, after.reversed) == (300, 700, 1_000, True)
    assert [each.id for each in after.reversals.data] == [each.id for each in reversals.list(sent.id).data] == [rest.id, part.id]
    assert reversals.retrieve(sent.id, part.id) == part
    assert (simulator.balance(), simulator.balance(account=artist)) == ((FUNDED, 0), (0, 0))
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        reversals.create(sent.id)


def test_a_reversal_beyond_the_transfer_is_refused(simulator: Simulator) -> None:
    simulator.fund(100_000)
    sent = simulator.transfer(simulator.payable(), 1_000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed amount"):
        simulator.client.v1.transfers.reversals.create(sent.id, {"amount": 1_001})
    assert simulator.client.v1.transfers.retrieve(sent.id) == sent


def test_a_transfer_from_a_charge_succeeds_at_once_and_moves_when_the_charge_settles(simulator: Simulator) -> None:
    paid = simulator.client.v1.payment_intents.create(
        {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "transfer_group": "campaign_3"}
    )
    artist = simulator.payable()
    sent = simulator.transfer(artist, 9_000, source_transaction=paid.latest_charge)
    assert sent.transfer_group == "campaign_3"
    assert simulator.balance() == (0, 10_000 - 320 - 9_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.transfer(artist, 1_001, source_transaction=paid.latest_charge)
    assert refusal(refused) == (400, "balance_insufficient")
    simulator.pass_time(timedelta(days=2))
    assert simulator.balance() == (680, 0)
