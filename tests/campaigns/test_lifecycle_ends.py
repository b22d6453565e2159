"""Pause, cancel and the end: clocks stand still, money goes where it belongs, and each happens once."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.administration import cancellations
from campaigns.brief.actions import edit_brief, launch
from campaigns.brief.funding.actions import approve_advance, ask_invoice
from campaigns.brief.models import DATES, Brief, Invoice, Refund
from campaigns.brief.queries import plan_back, written_brief
from campaigns.collaboration.actions import complete, extend
from campaigns.collaboration.models import CollaborationWindow
from campaigns.core.appointing import actions as appointing
from campaigns.core.appointing.errors import SecondPersonNeeded
from campaigns.core.blockers import BlockerCode
from campaigns.core.campaign import Deliverable, Ended, deliverables_of
from campaigns.core.cancellations import find_cancellation
from campaigns.core.errors import Forbidden, Invalid, NotFound, NotPaused, Stale
from campaigns.core.events import Event
from campaigns.core.membership import invite
from campaigns.core.people import RoleGrant, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import GiverLeft
from campaigns.core.stages import Stage
from campaigns.installation import checks as installation_checks
from campaigns.ledger.accounts import held, receivable
from campaigns.ledger.queries import balance
from campaigns.lifecycle import AlreadyPaused
from campaigns.open_call.call.actions import extend_call
from campaigns.open_call.models import OpenCall
from campaigns.oversight.gates import gates
from campaigns.oversight.needs import needs
from campaigns.oversight.statuses import standing
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import KillFee, Proposal, ProposalLine
from campaigns.payout.proposals.actions import WINDOW
from campaigns.payout.queries import standing_proposal
from tests import carrying, everyone
from tests.called_off import call_off, kill_fee_proposals, settle_what_is_due
from tests.campaigns.standstill import refusal_of
from tests.carrying import under_way
from tests.everyone import Cast
from tests.factories import NOW, READER, filled_brief, funded_brief, new_campaign, opened_call, signed_brief, someone

DAY = timedelta(days=1)
PAUSED_FOR = timedelta(days=9, hours=1)


def paused(session: Session, all_: Cast) -> None:
    lifecycle.pause(session, all_.made.id, "The brand is thinking.", by=all_.manager, at=all_.at)
    session.flush()


def resumed(session: Session, all_: Cast) -> None:
    all_.at += PAUSED_FOR
    lifecycle.resume(session, all_.made.id, by=all_.manager, at=all_.at)
    session.expire_all()


def cancelled(session: Session, all_: Cast, *, at: datetime | None = None) -> None:
    call_off(session, all_.made.id, " The brand stops. ", by=all_.manager, at=at or all_.at)
    session.commit()


def facts(session: Session, all_: Cast, name: str) -> list[tuple[str | None, dict[str, Any]]]:
    session.commit()
    query = select(Event.reason, Event.facts).where(Event.campaign_id == all_.made.id, Event.name == name).order_by(Event.number)
    return [tuple(row) for row in session.execute(query)]


def stages(session: Session, all_: Cast) -> list[Stage]:
    return [t.stage for t in deliverables_of(session, all_.made.id)]


@pytest.mark.parametrize("stage", [Stage.OPEN_CALL, Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY, Stage.PAYOUT])
def test_a_pause_comes_first_in_what_each_deliverable_waits_for_and_nothing_moves_until_it_ends(session: Session, stage: Stage) -> None:
    all_, _deliverable = under_way(session, stage, 2)
    before = all_.waits(session)
    paused(session, all_)
    waits = all_.waits(session)
    first = {(w[0].code, w[0].message, w[0].waits_for, w[0].since, w[0].action) for w in waits.values()}
    assert first == {("paused", "The campaign is paused: The brand is thinking.", "manager", all_.at, "resume")}
    assert {deliverable_id: rest for deliverable_id, (_pause, *rest) in waits.items()} == before
    assert lifecycle.move_on(session, all_.made.id, at=all_.at + 365 * DAY) == []
    assert lifecycle.astir(session, [all_.made.id], at=all_.at + 365 * DAY) == set()


def test_a_pause_needs_a_reason_and_begins_once(session: Session) -> None:
    all_, _deliverable = under_way(session)
    refused = refusal_of(session, lambda: lifecycle.pause(session, all_.made.id, "  ", by=all_.manager, at=all_.at))
    assert (type(refused), refused.field) == (Invalid, "reason")
    paused(session, all_)
    refused = refusal_of(session, lambda: lifecycle.pause(session, all_.made.id, "Again.", by=all_.manager, at=all_.at + DAY))
    assert (type(refused), refused.status) == (AlreadyPaused, 409)
    assert [reason for reason, _facts in facts(session, all_, "campaign.paused")] == ["The brand is thinking."]


def test_only_a_pause_can_be_ended(session: Session) -> None:
    all_, _deliverable = under_way(session)
    refused = refusal_of(session, lambda: lifecycle.resume(session, all_.made.id, by=all_.manager, at=all_.at))
    assert (type(refused), refused.status) == (NotPaused, 409)


def test_at_the_end_of_a_pause_every_date_that_lay_ahead_has_moved_on_by_its_length(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.COLLABORATION)
    brief, call = session.get_one(Brief, all_.made.id), session.get_one(OpenCall, all_.made.id)
    window = session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))
    dates, closes = {name: getattr(brief, name) for name in DATES}, (call.closes_at, window.closes_at)
    paused(session, all_)
    resumed(session, all_)
    ahead = {name: planned + PAUSED_FOR for name, planned in dates.items() if name != "call_closes_at"}
    assert {name: getattr(brief, name) for name in DATES} == dates | ahead
    assert closes[1] is not None
    assert (call.closes_at, window.closes_at) == (closes[0], closes[1] + PAUSED_FOR)
    assert facts(session, all_, "campaign.resumed") == [(None, {"seconds": int(PAUSED_FOR.total_seconds())})]
    assert [w.code for w in all_.waits(session)[deliverable.id]] == ["collaboration_open"]


def test_the_time_for_comments_moves_on_with_a_pause(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.PAYOUT)
    everyone.do(session, all_, deliverable, all_.waits(session)[deliverable.id][0])
    carrying.run_flow(session, all_)
    proposal = standing_proposal(session, deliverable.id)
    assert proposal is not None
    closes_at = proposal.closes_at
    paused(session, all_)
    resumed(session, all_)
    assert proposal.closes_at == closes_at + PAUSED_FOR


def test_a_call_that_would_have_closed_in_a_pause_is_open_after_it(session: Session) -> None:
    made = opened_call(session, (READER,))
    all_ = everyone.cast(session, made, at=NOW + 13 * DAY)
    paused(session, all_)
    resumed(session, all_)
    assert [w.due for waits in all_.waits(session).values() for w in waits] == [NOW + 14 * DAY + PAUSED_FOR]
    assert lifecycle.move_on(session, made.id, at=all_.at) == []


def test_a_close_that_is_set_in_a_pause_moves_on_by_what_is_left_of_the_pause(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.COLLABORATION)
    brief, window = session.get_one(Brief, all_.made.id), session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))
    paused(session, all_)
    all_.at += 4 * DAY
    assert window.closes_at is not None
    later = window.closes_at + 10 * DAY
    extend(session, deliverable.id, later, "Two films are late.", by=all_.manager, at=all_.at)
    resumed(session, all_)
    assert (window.closes_at, brief.collaboration_closes_at) == (later + PAUSED_FOR, later + PAUSED_FOR)


def test_a_collaboration_whose_close_goes_by_in_a_pause_can_still_be_extended_in_it(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.COLLABORATION)
    window = session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))
    paused(session, all_)
    assert window.closes_at is not None
    all_.at = window.closes_at + DAY
    later = all_.at + 5 * DAY
    extend(session, deliverable.id, later, "Two films are late.", by=all_.manager, at=all_.at)
    resumed(session, all_)
    assert window.closes_at == later + PAUSED_FOR


def test_a_close_that_comes_with_a_move_back_in_a_pause_moves_on_by_what_is_left_of_the_pause(session: Session) -> None:
    all_, deliverable = under_way(session)
    paused(session, all_)
    all_.at += 4 * DAY
    closes_at = all_.at + DAY
    lifecycle.send_back(
        session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "More.", by=all_.manager, at=all_.at, closes_at=closes_at
    )  # fmt: skip
    resumed(session, all_)
    assert session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit)).closes_at == closes_at + PAUSED_FOR


def test_a_call_that_is_extended_in_a_pause_moves_on_by_what_is_left_of_the_pause(session: Session) -> None:
    made = opened_call(session, (READER,))
    all_ = everyone.cast(session, made, at=NOW + 13 * DAY)
    paused(session, all_)
    all_.at += 4 * DAY
    extend_call(session, made.id, NOW + 20 * DAY, "More time.", by=all_.manager, at=all_.at)
    resumed(session, all_)
    closes = session.get_one(OpenCall, made.id).closes_at, session.get_one(Brief, made.id).call_closes_at
    assert closes == (NOW + 20 * DAY + PAUSED_FOR,) * 2


def test_a_brief_that_is_edited_in_a_pause_moves_on_by_what_is_left_of_the_pause(session: Session) -> None:
    made = filled_brief(session)
    all_ = everyone.cast(session, made, at=NOW)
    paused(session, all_)
    all_.at += 4 * DAY
    edit_brief(session, made.id, {"go_live_at": NOW + 60 * DAY}, by=all_.manager, at=all_.at)
    resumed(session, all_)
    assert session.get_one(Brief, made.id).go_live_at == NOW + 60 * DAY + PAUSED_FOR


def test_the_time_for_comments_that_begins_in_a_pause_is_whole_after_it(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.PAYOUT)
    everyone.do(session, all_, deliverable, all_.waits(session)[deliverable.id][0])
    paused(session, all_)
    all_.at += 4 * DAY
    carrying.run_flow(session, all_)
    resumed(session, all_)
    proposal = standing_proposal(session, deliverable.id)
    assert proposal is not None
    assert proposal.closes_at == all_.at + 14 * DAY


def test_the_plan_follows_a_collaboration_that_is_extended(session: Session) -> None:
    all_, first = under_way(session, Stage.COLLABORATION, 2)
    text, closes_at = written_brief(session, all_.made.id).hash, session.get_one(Brief, all_.made.id).collaboration_closes_at
    assert closes_at is not None
    second = deliverables_of(session, all_.made.id)[1]
    for deliverable, days in ((first, 3), (second, 2)):
        extend(session, deliverable.id, closes_at + days * DAY, "More time.", by=all_.manager, at=all_.at)
    planned = {gate.gate: (gate.planned_at, gate.room_days) for gate in plan_back(session, all_.made.campaign, at=all_.at)}
    assert planned["collaboration"] == (closes_at + 3 * DAY, 4)
    assert written_brief(session, all_.made.id).hash == text


def test_the_plan_follows_a_call_that_is_extended(session: Session) -> None:
    made = opened_call(session)
    text = written_brief(session, made.id).hash
    extend_call(session, made.id, NOW + 16 * DAY, "More time.", by=made.manager, at=NOW)
    planned = {gate.gate: (gate.planned_at, gate.room_days) for gate in plan_back(session, made.campaign, at=NOW)}
    assert planned["open_call"] == (NOW + 16 * DAY, 5)
    assert (standing(session, made.campaign, at=NOW).slack_days, written_brief(session, made.id).hash) == (16, text)


def test_only_the_manager_pauses_resumes_and_cancels(session: Session) -> None:
    all_, _deliverable = under_way(session)
    paused(session, all_)
    hers = someone(session, Role.MANAGER, on=_elsewhere(session))
    for by in (all_.artist, all_.curator, all_.editor, all_.approver, all_.second, hers):
        for deed in (
            lambda by=by: lifecycle.pause(session, all_.made.id, "Stop.", by=by, at=all_.at),
            lambda by=by: lifecycle.resume(session, all_.made.id, by=by, at=all_.at),
            lambda by=by: call_off(session, all_.made.id, "Stop.", by=by, at=all_.at),
        ):
            refused = refusal_of(session, deed)
            assert type(refused) is (NotFound if by is hers else Forbidden), by.name


def _elsewhere(session: Session) -> Any:
    return new_campaign(session, title="Another one").campaign.scope


def test_a_cancel_needs_a_reason_and_happens_once_even_in_a_pause(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    refused = refusal_of(session, lambda: call_off(session, all_.made.id, " ", by=all_.manager, at=all_.at))
    assert (type(refused), refused.field) == (Invalid, "reason")
    paused(session, all_)
    cancelled(session, all_)
    assert (deliverable.stage, deliverable.entered_because, all_.made.campaign.cancelled_at) == (
        Stage.CANCELLED,
        "The brand stops.",
        all_.at,
    )
    for deed in (
        lambda: call_off(session, all_.made.id, "Again.", by=all_.manager, at=all_.at),
        lambda: lifecycle.pause(session, all_.made.id, "Wait.", by=all_.manager, at=all_.at),
        lambda: lifecycle.resume(session, all_.made.id, by=all_.manager, at=all_.at),
    ):
        assert type(refusal_of(session, deed)) is Ended
    assert [reason for reason, _facts in facts(session, all_, "campaign.cancelled")] == ["The brand stops."]
    assert lifecycle.astir(session, [all_.made.id], at=all_.at) == set()


def test_a_cancel_holds_kill_fees_back_and_gives_the_rest_back_at_once(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    budget = written_brief(session, all_.made.id).budget
    cancelled(session, all_)
    kill_fee, fee = READER.price // 4, budget.fee // 4
    assert (session.scalars(select(KillFee.amount)).all(), session.scalars(select(Refund.amount)).all()) == (
        [kill_fee], [budget.total - kill_fee - fee],
    )  # fmt: skip
    assert (balance(session, held(all_.made.id, "USD")), installation_checks.broken(session)) == (kill_fee, [])


def test_a_kill_fee_waits_for_finance_in_the_open_and_the_campaign_is_settled_with_it(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    cancelled(session, all_)
    settle_what_is_due(session, at=all_.at)
    assert [gate.key for gate in gates(session, all_.made.campaign, at=all_.at)] == ["window_open"]
    all_.at += WINDOW
    (gate,) = gates(session, all_.made.campaign, at=all_.at)
    assert (gate.key, all_.second.person in {each.id for each in gate.people}) == ("finalization", True)
    assert "finalization" in [need.code for need in needs(session, by=all_.second, at=all_.at)]
    (proposal,) = kill_fee_proposals(session, all_.made.id)
    for by in (all_.made.finance, all_.second):
        finalize(session, proposal.id, by=by, at=all_.at)
    settle_what_is_due(session, at=all_.at)
    assert (gates(session, all_.made.campaign, at=all_.at), all_.made.campaign.settled_at) == ([], all_.at)
    assert (balance(session, held(all_.made.id, "USD")), installation_checks.broken(session)) == (0, [])


def test_a_funded_campaign_is_cancelled_by_two_people_who_both_see_what_it_does(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    cancellations.cancel(session, all_.made.id, "The brand stops.", by=all_.manager, at=all_.at)
    cancellations.cancel(session, all_.made.id, "Asked again.", by=all_.manager, at=all_.at)
    asked = find_cancellation(session, all_.made.id)
    assert asked is not None
    assert (all_.made.campaign.is_live, asked.reason) == (True, "The brand stops.")
    seen = cancellations.preview(session, all_.made.id, by=all_.second).hash
    for by, hash_, refusal in (
        (all_.manager, seen, SecondPersonNeeded), (all_.artist, seen, Forbidden), (all_.approver, seen, Forbidden),
        (all_.second, "0" * 64, Stale),
    ):  # fmt: skip
        confirm = partial(cancellations.confirm_cancel, session, all_.made.id, hash_, by=by, at=all_.at)
        assert type(refusal_of(session, confirm)) is refusal
    cancellations.confirm_cancel(session, all_.made.id, seen, by=all_.second, at=all_.at)
    session.commit()
    assert (all_.made.campaign.cancelled_at, installation_checks.broken(session)) == (all_.at, [])


def test_whoever_confirmed_a_managers_role_does_not_cancel_a_funded_campaign_with_them(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    asked = invite(session, "mia@example.org", Role.MANAGER, on=all_.made.campaign.scope, by=all_.manager, at=all_.at)
    appointing.confirm(session, asked.id, by=all_.second, at=all_.at)
    appointing.begin_due(session, at=all_.at + timedelta(hours=73))
    mia = actor_for(session, asked.person_id)
    cancellations.cancel(session, all_.made.id, "The brand stops.", by=mia, at=all_.at)
    seen = cancellations.preview(session, all_.made.id, by=all_.second).hash
    confirm = partial(cancellations.confirm_cancel, session, all_.made.id, seen, by=all_.second, at=all_.at)
    assert type(refusal_of(session, confirm)) is SecondPersonNeeded
    assert all_.made.campaign.is_live


def test_what_was_seen_before_the_work_went_on_is_not_confirmed(session: Session) -> None:
    all_, deliverable = under_way(session, Stage.CLIENT_DELIVERY)
    cancellations.cancel(session, all_.made.id, "The brand stops.", by=all_.manager, at=all_.at)
    seen = cancellations.preview(session, all_.made.id, by=all_.second)
    carrying.bring_to(session, all_, Stage.PAYOUT)
    confirm = partial(cancellations.confirm_cancel, session, all_.made.id, seen.hash, by=all_.second, at=all_.at)
    assert type(refusal_of(session, confirm)) is Stale
    now = cancellations.preview(session, all_.made.id, by=all_.second)
    assert (seen.kill_fees, now.kill_fees, deliverable.stage) == (READER.price // 4, READER.price, Stage.PAYOUT)


def test_a_request_counts_only_while_whoever_asked_runs_the_campaign(session: Session) -> None:
    all_, _deliverable = under_way(session)
    deputy = someone(session, Role.MANAGER, "Dee", on=all_.made.campaign.scope)
    cancellations.cancel(session, all_.made.id, "The brand stops.", by=deputy, at=all_.at)
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == deputy.person))
    seen = cancellations.preview(session, all_.made.id, by=all_.second).hash
    confirm = partial(cancellations.confirm_cancel, session, all_.made.id, seen, by=all_.second, at=all_.at)
    assert type(refusal_of(session, confirm)) is GiverLeft


def test_what_was_advanced_and_is_not_owed_need_not_be_paid_any_more(session: Session) -> None:
    made = signed_brief(session, (READER,))
    approve_advance(session, made.id, "They pay next week.", by=made.finance, at=NOW)
    launch(session, made.id, by=made.manager, at=NOW)
    before = cancellations.preview(session, made.id, by=made.finance)
    assert (before.refund, before.let_go, before.still_owed) == (0, written_brief(session, made.id).budget.total, 0)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    session.commit()
    assert (balance(session, held(made.id, "USD")), balance(session, receivable(made.id, "USD")), installation_checks.broken(session)) == (
        0,
        0,
        [],
    )


def test_a_request_to_cancel_can_be_dropped_and_made_anew(session: Session) -> None:
    all_, _deliverable = under_way(session)
    cancellations.cancel(session, all_.made.id, "The brand stops.", by=all_.manager, at=all_.at)
    cancellations.keep_campaign(session, all_.made.id, by=all_.second, at=all_.at)
    seen = cancellations.preview(session, all_.made.id, by=all_.second).hash
    confirm = partial(cancellations.confirm_cancel, session, all_.made.id, seen, by=all_.second, at=all_.at)
    assert type(refusal_of(session, confirm)) is cancellations.NotAsked
    cancelled(session, all_)
    assert all_.made.campaign.cancelled_at == all_.at


def test_a_campaign_for_which_no_money_has_come_is_cancelled_by_one_person(session: Session) -> None:
    made = signed_brief(session)
    assert cancellations.cancel(session, made.id, "The brand stops.", by=made.manager, at=NOW).cancelled_at == NOW


def test_a_campaign_for_which_money_has_come_is_not_cancelled_by_one_person_even_before_its_launch(session: Session) -> None:
    made = funded_brief(session)
    assert cancellations.cancel(session, made.id, "The brand stops.", by=made.manager, at=NOW).cancelled_at is None


def test_what_is_final_is_paid_and_done_when_the_rest_is_cancelled(session: Session) -> None:
    all_, first = under_way(session, Stage.COLLABORATION, 2)
    proposal = _final(session, all_, first)
    lines = dict(session.execute(select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == proposal.id)).all())
    cancelled(session, all_)
    assert stages(session, all_) == [Stage.DONE, Stage.CANCELLED]
    assert (proposal.posted_at, all_.made.campaign.cancelled_at, all_.made.campaign.done_at) == (all_.at, all_.at, None)
    assert (
        dict(session.execute(select(ProposalLine.person_id, ProposalLine.amount).where(ProposalLine.proposal_id == proposal.id)).all())
        == lines
    )
    assert (session.scalars(select(KillFee.deliverable_id)).all(), installation_checks.broken(session)) == ([], [])


def test_where_every_proposal_is_final_nothing_is_left_to_be_cancelled(session: Session) -> None:
    all_, first = under_way(session, Stage.COLLABORATION)
    proposal = _final(session, all_, first)
    refused = refusal_of(session, lambda: call_off(session, all_.made.id, "Stop.", by=all_.manager, at=all_.at))
    assert (type(refused), refused.status, proposal.posted_at) == (Ended, 409, None)


def _final(session: Session, all_: Cast, deliverable: Deliverable) -> Proposal:
    """The deliverable's proposal, which two people have just called final; the flow has not looked yet."""
    complete(session, deliverable.id, deliverable.visit, by=all_.manager, at=all_.at)
    while True:
        carrying.run_flow(session, all_)
        wait = lifecycle.blockers(session, [deliverable], at=all_.at)[deliverable.id][0]
        everyone.do(session, all_, deliverable, wait)
        if wait.code == BlockerCode.FINALIZATION:
            proposal = standing_proposal(session, deliverable.id)
            assert proposal is not None
            return proposal


def test_what_a_cancelled_campaign_is_billed_for_and_has_not_paid_is_withdrawn(session: Session) -> None:
    made = signed_brief(session)
    ask_invoice(session, made.id, None, by=made.manager, at=NOW)
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    assert session.scalars(select(Invoice.state)).all() == ["void"]


def test_a_campaign_without_a_deliverable_can_be_cancelled(session: Session) -> None:
    made = filled_brief(session, ())
    call_off(session, made.id, "The brand stops.", by=made.manager, at=NOW)
    assert (made.campaign.cancelled_at, made.campaign.is_live) == (NOW, False)


def test_when_everyone_does_what_is_asked_a_campaign_is_done_once_and_its_reserve_goes_back_once(session: Session) -> None:
    all_, _deliverable = under_way(session, Stage.OPEN_CALL, 2)
    asked = carrying.finish(session, all_)
    for _again in range(2):
        assert lifecycle.move_on(session, all_.made.id, at=all_.at) == []
    assert list(dict.fromkeys(asked)) == [
        "call_open", "collaboration_open", "curators_unassigned", "reviews_outstanding", "selection_unpublished", "no_version",
        "internal_approval", "decision", "points_unassessed", "window_open", "finalization",
    ]  # fmt: skip
    assert (stages(session, all_), all_.made.campaign.done_at) == ([Stage.DONE] * 2, all_.at)
    assert facts(session, all_, "campaign.done") == [(None, {})]
    reserve = written_brief(session, all_.made.id).budget.reserve
    assert session.scalars(select(Refund.amount)).all() == [reserve]
    assert (balance(session, held(all_.made.id, "USD")), installation_checks.broken(session)) == (0, [])


def test_a_campaign_stands_at_the_earliest_of_its_deliverables(session: Session) -> None:
    all_, first = under_way(session, Stage.COLLABORATION, 2)
    complete(session, first.id, first.visit, by=all_.manager, at=all_.at)
    lifecycle.move_on(session, all_.made.id, at=all_.at)
    found = standing(session, all_.made.campaign, at=all_.at)
    go_live = session.scalar(select(Brief.go_live_at))
    assert (found.stage, found.go_live_at) == (Stage.COLLABORATION, go_live)
    assert [(t.stage, [w.code for w in waits]) for t, waits in found.deliverables] == [
        (Stage.CURATION, ["curators_unassigned", "selection_unpublished"]), (Stage.COLLABORATION, ["collaboration_open"]),
    ]  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Deliverable)) == 2
