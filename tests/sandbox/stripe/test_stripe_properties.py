"""What holds for any request and any course of things."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from stripe._encode import _api_encode

from campaigns.core.clock import process_now
from sandbox.stripe.limiter import BucketLimiter
from sandbox.stripe.money import FEES
from sandbox.stripe.wire import parsed
from tests.sandbox.stripe.stage import Simulator, empty, running

LEAVES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=8
    ),
)
STEPS = st.lists(st.tuples(st.sampled_from(["fund", "transfer", "reverse", "refund"]), st.integers(1, 20_000)), max_size=12)


def depth(node: Any) -> int:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + max(map(depth, children), default=-1)


@given(TREES.filter(lambda tree: depth(tree) <= 6))
def test_what_stripes_own_client_encodes_is_read_back(tree: dict[str, Any]) -> None:
    assert parsed(urlencode(list(_api_encode(tree)))) == tree


@given(st.integers(1, 99_999_999))
def test_a_fee_is_the_published_share_rounded_half_up_and_the_fixed_part(amount: int) -> None:
    def share(percent: str) -> int:
        return int((Decimal(amount) * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP))

    assert (FEES["card"].on(amount), FEES["customer_balance"].on(amount)) == (share("2.9") + 30, share("0.5"))


@pytest.fixture
def unlimited(sandbox_engine: Engine) -> Iterator[Simulator]:
    with running(sandbox_engine, BucketLimiter(process_now, 1e9, 1e9)) as simulator:
        yield simulator


def test_whatever_is_done_each_balance_is_the_sum_of_its_movements_and_nobody_is_overdrawn(unlimited: Simulator) -> None:
    @settings(max_examples=20, deadline=None)
    @given(STEPS)
    def holds(steps: list[tuple[str, int]]) -> None:
        empty(unlimited.engine)
        artist = unlimited.payable()
        for step, amount in steps:
            attempt(unlimited, artist, step, amount)
        for account in (None, artist):
            options: stripe.RequestOptions = {"stripe_account": account} if account else {}
            booked = unlimited.client.v1.balance_transactions.list({"limit": 100}, options).data
            available, pending = unlimited.balance(account=account)
            assert (available + pending, available >= 0) == (sum(each.net for each in booked), True)

    holds()


def attempt(simulator: Simulator, artist: str, step: str, amount: int) -> None:
    """Do one thing, on the newest object that it can be done to; a refusal is an outcome too."""
    client = simulator.client.v1
    sent, paid = client.transfers.list({"limit": 1}).data, client.charges.list({"limit": 1}).data
    try:
        if step == "fund":
            simulator.fund(amount + 50)
        elif step == "transfer":
            simulator.transfer(artist, amount)
        elif step == "reverse" and sent:
            client.transfers.reversals.create(sent[0].id, {"amount": amount})
        elif step == "refund" and paid:
            client.refunds.create({"charge": paid[0].id, "amount": amount})
    except stripe.InvalidRequestError:
        return
