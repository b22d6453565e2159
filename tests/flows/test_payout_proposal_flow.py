"""Proposals are computed and posted by the campaign's flow, fenced and once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.core import clock
from campaigns.ledger.models import Journal
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.actions import WINDOW
from flows import payout
from flows.pulse import Carried, LeaseLost
from tests.campaigns.payout.sharing import assessed, in_payout, made_final
from tests.flows.alone import alone
from workers.transactions import unit_of_work

pytestmark = pytest.mark.usefixtures("own_prefect")


def proposals() -> list[Proposal]:
    with unit_of_work() as session:
        return list(session.scalars(select(Proposal).order_by(Proposal.number)))


def journals() -> int:
    with unit_of_work() as session:
        return len(session.scalars(select(Journal).where(Journal.kind == "payout.final")).all())


def test_the_flow_computes_and_posts_what_is_due_and_has_nothing_to_do_the_next_time(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        shared = in_payout(session)
    carry = alone(payout.work, shared.made.id, shared.deliverable)
    carry()
    assert proposals() == []
    with unit_of_work() as session:
        assessed(session, shared)
    carry()
    (proposal,) = proposals()
    with unit_of_work() as session:
        clock.move_clock(session, WINDOW + timedelta(days=1))
        made_final(session, session.get_one(Proposal, proposal.id), at=clock.business_now(session))
    carry()
    assert [(p.number, p.state, p.posted_at is not None) for p in proposals()] == [(1, ProposalState.FINAL, True)]
    assert journals() == 1
    for task in ("propose", "post"):
        monkeypatch.setattr(payout, task, None)
    carry()


def test_a_run_of_an_older_generation_opens_and_posts_nothing(fresh_database: str) -> None:
    with unit_of_work() as session:
        shared = in_payout(session)
        assessed(session, shared)
        shared.made.campaign.generation = 2
    older, present = Carried(shared.made.id, 1), Carried(shared.made.id, 2)
    with pytest.raises(LeaseLost):
        payout.propose.fn(older, shared.deliverable.id)
    assert proposals() == []
    for _again in range(2):
        payout.propose.fn(present, shared.deliverable.id)
    (proposal,) = proposals()
    with unit_of_work() as session:
        made_final(session, session.get_one(Proposal, proposal.id), at=proposal.closes_at)
    with pytest.raises(LeaseLost):
        payout.post.fn(older, proposal.id)
    for _again in range(2):
        payout.post.fn(present, proposal.id)
    assert journals() == 1
