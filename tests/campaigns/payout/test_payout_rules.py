"""What a deliverable in payout waits for."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.payout import rules
from campaigns.payout.finalizations.actions import finalize, post_final
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import dispose, propose_again
from campaigns.payout.queries import work_waiting
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    Shared,
    assessed,
    computed,
    confirmed,
    finalizers,
    in_payout,
    make_staff,
    proposed,
    said_by,
)
from tests.factories import curator

LATER = AT + timedelta(days=2)


def waits(session: Session, deliverable: Deliverable, *, at: datetime = AT) -> list[tuple[str, str, datetime | None, datetime | None]]:
    return [(b.code, b.waits_for, b.since, b.due) for b in rules.blockers(session, [deliverable], at=at)[deliverable.id]]


def waiting(session: Session, shared: Shared) -> bool:
    return work_waiting(session, [shared.made.id]) == {shared.made.id}


def test_a_deliverable_waits_for_one_thing_after_the_other_until_its_proposal_is_posted(session: Session) -> None:
    shared = in_payout(session)
    deliverable = shared.deliverable
    assert (waits(session, deliverable), waiting(session, shared)) == ([("points_unassessed", "manager", AT, None)], False)
    assessed(session, shared)
    assert (waits(session, deliverable), waiting(session, shared)) == ([("proposal_due", "callboard", AT, None)], True)
    proposal = computed(session, deliverable)
    assert (waits(session, deliverable), waiting(session, shared)) == ([("window_open", "artist", AT, AFTER)], False)
    made = said_by(session, proposal, shared.left_out)
    assert waits(session, deliverable) == [("comments_unanswered", "manager", AT, None), ("window_open", "artist", AT, AFTER)]
    dispose(session, made.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AT)
    assert waits(session, deliverable, at=AFTER) == [("finalization", "finance", AFTER, None)]
    fay, flo = finalizers(session)
    finalize(session, proposal.id, by=fay, at=AFTER)
    assert rules.blockers(session, [deliverable], at=AFTER)[deliverable.id][0].message == "Finalized by 1 of 2 people."
    finalize(session, proposal.id, by=flo, at=AFTER)
    assert (waits(session, deliverable, at=AFTER), waiting(session, shared)) == ([("being_posted", "callboard", AFTER, None)], True)
    post_final(session, proposal.id, at=AFTER)
    assert (waits(session, deliverable, at=AFTER), waiting(session, shared)) == ([], False)


def test_the_sentences_name_the_moment_and_the_count(session: Session) -> None:
    shared = in_payout(session)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    for who in (shared.ana, shared.ben):
        said_by(session, proposal, who)
    comments, window = rules.blockers(session, [shared.deliverable], at=AT)[shared.deliverable.id]
    assert comments.message == "2 comments are unanswered."
    assert window.message.startswith("Every contributor may comment on the proposal until 26 December 2026, 01:00 (America/Los_Angeles")


def test_a_proposal_that_pays_nobody_waits_for_the_manager(session: Session) -> None:
    shared = in_payout(session)
    make_staff(session, shared, shared.ana, shared.ben)
    assessed(session, shared)
    computed(session, shared.deliverable)
    assert waits(session, shared.deliverable, at=AFTER + timedelta(days=1)) == [("nobody_to_pay", "manager", AT, None)]


def test_a_lineage_that_changed_since_waits_for_the_manager_to_ask_for_a_new_version(session: Session) -> None:
    shared, proposal = proposed(session)
    assert waits(session, shared.deliverable, at=AFTER) == [("finalization", "finance", AFTER, None)]
    confirmed(session, shared, at=LATER)
    assert waits(session, shared.deliverable, at=AFTER) == [("inputs_changed", "manager", LATER, None)]
    (blocker,) = rules.blockers(session, [shared.deliverable], at=AFTER)[shared.deliverable.id]
    assert (blocker.message, blocker.action) == (
        f"The lineage has changed since version {proposal.number} was calculated. Request a new version.", "propose",
    )  # fmt: skip
    propose_again(session, shared.deliverable.id, "", by=shared.manager, at=LATER)
    assert waits(session, shared.deliverable) == [("proposal_due", "callboard", LATER, None), ("window_open", "artist", AT, AFTER)]
    computed(session, shared.deliverable, at=LATER)
    assert waits(session, shared.deliverable) == [("window_open", "artist", LATER, AFTER + timedelta(days=2))]


def test_a_weight_and_a_wrapper_that_a_curator_finds_change_the_lineage_until_they_are_found_otherwise_again(session: Session) -> None:
    shared, _proposal = proposed(session)
    judge, edge = curator(session, shared.made), (shared.newer.id, shared.older.id)
    standing = [("window_open", "artist", AT, AFTER)]
    for weight, then in ((3, [("inputs_changed", "manager", LATER, None)]), (1, standing)):
        claim_actions.decide(session, *edge, True, "It is most of it.", weight=weight, by=judge, at=LATER)
        assert waits(session, shared.deliverable) == then
    for is_wrapper, then in ((True, [("inputs_changed", "manager", LATER, None)]), (False, standing)):
        claim_actions.find_wrapper(session, shared.older.id, is_wrapper, "Compared side by side.", by=judge, at=LATER)
        assert waits(session, shared.deliverable) == then


def test_what_is_decided_elsewhere_in_the_campaign_leaves_a_proposal_as_it_is(session: Session) -> None:
    shared, _proposal = proposed(session)
    judge = curator(session, shared.made)
    claim_actions.find_wrapper(session, shared.unused.id, True, "A copy.", by=judge, at=LATER)
    assert waits(session, shared.deliverable) == [("window_open", "artist", AT, AFTER)]


def test_while_a_campaign_is_paused_its_window_stays_open_in_the_gate_too(session: Session) -> None:
    shared, _proposal = proposed(session)
    lifecycle.pause(session, shared.made.id, "The brand moves.", by=shared.manager, at=LATER)
    assert waits(session, shared.deliverable, at=AFTER + timedelta(days=9)) == [("window_open", "artist", AT, AFTER)]


def test_gates_and_waiting_work_are_asked_in_as_many_queries_for_thirty_deliverables_as_for_one(session: Session) -> None:
    wanted = [DeliverableOrder(f"Tale {n}", kind="text", format="Markdown", length="a page", price=100_000 + n) for n in range(30)]
    shared = in_payout(session, *wanted)
    deliverables = deliverables_of(session, shared.made.id)
    for deliverable in deliverables:
        assessed(session, shared, deliverable=deliverable)
        computed(session, deliverable)
    counts = []
    for some in (deliverables[:1], deliverables):
        with statements(session) as sent:
            assert [len(found) for found in rules.blockers(session, some, at=AT).values()] == [1] * len(some)
            work_waiting(session, [shared.made.id])
        counts.append(len(sent))
    assert counts == [5, 5]


def test_a_gate_reads_its_present_visit_only(session: Session) -> None:
    shared = in_payout(session)
    assessed(session, shared)
    shared.deliverable.visit += 1
    assert waits(session, shared.deliverable) == [("points_unassessed", "manager", AT, None)]
