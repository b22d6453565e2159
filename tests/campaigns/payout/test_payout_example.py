"""The example of a pay rule adds up to the price, for every rule and price."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.payout.split import WHOLE, PayRule
from campaigns.payout.split.example import ExampleLine, worked_example


def test_the_example_says_who_gets_what_of_the_price() -> None:
    assert worked_example(PayRule(1_000, 3_000, 1_000), 3_000_000, "USD") == [
        ExampleLine("The editor", 300_000),
        ExampleLine("The maker of a contribution with 3 points", 1_620_000),
        ExampleLine("The maker of a remix with 2 points", 648_000),
        ExampleLine("The maker of the contribution that the remix contains", 324_000),
        ExampleLine("The maker of the contribution that influenced the remix", 108_000),
    ]


def test_whoever_gets_nothing_by_the_rule_is_left_out() -> None:
    assert [line.amount for line in worked_example(PayRule(), 3_000_001, "USD")] == [1_800_001, 1_200_000]


@given(
    assembly=st.integers(0, WHOLE - 1),
    contains=st.integers(0, WHOLE // 2),
    influenced_by=st.integers(0, WHOLE // 2 - 1),
    price=st.integers(1, 10**12),
    staff=st.frozensets(st.just("editor")),
)
def test_the_lines_are_the_price_to_the_last_unit(
    assembly: int, contains: int, influenced_by: int, price: int, staff: frozenset[str]
) -> None:
    lines = worked_example(PayRule(assembly, contains, influenced_by, staff), price, "USD")
    assert (sum(line.amount for line in lines), min(line.amount for line in lines) > 0) == (price, True)
