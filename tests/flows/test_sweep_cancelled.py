"""The kill fees of cancelled campaigns, which no flow run carries: the sweep takes them to their end, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.people import Actor
from campaigns.ledger.checks import INVARIANTS, broken
from campaigns.ledger.models import Journal
from campaigns.payout import checks
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.actions import WINDOW
from flows import sweep_cancelled
from flows.sweep_cancelled import settle_cancelled
from tests.called_off import call_off
from tests.campaigns.payout.sharing import STORY, TALE, finalizers, in_delivery
from workers.transactions import unit_of_work


class Died(Exception):
    """The process is gone."""


def cancelled() -> tuple[Actor, Actor]:
    """A campaign of two deliverables, called off in client delivery; who may make its kill fees final."""
    with unit_of_work() as session:
        shared = in_delivery(session, STORY, TALE)
        call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=clock.business_now(session))
        return finalizers(session)


def proposals() -> list[tuple[int, ProposalState, bool]]:
    with unit_of_work() as session:
        found = session.scalars(select(Proposal).order_by(Proposal.deliverable_id, Proposal.number))
        return [(proposal.pool, proposal.state, proposal.posted_at is not None) for proposal in found]


def made_final(people: tuple[Actor, Actor]) -> None:
    with unit_of_work() as session:
        at = clock.move_clock(session, WINDOW)
        for proposal_id in session.scalars(select(Proposal.id)).all():
            for by in people:
                finalize(session, proposal_id, by=by, at=at)


def stands() -> tuple[int, bool, list[str]]:
    """How many journals of kill fees there are, whether the campaign is settled, and what is wrong."""
    with unit_of_work() as session:
        journals = session.scalars(select(func.count()).where(Journal.kind == "payout.kill_fee")).one()
        settled = session.scalars(select(Campaign.settled_at)).one() is not None
        return journals, settled, [each.invariant.name for each in broken(session, (*INVARIANTS, *checks.INVARIANTS))]


def dying(after: Callable[..., object]) -> Callable[..., object]:
    """The same, by a process that dies right after it."""

    def deed(*given: object, **named: object) -> object:
        after(*given, **named)
        raise Died

    return deed


@pytest.mark.usefixtures("fresh_database")
def test_the_sweep_computes_kill_fees_and_posts_them_once_final_and_has_nothing_to_do_the_next_time() -> None:
    people = cancelled()
    assert (settle_cancelled(), settle_cancelled()) == (2, 0)
    assert sorted(proposals()) == [(125_000, ProposalState.OPEN, False), (250_000, ProposalState.OPEN, False)]
    made_final(people)
    assert (settle_cancelled(), settle_cancelled()) == (2, 0)
    assert stands() == (2, True, [])


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("deed", ["gather_due", "open_proposal", "post_final", "settle"])
def test_a_sweep_that_dies_on_any_line_leaves_nothing_half_done_and_the_next_goes_on(deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    people = cancelled()
    for is_final in (False, True):
        if is_final:
            made_final(people)
        with monkeypatch.context() as patch:
            patch.setattr(sweep_cancelled, deed, dying(getattr(sweep_cancelled, deed)))
            settle_cancelled()
            assert stands()[2] == []
        settle_cancelled()
    assert stands() == (2, True, [])


@pytest.mark.usefixtures("fresh_database")
def test_two_sweeps_at_once_open_and_post_each_kill_fee_once() -> None:
    people = cancelled()
    for is_final in (False, True):
        if is_final:
            made_final(people)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _number: settle_cancelled(), range(2)))
        assert (len(proposals()), stands()[2]) == (2, [])
    assert stands() == (2, True, [])
