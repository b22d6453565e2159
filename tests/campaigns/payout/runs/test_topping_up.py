"""A run that waits for money: finance draws it from the bank, and the run goes on when it is there."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from campaigns.core import outbox
from campaigns.core.errors import Forbidden, Invalid
from campaigns.core.events import Event
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.permissions import Role
from campaigns.payments.models import TopUp
from campaigns.payments.provider_errors import Unknown
from campaigns.payments.top_ups import ask_top_up, open_top_ups, top_ups, under_way
from campaigns.payout.runs.shortfalls import missing
from notifications.registry import NOTIFICATIONS
from tests.campaigns.payout.runs.bureau import all_is_well, close, due_now, released, run_state, send
from tests.campaigns.payout.runs.test_sending import send_until_paused
from tests.treasury import Treasury, now, told
from workers.gateways import by_stripe
from workers.payout.reconciliation import look_at_balance
from workers.provider.top_ups import look_at_top_up, make_top_up
from workers.transactions import unit_of_work


def lacking() -> int:
    with unit_of_work() as session:
        return missing(session, "USD")


def row() -> TopUp:
    with unit_of_work() as session:
        return session.scalars(select(TopUp)).one()


def test_a_run_that_lacks_money_goes_on_once_finance_has_topped_the_balance_up(treasury: Treasury) -> None:
    treasury.payee(999_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    send_until_paused(run_id)
    lacks = lacking()
    assert lacks == 999_000 - (1_000_000 - 29_030)
    with unit_of_work() as session:
        ask_top_up(session, "USD", lacks, by=finance, at=now())
    assert (lacking(), treasury.handle(OutboxKind.TOP_UP), row().state) == (0, 1, "pending")
    treasury.pass_time(timedelta(days=3))
    treasury.stripe.settle()
    look_at_balance(by_stripe(), "")
    look_at_top_up(by_stripe(), str(row().provider_id))
    assert (row().state, run_state(run_id)) == ("succeeded", ("released", 2))
    due_now(run_id)
    send(run_id, generation=2)
    assert (close(run_id), all_is_well()) == (True, [])
    assert [len(told(f"payout.top_up_{word}")) for word in ("asked", "pending", "succeeded")] == [1, 1, 1]


def test_a_top_up_whose_answer_was_lost_is_made_once_even_after_its_key_is_forgotten(treasury: Treasury) -> None:
    finance = treasury.person(role=Role.FINANCE)
    with unit_of_work() as session:
        asked = ask_top_up(session, "USD", 5_000, by=finance, at=now())
    claimed = outbox.Claimed(asked.id, OutboxKind.TOP_UP, str(asked.id), {"top_up": str(asked.id)}, 1)
    for days in (0, 2):
        treasury.pass_time(timedelta(days=days, seconds=1))
        treasury.line.faults.append(("/v1/topups", "lose the answer"))
        with pytest.raises(Unknown):
            make_top_up(by_stripe(), claimed)
        assert row().state == "promised"
    make_top_up(by_stripe(), claimed)
    make_top_up(by_stripe(), claimed)
    assert (len(treasury.stripe.client.v1.topups.list().data), row().state != "promised") == (1, True)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_top_up_that_our_bank_takes_back_is_neither_there_nor_coming_and_finance_is_told(treasury: Treasury, is_heard: bool) -> None:
    treasury.payee(999_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    send_until_paused(run_id)
    lacks = lacking()
    with unit_of_work() as session:
        ask_top_up(session, "USD", lacks, by=finance, at=now())
    treasury.handle(OutboxKind.TOP_UP)
    treasury.pass_time(timedelta(days=3))
    treasury.stripe.settle()
    if is_heard:
        look_at_top_up(by_stripe(), str(row().provider_id))
        assert row().state == "succeeded"
    httpx.post(f"{treasury.stripe.url}/sandbox/topups", data={"topup": row().provider_id})
    with unit_of_work() as session:
        assert open_top_ups(session) == [row().provider_id], "what no event tells of is looked at after an outage"
    look_at_top_up(by_stripe(), str(row().provider_id))
    look_at_balance(by_stripe(), "")
    assert (row().state, lacking(), coming(), all_is_well()) == ("reversed", lacks, {}, [])
    assert run_state(run_id) == ("paused", 1)
    assert len(told("payout.top_up_reversed")) == 1
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == "payout.top_up_reversed")).one()
        emails = [(each.to, each.path, each.params) for each in NOTIFICATIONS["left_open"].build(session, fact)]
        assert open_top_ups(session) == []
    about = {"what": "top_up_reversed", "reason": None, "amount": lacks, "currency": "USD"}
    assert (finance.person, "/runs", about) in emails


def coming() -> dict[str, int]:
    with unit_of_work() as session:
        return under_way(session)


def test_only_finance_draws_money_and_only_above_zero(treasury: Treasury) -> None:
    finance, manager = treasury.person(role=Role.FINANCE), treasury.person(role=Role.MANAGER)
    with pytest.raises(Forbidden), unit_of_work() as session:
        ask_top_up(session, "USD", 5_000, by=manager, at=now())
    with pytest.raises(Invalid), unit_of_work() as session:
        ask_top_up(session, "USD", 0, by=finance, at=now())
    with unit_of_work() as session:
        assert top_ups(session, by=finance) == []


def test_finance_is_written_to_when_a_run_pauses_for_want_of_money(treasury: Treasury) -> None:
    treasury.payee(999_000)
    run_id, finance = released(treasury), treasury.person(role=Role.FINANCE)
    send_until_paused(run_id)
    with unit_of_work() as session:
        fact = session.scalars(select(Event).where(Event.name == "payout.run_paused")).one()
        emails = list(NOTIFICATIONS["run_paused"].build(session, fact))
        assert finance.person in {email.to for email in emails}
        assert (emails[0].path, emails[0].params["is_short"], emails[0].params["missing"] > 0) == (f"/runs/{run_id}", True, True)
