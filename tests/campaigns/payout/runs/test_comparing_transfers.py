"""The provider's transfers beside our payments: which of them are differences, and of what kind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.ledger.accounts import Entry, bank, held, stripe_available
from campaigns.ledger.actions import post
from campaigns.payments.balance_gateway import ProviderBalance
from campaigns.payments.money_out import Transfer
from campaigns.payout.reconciliations.queries import adoption_of, compare_balance, compare_transfers
from campaigns.payout.runs.models import Payout, PayoutRun
from tests.factories import person

RELEASED = datetime(2026, 11, 24, 9, tzinfo=UTC)
SETTLED, END = RELEASED + timedelta(hours=1), RELEASED + timedelta(hours=2)
OPEN = ("ready", "sending", "unknown")


@pytest.fixture
def item(session: Session) -> Payout:
    """A payment of 5,000 cents that was made."""
    run = PayoutRun(currency="USD", route="stripe_connect", sequence="one", quoted_at=RELEASED, released_at=RELEASED, generation=1)
    session.add(run)
    session.flush()
    made = Payout(
        run_id=run.id, person_id=person(session).person, currency="USD", amount=5_000, destination="acct_1",
        transfer_group="group", state="sent", transfer_id="tr_1", first_sent_at=RELEASED, settled_at=SETTLED,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def theirs(item: Payout, **other: Any) -> Transfer:
    """The transfer as the payout orders it, but for this."""
    told: dict[str, Any] = {
        "id": "tr_1",
        "amount": 5_000,
        "currency": "USD",
        "destination": "acct_1",
        "metadata": {"payout_item": str(item.id)},
    }
    return Transfer(**(told | {"group": "group", "created_at": RELEASED} | other))


def found(session: Session, *transfers: Transfer, begin: datetime = RELEASED, end: datetime = END) -> list[tuple[str, str, int]]:
    return [(each.kind, each.subject, each.amount) for each in compare_transfers(session, transfers, begin, end)]


def test_a_transfer_as_it_was_ordered_is_no_difference_and_any_other_is(session: Session, item: Payout) -> None:
    told = {
        name: found(session, theirs(item, **{name: value}))
        for name, value in {
            "group": "group", "amount": 5_001, "currency": "EUR", "destination": "acct_2", "reversed_amount": 1, "metadata": {},
        }.items()
    }  # fmt: skip
    assert told == {
        "group": [],
        "amount": [("amount_differs", "tr_1", 5_001)],
        "currency": [("amount_differs", "tr_1", 5_000)],
        "destination": [("amount_differs", "tr_1", 5_000)],
        "reversed_amount": [("amount_differs", "tr_1", 4_999)],
        "metadata": [("foreign", "tr_1", 5_000)],
    }


@pytest.mark.parametrize("state", OPEN)
def test_a_transfer_for_a_payment_that_is_not_settled_is_left_to_its_run(session: Session, item: Payout, state: str) -> None:
    item.state, item.transfer_id, item.settled_at = state, None, None
    session.flush()
    assert found(session, theirs(item), theirs(item, id="tr_2", amount=1)) == []


@pytest.mark.parametrize(("state", "is_explained"), [("ready", False), ("sending", True), ("unknown", True)])
def test_money_that_is_gone_from_the_balance_is_explained_by_transfers_whose_fate_is_not_known(
    session: Session, item: Payout, state: str, is_explained: bool
) -> None:
    item.state, item.transfer_id, item.settled_at = state, None, None
    post(session, "test.paid", "paid", [Entry(stripe_available("USD"), held(new_id(), "USD"), 5_000)], at=RELEASED)
    told = [[each.amount for each in compare_balance(session, {"USD": ProviderBalance(left, 0)})] for left in (5_001, 5_000, 0)]
    assert told == [[-1], [], [] if is_explained else [5_000]]
    assert [each.amount for each in compare_balance(session, {"USD": ProviderBalance(-1, 0)})] == [5_001]


def test_what_came_back_whole_is_returned_where_it_is_the_payments_own_and_still_counts_as_paid(session: Session, item: Payout) -> None:
    own, second = theirs(item, reversed_amount=5_000), theirs(item, id="tr_2", reversed_amount=5_000)
    assert found(session, own, second) == [("returned", "tr_1", 5_000)]
    item.state = "returned"
    session.flush()
    assert found(session, own, second) == []


def test_a_transfer_that_names_a_payment_which_nobody_knows_is_lost_until_it_is_adopted(session: Session, item: Payout) -> None:
    lost = theirs(item, id="tr_2", metadata={"payout_item": str(new_id())})
    assert found(session, theirs(item), lost) == [("lost", "tr_2", 5_000)]
    post(session, "payout.adopted", adoption_of(lost), [Entry(bank("USD"), held(new_id(), "USD"), 5_000)], at=RELEASED)
    assert found(session, theirs(item), lost) == []


def test_a_payment_is_missing_where_it_was_made_in_the_time_that_is_looked_at_and_still_counts_as_paid(
    session: Session, item: Payout
) -> None:
    missing, instant = [("missing", "tr_1", 5_000)], timedelta(microseconds=1)
    assert (found(session), found(session, begin=RELEASED + instant)) == (missing, [])
    assert (found(session, end=SETTLED), found(session, end=SETTLED + instant)) == ([], missing)
    session.execute(text("update payout set state = 'returned'"))
    assert found(session) == []
