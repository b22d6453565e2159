"""Kill fees, and what goes back to the brand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from campaigns import lifecycle
from campaigns.brief.budget import budget_of
from campaigns.brief.models import Brief, DeliverableSpec, Refund
from campaigns.brief.queries import written_brief
from campaigns.client_delivery.models import Verdict
from campaigns.core.campaign import tracks_of
from campaigns.core.ids import new_id
from campaigns.core.stages import Stage
from campaigns.ledger import checks as ledger_checks
from campaigns.ledger.accounts import fee_income, held, payee
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import balance
from campaigns.payout import checks
from campaigns.payout.cancellation import from_reserve, kill_fee
from campaigns.payout.errors import PaymentBeingSent
from campaigns.payout.models import KillFee, KillFeeLine
from campaigns.payout.split import from_canonical, inputs_hash, split
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    STORY,
    TALE,
    assessed,
    collaborating,
    computed,
    cut,
    decided,
    in_delivery,
    in_payout,
    made_final,
    make_staff,
    posted,
    proposed,
    told,
)
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import filled_brief

WHY = "The brand has stopped the line."


def cancelled(session, shared, *, at=AT):
    lifecycle.cancel(session, shared.made.id, WHY, by=shared.manager, at=at)
    session.flush()


def fees(session):
    return [(fee.bps, fee.amount, fee.from_reserve) for fee in session.scalars(select(KillFee).order_by(KillFee.amount))]


def on_account(session, *people):
    return [balance(session, payee(who.person, "USD")) for who in people]


def refunded(session, shared):
    return session.scalars(select(Refund.amount).where(Refund.campaign_id == shared.made.id)).all()


def all_is_well(session):
    return [b.invariant.name for b in ledger_checks.broken(session, (*ledger_checks.INVARIANTS, *checks.INVARIANTS))]


def total(session, shared):
    return written_brief(session, shared.made.id).budget.total


def test_before_client_delivery_nothing_is_owed_and_everything_goes_back(session):
    shared = collaborating(session)
    everything = total(session, shared)
    cancelled(session, shared)
    assert (fees(session), refunded(session, shared), balance(session, held(shared.made.id, "USD"))) == ([], [everything], 0)


def test_before_a_round_of_changes_the_chosen_works_makers_get_a_quarter_by_the_rule(session):
    shared = in_delivery(session)
    everything = total(session, shared)
    cancelled(session, shared)
    assert fees(session) == [(2_500, 250_000, 250_000)]
    assert on_account(session, shared.ben, shared.ana, shared.editor) == [175_000, 75_000, 0]
    assert (refunded(session, shared), balance(session, held(shared.made.id, "USD"))) == ([everything - 250_000], 0)
    (fact,) = told(session, "payout.kill_fees_posted")
    assert fact.facts == {"currency": "USD", "fees": {str(shared.track.id): 250_000}, "from_reserve": 250_000}
    assert all_is_well(session) == []


def test_with_a_version_its_components_and_its_makers_count(session):
    shared = in_delivery(session, assembly="0.1")
    cut(session, shared)
    cancelled(session, shared)
    assert (fees(session), on_account(session, shared.ben, shared.ana, shared.editor)) == (
        [(2_500, 250_000, 250_000)], [157_500, 67_500, 25_000],
    )  # fmt: skip


def test_after_a_round_of_changes_it_is_a_third(session):
    shared = in_delivery(session)
    decided(session, shared, cut(session, shared), Verdict.CHANGES)
    cancelled(session, shared)
    assert fees(session) == [(3_300, 330_000, 330_000)]


def test_from_the_approval_it_is_the_whole_price_the_reserve_first_and_the_held_price_then(session):
    shared = in_delivery(session)
    decided(session, shared, cut(session, shared))
    track = tracks_of(session, shared.made.id)[0]
    assert track.stage is Stage.CLIENT_DELIVERY
    everything = total(session, shared)
    cancelled(session, shared)  # the gate was open, so the deliverable has come to payout first
    assert (fees(session), sum(on_account(session, shared.ben, shared.ana))) == ([(10_000, 1_000_000, 330_000)], 1_000_000)
    assert (refunded(session, shared), balance(session, fee_income("USD"))) == ([everything - 1_000_000], 0)
    assert all_is_well(session) == []


def test_the_points_that_were_assessed_count(session):
    shared = in_payout(session)
    assessed(session, shared, points=7)
    cancelled(session, shared)
    ((kept,),) = session.execute(select(KillFee.inputs["components"]))
    assert kept == {str(shared.newer.id): 7}


def test_a_kill_fee_can_be_computed_again_from_its_frozen_inputs(session):
    shared = in_delivery(session)
    cancelled(session, shared)
    fee = session.scalars(select(KillFee)).one()
    frozen = from_canonical(fee.inputs)
    lines = {str(line.person_id): line.amount for line in session.scalars(select(KillFeeLine))}
    assert (inputs_hash(frozen), {line.person: line.amount for line in split(frozen).lines}) == (fee.inputs_hash, lines)


def test_where_all_are_staff_there_is_nobody_to_pay(session):
    shared = in_delivery(session)
    make_staff(session, shared, shared.ana, shared.ben)
    everything = total(session, shared)
    cancelled(session, shared)
    assert (fees(session), refunded(session, shared)) == ([], [everything])


def test_all_kill_fees_of_a_campaign_are_one_journal(session):
    shared = in_delivery(session, STORY, TALE)
    cut(session, shared)
    cancelled(session, shared)
    assert fees(session) == [(2_500, 125_000, 125_000), (2_500, 250_000, 250_000)]
    assert len(session.scalars(select(Journal).where(Journal.kind == "payout.kill_fee")).all()) == 1
    assert on_account(session, shared.ben, shared.ana) == [262_500, 112_500]


def test_what_is_final_stays_and_is_paid_as_proposed(session):
    shared, proposal = proposed(session, STORY, TALE)
    made_final(session, proposal)
    cancelled(session, shared, at=AFTER)
    assert proposal.posted_at == AFTER
    assert [fee.track_id == shared.track.id for fee in session.scalars(select(KillFee))] == [False]
    assert sum(on_account(session, shared.ben, shared.ana)) == 1_000_000 + TALE.price
    assert balance(session, held(shared.made.id, "USD")) == 0
    assert all_is_well(session) == []


def test_an_open_proposal_gives_way_to_the_kill_fee(session):
    shared, proposal = proposed(session)
    cancelled(session, shared)
    assert (fees(session), proposal.posted_at) == ([(10_000, 1_000_000, 330_000)], None)


def _item(session, person, state):
    """A payment to this person that stands in `state`."""
    run = new_id()
    session.execute(
        text("insert into payout_run (id, currency, route, sequence, state, quoted_at, generation, released_at) "
             "values (:run, 'USD', 'stripe_connect', 'x', 'released', now(), 1, now())"), {"run": run},
    )  # fmt: skip
    session.execute(
        text("insert into payout_item (id, run_id, person_id, currency, amount, destination, transfer_group, state, attempt, tries, "
             "server_errors, first_sent_at) values (:id, :run, :person, 'USD', 1, 'acct', 'g', :state, 1, 0, 0, now())"),
        {"id": new_id(), "run": run, "person": person, "state": state},
    )  # fmt: skip


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_cancel_is_refused_while_a_payment_of_the_campaign_is_being_sent(session, state):
    shared, proposal = proposed(session, STORY, TALE)
    posted(session, proposal)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    _item(session, shared.ben.person, state)
    refused = refusal_of(session, lambda: cancelled(session, shared, at=AFTER))
    assert (type(refused), refused.status, shared.made.campaign.cancelled_at) == (PaymentBeingSent, 409, None)


def test_a_payment_to_someone_else_does_not_stand_in_the_way(session):
    shared, proposal = proposed(session, STORY, TALE)
    posted(session, proposal)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    _item(session, shared.left_out.person, "sending")
    cancelled(session, shared, at=AFTER)
    assert shared.made.campaign.cancelled_at == AFTER


def test_a_campaign_that_was_never_launched_owes_nothing(session):
    made = filled_brief(session)
    lifecycle.cancel(session, made.id, WHY, by=made.manager, at=AT)
    assert (fees(session), session.scalars(select(Refund)).all()) == ([], [])


def test_a_paused_campaign_may_be_cancelled(session):
    shared = in_delivery(session)
    lifecycle.pause(session, shared.made.id, WHY, by=shared.manager, at=AT)
    cancelled(session, shared, at=AT + timedelta(days=1))
    assert fees(session) == [(2_500, 250_000, 250_000)]


def test_what_was_computed_stays_readable_after_a_cancel(session):
    shared = in_payout(session)
    assessed(session, shared)
    proposal = computed(session, shared.track)
    cancelled(session, shared)
    session.refresh(proposal)
    assert (proposal.number, proposal.posted_at) == (1, None)


bps = st.integers(0, 10_000)
prices = st.lists(st.integers(1, 10**12), min_size=1, max_size=8)


@given(price=st.integers(1, 10**12), fraction=bps)
def test_a_kill_fee_is_never_more_than_its_fraction_and_less_than_a_unit_below_it(price, fraction):
    assert 0 <= price * fraction - kill_fee(price, fraction) * 10_000 < 10_000
    assert kill_fee(price, 10_000) == price


@given(prices=prices, fraction=bps, reserve=st.integers(0, 10**13))
def test_the_reserve_is_used_up_before_the_price(prices, fraction, reserve):
    amounts = [kill_fee(price, fraction) for price in prices]
    covered = from_reserve(amounts, reserve)
    assert all(0 <= part <= amount for part, amount in zip(covered, amounts, strict=True))
    assert sum(covered) == min(reserve, sum(amounts))


@given(prices=prices, fraction=bps)
def test_a_reserve_of_the_same_fraction_covers_every_kill_fee(prices, fraction):
    brief = Brief(fee_bps=0, reserve_bps=fraction, currency="USD")
    budget = budget_of(brief, [DeliverableSpec(track_id=new_id(), price=price) for price in prices])
    assert sum(kill_fee(price, fraction) for price in prices) <= budget.reserve
