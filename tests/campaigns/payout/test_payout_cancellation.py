"""Kill fees, and what goes back to the brand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.brief.budgets import budget_of
from campaigns.brief.models import Brief, Refund
from campaigns.brief.queries import written_brief
from campaigns.client_delivery.models import Verdict, Version
from campaigns.client_delivery.versions.actions import approve_internally
from campaigns.collaboration.errors import ClaimsClosed
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.errors import Stale
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.ledger import checks as ledger_checks
from campaigns.ledger.accounts import fee_income, held, payee
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import balance
from campaigns.payout import checks
from campaigns.payout.earnings.queries import my_earnings
from campaigns.payout.errors import (
    CommentsUnanswered,
    GainsFromIt,
    OwnProposal,
    PaymentBeingSent,
    PointsFixed,
    ProposalClosed,
    WindowOpen,
)
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.kill_fees.queries import from_reserve, kill_fee
from campaigns.payout.models import Disposition, KillFee, ProposalState
from campaigns.payout.proposals.actions import WINDOW, dispose
from campaigns.payout.proposals.changes import changes
from campaigns.payout.proposals.explanations import open_line
from campaigns.payout.split import from_canonical, inputs_hash, split
from tests.called_off import call_off, confirm, kill_fee_proposals, paid_out, settle_what_is_due
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    STORY,
    TALE,
    Shared,
    amounts,
    assessed,
    collaborating,
    computed,
    confirmed,
    decided,
    in_delivery,
    in_payout,
    made_final,
    make_staff,
    posted,
    proposed,
    said_by,
    told,
    version,
    version_inside,
)
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import filled_brief, someone

WHY = "The brand has stopped the line."
CLOSED = (
    "The campaign was canceled on 12 December 2026, so this proposal is closed and pays nothing. "
    "If the brief grants a kill fee, it has its own proposal."
)


def cancelled(session: Session, shared: Shared, *, at: datetime = AT) -> None:
    call_off(session, shared.made.id, WHY, by=shared.manager, at=at)
    session.flush()


def settled(session: Session, shared: Shared, *, at: datetime = AT) -> None:
    cancelled(session, shared, at=at)
    paid_out(session, shared.made.id, at=at)


def fees(session: Session) -> list[tuple[int, int, int]]:
    return [(fee.bps, fee.amount, fee.from_reserve) for fee in session.scalars(select(KillFee).order_by(KillFee.amount))]


def on_account(session: Session, *people: Actor) -> list[int]:
    return [balance(session, payee(who.person, "USD")) for who in people]


def refunded(session: Session, shared: Shared) -> Sequence[int]:
    return session.scalars(select(Refund.amount).where(Refund.campaign_id == shared.made.id)).all()


def held_for(session: Session, shared: Shared) -> int:
    return balance(session, held(shared.made.id, "USD"))


def kept_fee(session: Session) -> int:
    return balance(session, fee_income("USD"))


def all_is_well(session: Session) -> list[str]:
    return [b.invariant.name for b in ledger_checks.broken(session, (*ledger_checks.INVARIANTS, *checks.INVARIANTS))]


def total(session: Session, shared: Shared) -> int:
    return written_brief(session, shared.made.id).budget.total


def test_before_client_delivery_nothing_is_owed_and_everything_goes_back_at_once(session: Session) -> None:
    shared = collaborating(session)
    everything = total(session, shared)
    cancelled(session, shared)
    assert (fees(session), refunded(session, shared), held_for(session, shared)) == ([], [everything], 0)
    assert (shared.made.campaign.settled_at, all_is_well(session)) == (AT, [])


def test_what_may_be_owed_stays_held_and_all_else_goes_back_at_once(session: Session) -> None:
    shared = in_delivery(session)
    everything = total(session, shared)
    cancelled(session, shared)
    assert (fees(session), held_for(session, shared)) == ([(2_500, 250_000, 250_000)], 250_000)
    assert (refunded(session, shared), kept_fee(session)) == ([everything - 250_000 - 37_500], 37_500)
    assert on_account(session, shared.ben, shared.ana, shared.editor) == [0, 0, 0]
    assert (shared.made.campaign.settled_at, all_is_well(session)) == (None, [])


def test_a_kill_fee_is_paid_only_after_the_time_for_comments_and_by_the_word_of_two(session: Session) -> None:
    shared = in_delivery(session)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    assert (proposal.pool, proposal.closes_at, proposal.because) == (250_000, AT + WINDOW, "The campaign was canceled.")
    fay, flo = someone(session, Role.FINANCE, "Fay"), someone(session, Role.FINANCE, "Flo")
    assert type(refusal_of(session, lambda: finalize(session, proposal.id, by=fay, at=AT))) is WindowOpen
    finalize(session, proposal.id, by=fay, at=AFTER)
    settle_what_is_due(session, at=AFTER)
    assert on_account(session, shared.ben, shared.ana) == [0, 0]
    finalize(session, proposal.id, by=flo, at=AFTER)
    for _again in range(2):
        settle_what_is_due(session, at=AFTER)
        assert on_account(session, shared.ben, shared.ana) == [175_000, 75_000]
    assert (shared.made.campaign.settled_at, held_for(session, shared), all_is_well(session)) == (AFTER, 0, [])
    of_proposal = select(Journal.kind).where(Journal.key == f"proposal:{proposal.id}")
    assert session.scalars(of_proposal).all() == ["payout.kill_fee"]
    assert len(told(session, "payout.cancellation_settled")) == 1


def test_points_that_were_assessed_and_never_final_decide_nothing(session: Session) -> None:
    """A manager alone set 1,000,000 points for one contribution and cancelled: the other components' makers were paid as good as
    nothing."""
    shared = in_payout(session)
    assessed(session, shared, points=1_000_000)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    assert proposal.inputs["components"] == {str(shared.newer.id): 1}


def test_whoever_asked_for_the_cancellation_does_not_finalize_what_it_pays(session: Session) -> None:
    shared = in_delivery(session)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    refused = refusal_of(session, lambda: finalize(session, proposal.id, by=shared.manager, at=AFTER))
    assert type(refused) is OwnProposal


def test_nobody_assesses_a_kill_fee(session: Session) -> None:
    shared = in_payout(session)
    cancelled(session, shared)
    assert type(refusal_of(session, lambda: assessed(session, shared, points=9))) is PointsFixed


def test_who_gains_from_a_kill_fee_does_not_finalize_it(session: Session) -> None:
    shared = in_delivery(session)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    grant_role(session, shared.ben.person, Role.FINANCE, by=SYSTEM)
    ben = actor_for(session, shared.ben.person)
    assert type(refusal_of(session, lambda: finalize(session, proposal.id, by=ben, at=AFTER))) is GainsFromIt


def test_a_comment_on_a_kill_fee_is_heard_answered_and_has_it_computed_anew(session: Session) -> None:
    shared = in_delivery(session)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (first,) = kill_fee_proposals(session, shared.made.id)
    said = said_by(session, first, shared.left_out)
    confirmed(session, shared)
    dispose(session, said.id, Disposition.CHANGED, "The source counts now.", by=shared.manager, at=AT)
    settle_what_is_due(session, at=AT + timedelta(days=1))
    (second,) = kill_fee_proposals(session, shared.made.id)
    assert (first.state, second.number, second.closes_at) == (ProposalState.SUPERSEDED, 2, AT + timedelta(days=15))
    paid_out(session, shared.made.id, at=AT + timedelta(days=1))
    assert on_account(session, shared.left_out) != [0]
    assert all_is_well(session) == []


def test_once_the_kill_fees_are_paid_nothing_about_them_changes(session: Session) -> None:
    shared = in_delivery(session)
    settled(session, shared)
    assert type(refusal_of(session, lambda: confirmed(session, shared, at=AFTER))) is ClaimsClosed


def for_a_friend(session: Session, shared: Shared) -> Version:
    """A version that the manager makes alone, of one friend's work, with themself as its maker; the brand is never shown it."""
    return version_inside(session, shared, shared.older, by=shared.manager, makers={shared.manager.person: 1})


def test_with_a_version_that_the_brand_was_shown_its_components_and_its_makers_count(session: Session) -> None:
    shared = in_delivery(session, assembly="0.1")
    version(session, shared)
    for_a_friend(session, shared)
    settled(session, shared)
    assert (fees(session), on_account(session, shared.ben, shared.ana, shared.editor, shared.manager)) == (
        [(2_500, 250_000, 250_000)], [157_500, 67_500, 25_000, 0],
    )  # fmt: skip


def test_a_version_that_the_brand_was_never_shown_directs_no_kill_fee_and_its_makers_have_no_part(session: Session) -> None:
    """A manager made a version of one friend's work, before anyone else saw it, and asked to cancel: the whole fee went there."""
    shared = in_delivery(session, assembly="0.1")
    for_a_friend(session, shared)
    settled(session, shared)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    assert (proposal.inputs["components"], proposal.inputs["cut"]["makers"]) == ({str(shared.newer.id): 1}, {})
    assert on_account(session, shared.ben, shared.ana, shared.manager) == [175_000, 75_000, 0]


def test_what_a_kill_fee_is_divided_over_cannot_be_swapped_after_the_second_person_looked(session: Session) -> None:
    shared = in_delivery(session)
    version(session, shared)
    cancellations.cancel(session, shared.made.id, WHY, by=shared.manager, at=AT)
    finance = someone(session, Role.FINANCE)
    seen = cancellations.preview(session, shared.made.id, by=finance)
    swapped = for_a_friend(session, shared)
    assert cancellations.preview(session, shared.made.id, by=finance).hash == seen.hash
    approve_internally(session, swapped.id, by=shared.manager, at=AT)
    now = cancellations.preview(session, shared.made.id, by=finance)
    assert (now.kill_fees, now.refund, [each.contributions for each in now.owed]) == (seen.kill_fees, seen.refund, [[shared.older.id]])
    confirm_seen = partial(cancellations.confirm_cancel, session, shared.made.id, seen.hash, by=finance, at=AT)
    assert type(refusal_of(session, confirm_seen)) is Stale
    confirm(session, shared.made.id, finance, at=AT)
    assert shared.made.campaign.cancelled_at == AT


def test_a_version_with_the_same_contributions_by_other_makers_is_another_one(session: Session) -> None:
    shared = in_delivery(session)
    version(session, shared)
    finance = someone(session, Role.FINANCE)
    seen = cancellations.preview(session, shared.made.id, by=finance)
    other = version_inside(session, shared, shared.newer, by=shared.manager, makers={shared.manager.person: 1})
    approve_internally(session, other.id, by=shared.manager, at=AT)
    now = cancellations.preview(session, shared.made.id, by=finance)
    assert ([each.contributions for each in now.owed], now.hash == seen.hash) == ([each.contributions for each in seen.owed], False)


def test_after_a_round_of_changes_it_is_a_third(session: Session) -> None:
    shared = in_delivery(session)
    decided(session, shared, version(session, shared), Verdict.CHANGES)
    cancelled(session, shared)
    assert fees(session) == [(3_300, 330_000, 330_000)]


def test_from_the_approval_it_is_the_whole_price_the_reserve_first_and_the_held_price_then(session: Session) -> None:
    shared = in_delivery(session)
    decided(session, shared, version(session, shared))
    deliverable = deliverables_of(session, shared.made.id)[0]
    assert deliverable.stage is Stage.CLIENT_DELIVERY
    everything = total(session, shared)
    settled(session, shared)  # the gate was open, so the deliverable has come to payout first
    assert (fees(session), sum(on_account(session, shared.ben, shared.ana))) == ([(10_000, 1_000_000, 330_000)], 1_000_000)
    assert (refunded(session, shared), kept_fee(session)) == ([everything - 1_150_000], 150_000)
    assert all_is_well(session) == []


@pytest.mark.parametrize(("rule", "kept"), [("none", 0), ("share", 37_500), ("full", 150_000)])
def test_the_platform_keeps_of_its_fee_what_the_signed_brief_says(session: Session, rule: str, kept: int) -> None:
    shared = in_delivery(session, cancellation_fee=rule)
    everything = total(session, shared)
    cancelled(session, shared)
    assert (kept_fee(session), refunded(session, shared)) == (kept, [everything - 250_000 - kept])
    assert [fact.facts["fee"] for fact in told(session, "campaign.cancelled")] == [kept]
    assert all_is_well(session) == []


def test_a_fee_that_is_due_in_full_is_due_before_client_delivery_too(session: Session) -> None:
    shared = collaborating(session, cancellation_fee="full")
    everything = total(session, shared)
    cancelled(session, shared)
    assert (kept_fee(session), refunded(session, shared), held_for(session, shared)) == (150_000, [everything - 150_000], 0)


def test_a_kill_fee_can_be_computed_again_from_its_frozen_inputs(session: Session) -> None:
    shared = in_delivery(session)
    settled(session, shared)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    frozen = from_canonical(proposal.inputs)
    again = {UUID(line.person): line.amount for line in split(frozen).lines}
    assert (inputs_hash(frozen), again) == (proposal.inputs_hash, amounts(session, proposal))


def test_a_kill_fee_is_explained_as_every_share_is(session: Session) -> None:
    shared = in_delivery(session)
    settled(session, shared)
    (proposal,) = kill_fee_proposals(session, shared.made.id)
    opened = open_line(session, proposal, shared.ana.person)
    assert opened.sentence.startswith("$750.00")
    ((_place, earned),) = my_earnings(session, by=shared.ana)
    assert (earned.amount, earned.is_kill_fee, earned.proposal_id) == (75_000, True, proposal.id)


def test_where_all_are_staff_the_kill_fee_goes_back_once_two_people_say_so(session: Session) -> None:
    shared = in_delivery(session)
    make_staff(session, shared, shared.ana, shared.ben)
    everything = total(session, shared)
    settled(session, shared)
    assert (refunded(session, shared), held_for(session, shared)) == ([everything - 287_500, 250_000], 0)
    assert (shared.made.campaign.settled_at, all_is_well(session)) == (AFTER, [])


def test_each_deliverables_kill_fee_has_its_own_proposal_and_the_campaign_is_settled_with_the_last(session: Session) -> None:
    shared = in_delivery(session, STORY, TALE)
    version(session, shared)
    cancelled(session, shared)
    assert fees(session) == [(2_500, 125_000, 125_000), (2_500, 250_000, 250_000)]
    settle_what_is_due(session, at=AT)
    first, second = kill_fee_proposals(session, shared.made.id)
    made_final(session, first)
    settle_what_is_due(session, at=AFTER)
    assert (held_for(session, shared), shared.made.campaign.settled_at, all_is_well(session)) == (125_000, None, [])
    made_final(session, second)
    settle_what_is_due(session, at=AFTER)
    assert on_account(session, shared.ben, shared.ana) == [262_500, 112_500]
    assert (held_for(session, shared), shared.made.campaign.settled_at, all_is_well(session)) == (0, AFTER, [])


def test_what_is_final_stays_and_is_paid_as_proposed(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    made_final(session, proposal)
    settled(session, shared, at=AFTER)
    assert proposal.posted_at == AFTER
    assert [fee.deliverable_id == shared.deliverable.id for fee in session.scalars(select(KillFee))] == [False]
    assert sum(on_account(session, shared.ben, shared.ana)) == 1_000_000 + TALE.price
    assert (held_for(session, shared), all_is_well(session)) == (0, [])


def test_an_open_proposal_is_closed_with_a_sentence_and_gives_way_to_the_kill_fee(session: Session) -> None:
    shared, proposal = proposed(session)
    cancelled(session, shared)
    session.refresh(proposal)
    assert (fees(session), proposal.state, proposal.posted_at) == ([(10_000, 1_000_000, 330_000)], ProposalState.CLOSED, None)
    for deed in (
        lambda: said_by(session, proposal, shared.left_out),
        lambda: finalize(session, proposal.id, by=someone(session, Role.FINANCE), at=AFTER),
    ):
        refused = refusal_of(session, deed)
        assert (type(refused), refused.message) == (ProposalClosed, CLOSED)
    settle_what_is_due(session, at=AT)
    (anew,) = kill_fee_proposals(session, shared.made.id)
    assert (anew.number, changes(session, anew, by=shared.manager)) == (2, [])


def test_a_comment_that_was_made_before_the_cancellation_is_answered_before_a_kill_fee_is_final(session: Session) -> None:
    shared, proposal = proposed(session)
    said = said_by(session, proposal, shared.left_out)
    cancelled(session, shared)
    settle_what_is_due(session, at=AT)
    (fee,) = kill_fee_proposals(session, shared.made.id)
    refused = refusal_of(session, lambda: finalize(session, fee.id, by=someone(session, Role.FINANCE), at=AFTER))
    assert type(refused) is CommentsUnanswered
    dispose(session, said.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AT)
    made_final(session, fee)
    assert fee.state is ProposalState.FINAL


def test_the_database_itself_refuses_that_a_launched_campaign_is_cancelled_by_one(session: Session) -> None:
    shared = in_delivery(session)
    with pytest.raises(IntegrityError, match="two people"), session.begin_nested():
        session.execute(text("update campaign set cancelled_at = now() where id = :id"), {"id": shared.made.id})


def _item(session: Session, person: UUID, state: str) -> None:
    """A payment to this person that stands in `state`."""
    run = new_id()
    session.execute(
        text("insert into payout_run (id, currency, route, sequence, state, quoted_at, generation, released_at) "
             "values (:run, 'USD', 'stripe_connect', 'x', 'released', now(), 1, now())"), {"run": run},
    )  # fmt: skip
    session.execute(
        text("insert into payout (id, run_id, person_id, currency, amount, destination, transfer_group, state, attempt, tries, "
             "server_errors, first_sent_at) values (:id, :run, :person, 'USD', 1, 'acct', 'g', :state, 1, 0, 0, now())"),
        {"id": new_id(), "run": run, "person": person, "state": state},
    )  # fmt: skip


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_cancel_is_refused_while_a_payment_of_the_campaign_is_being_sent(session: Session, state: str) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    posted(session, proposal)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    _item(session, shared.ben.person, state)
    cancellations.cancel(session, shared.made.id, WHY, by=shared.manager, at=AFTER)
    finance = someone(session, Role.FINANCE)
    refused = refusal_of(session, lambda: confirm(session, shared.made.id, finance, at=AFTER))
    assert (type(refused), refused.status, shared.made.campaign.cancelled_at) == (PaymentBeingSent, 409, None)


def test_a_payment_to_someone_else_does_not_simulator_the_way(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    posted(session, proposal)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    _item(session, shared.left_out.person, "sending")
    cancelled(session, shared, at=AFTER)
    assert shared.made.campaign.cancelled_at == AFTER


def test_a_campaign_that_was_never_launched_owes_nothing(session: Session) -> None:
    made = filled_brief(session)
    call_off(session, made.id, WHY, by=made.manager, at=AT)
    assert (fees(session), session.scalars(select(Refund)).all()) == ([], [])


def test_a_paused_campaign_may_be_cancelled(session: Session) -> None:
    shared = in_delivery(session)
    lifecycle.pause(session, shared.made.id, WHY, by=shared.manager, at=AT)
    cancelled(session, shared, at=AT + timedelta(days=1))
    assert fees(session) == [(2_500, 250_000, 250_000)]


def test_what_was_computed_stays_readable_after_a_cancel(session: Session) -> None:
    shared = in_payout(session)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    cancelled(session, shared)
    session.refresh(proposal)
    assert (proposal.number, proposal.posted_at) == (1, None)


bps = st.integers(0, 10_000)
prices = st.lists(st.integers(1, 10**12), min_size=1, max_size=8)


@given(price=st.integers(1, 10**12), fraction=bps)
def test_a_kill_fee_is_never_more_than_its_fraction_and_less_than_a_unit_below_it(price: int, fraction: int) -> None:
    assert 0 <= price * fraction - kill_fee(price, fraction) * 10_000 < 10_000
    assert kill_fee(price, 10_000) == price


@given(prices=prices, fraction=bps, reserve=st.integers(0, 10**13))
def test_the_reserve_is_used_up_before_the_price(prices: list[int], fraction: int, reserve: int) -> None:
    amounts = [kill_fee(price, fraction) for price in prices]
    covered = from_reserve(amounts, reserve)
    assert all(0 <= part <= amount for part, amount in zip(covered, amounts, strict=True))
    assert sum(covered) == min(reserve, sum(amounts))


@given(prices=prices, fraction=bps)
def test_a_reserve_of_the_same_fraction_covers_every_kill_fee(prices: list[int], fraction: int) -> None:
    brief = Brief(fee_bps=0, reserve_bps=fraction, currency="USD")
    budget = budget_of(brief, [Deliverable(id=new_id(), price=price) for price in prices])
    assert sum(kill_fee(price, fraction) for price in prices) <= budget.reserve
