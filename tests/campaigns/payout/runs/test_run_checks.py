"""Each invariant of payout runs is named when something breaks it, and only then."""

import pytest
from sqlalchemy import text

from tests.campaigns.payout.runs.bureau import all_is_well, close, quote, released, send
from tests.treasury import Treasury
from workers.transactions import unit_of_work

BREAKS = {
    "update payout set amount = amount + 1": {"payouts_are_booked", "what_was_sent_arrives"},
    "update payout set state = 'ready', transfer_id = null": {
        "clearing_is_open_payouts", "payouts_are_booked", "closed_runs_are_done", "what_was_sent_arrives",
    },
    "delete from payout_run_approval where person_id = (select min(person_id::text)::uuid from payout_run_approval)": {"released_by_two"},
    "update payout_run_approval set person_id = (select person_id from payout) "
    "where person_id = (select min(person_id::text)::uuid from payout_run_approval)": {"nobody_releases_their_own"},
    "update payout_run set released_at = null, generation = 0": {"only_released_runs_are_sent"},
    "delete from payout": {"reservations_have_payouts", "what_was_sent_arrives"},
}  # fmt: skip


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_is_named(treasury: Treasury, broken: str) -> None:
    treasury.payee()
    run_id = released(treasury)
    send(run_id)
    assert (close(run_id), all_is_well()) == (True, [])
    with unit_of_work() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(broken))
    assert set(all_is_well()) == BREAKS[broken]


def test_money_reserved_for_no_payout_is_named(treasury: Treasury) -> None:
    treasury.payee()
    quote()
    with unit_of_work() as session:
        session.execute(text("delete from payout"))
    assert all_is_well() == ["clearing_is_open_payouts", "reservations_have_payouts"]
