"""Who is paid is named: a proposal becomes final beside a package whose credits come from the very lineage that it pays."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.client_delivery.models import Package
from campaigns.client_delivery.packages import actions as package_actions
from campaigns.client_delivery.packages.actions import build, contents_of
from campaigns.core import clock
from campaigns.core.files import storage
from campaigns.open_call.contributions.actions import withdraw
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.actions import draft, gather_due, open_proposal, propose_again
from campaigns.payout.proposals.rules import miscredited, work_waiting
from flows import payout
from flows.pulse import Carried
from tests.campaigns.payout.sharing import AFTER, AT, Shared, assessed, confirmed, finalizers, in_payout, made_final, proposed, told
from tests.campaigns.payout.unmoved import refusal_of
from workers.transactions import unit_of_work

LATER = AT + timedelta(days=3)


def recomputed(session: Session, shared: Shared) -> Proposal:
    """A source is accepted during the comments, and a new version computed; the package is not made again yet."""
    confirmed(session, shared)
    propose_again(session, shared.deliverable.id, "A source was missing.", by=shared.manager, at=LATER)
    due = gather_due(session, shared.deliverable.id)
    assert due is not None
    proposal = open_proposal(session, shared.deliverable.id, draft(*due), at=LATER)
    assert proposal is not None
    return proposal


def codes(session: Session, shared: Shared) -> list[tuple[str, str]]:
    found = lifecycle.blockers(session, [shared.deliverable], at=AFTER + timedelta(days=9))[shared.deliverable.id]
    return [(wait.code, wait.waits_for) for wait in found]


def test_a_source_accepted_during_the_comments_is_paid_only_once_the_package_names_its_makers(session: Session) -> None:
    shared, first = proposed(session)
    assert (miscredited(session, [shared.deliverable.id]), codes(session, shared)) == ({}, [("finalization", "finance")])
    second = recomputed(session, shared)
    finance, _other = finalizers(session)
    refusal = refusal_of(session, lambda: finalize(session, second.id, by=finance, at=AFTER + timedelta(days=9)))
    assert refusal.code == "CreditsOutdated"
    assert codes(session, shared) == [("package", "callboard"), ("finalization", "finance")]
    assert work_waiting(session, [shared.made.id]) == {shared.made.id}
    (outdated,) = miscredited(session, [shared.deliverable.id]).values()
    contents = contents_of(session, outdated.version_id)
    assert b"Lea: Old street" in contents.texts["CREDITS.txt"]
    package = package_actions.record_again(session, outdated.version_id, build(contents), at=LATER)
    assert (package.edition, package.lineage_sha256, first.lineage_sha256 != second.lineage_sha256) == (2, second.lineage_sha256, True)
    assert (work_waiting(session, [shared.made.id]), codes(session, shared)) == (set(), [("finalization", "finance")])
    assert made_final(session, second, at=AFTER + timedelta(days=9)).state is ProposalState.FINAL
    assert [fact.facts["sha256"] for fact in told(session, "client_delivery.packaged_again")] == [package.sha256]


def test_a_package_is_not_made_again_while_the_proposal_itself_is_outdated(session: Session) -> None:
    shared, _first = proposed(session)
    confirmed(session, shared)
    assert (miscredited(session, [shared.deliverable.id]), codes(session, shared)) == ({}, [("inputs_changed", "manager")])


def test_what_was_taken_down_after_it_was_delivered_is_marked_when_the_package_is_made_again(session: Session) -> None:
    shared, _first = proposed(session)
    withdraw(session, shared.older.id, by=shared.ana, at=LATER)
    recomputed(session, shared)
    (outdated,) = miscredited(session, [shared.deliverable.id]).values()
    package = package_actions.record_again(session, outdated.version_id, build(contents_of(session, outdated.version_id)), at=LATER)
    assert b"Ana: Lanterns (since withdrawn by its makers)" in storage().path(package.sha256).read_bytes()


def test_what_was_recorded_again_twice_is_recorded_once(session: Session) -> None:
    shared, _first = proposed(session)
    recomputed(session, shared)
    (outdated,) = miscredited(session, [shared.deliverable.id]).values()
    built = build(contents_of(session, outdated.version_id))
    assert [package_actions.record_again(session, outdated.version_id, built, at=LATER).edition for _again in range(2)] == [2, 2]


@pytest.mark.usefixtures("own_prefect")
def test_the_flow_makes_the_package_again_once(fresh_database: str) -> None:
    with unit_of_work() as session:
        shared = in_payout(session)
        assessed(session, shared)
    carried = Carried(shared.made.id, 0)
    work = payout.work
    work(carried, shared.deliverable)
    with unit_of_work() as session:
        at = clock.business_now(session)
        confirmed(session, shared, at=at)
        propose_again(session, shared.deliverable.id, "A source was missing.", by=shared.manager, at=at)
    for _again in range(2):
        work(carried, shared.deliverable)
    with unit_of_work() as session:
        (package,) = session.query(Package)
        assert (package.edition, miscredited(session, [shared.deliverable.id])) == (2, {})
