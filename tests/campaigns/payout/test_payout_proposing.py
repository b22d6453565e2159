"""Proposals: computed, frozen, computed again."""

from datetime import datetime, timedelta
from functools import partial
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.core.errors import Forbidden
from campaigns.core.people import SYSTEM
from campaigns.payout.assessments.actions import ask_for_proposal
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.errors import AlreadyFinal, NoSuchProposal, NotAssessed, NothingChanged
from campaigns.payout.models import Proposal, ProposalLine, ProposalState
from campaigns.payout.proposals.actions import WINDOW, draft, gather_due, is_due, lowers, open_proposal, propose_again
from campaigns.payout.proposals.changes import changes
from campaigns.payout.proposals.queries import proposals
from campaigns.payout.split import Inputs, Split, from_canonical, inputs_hash, split
from tests.campaigns.payout.lineages import inputs
from tests.campaigns.payout.sharing import (
    AT,
    STORY,
    TALE,
    Shared,
    amounts,
    assessed,
    computed,
    confirmed,
    in_payout,
    made_final,
    make_staff,
    proposed,
    told,
)
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import curator, person

LATER = AT + timedelta(days=3)


def again(session: Session, shared: Shared, *, at: datetime = LATER) -> Proposal:
    propose_again(session, shared.deliverable.id, "A source was missing.", by=shared.manager, at=at)
    return computed(session, shared.deliverable, at=at)


def test_the_pool_is_shared_by_the_rule_over_the_lineage_of_the_approved_version(session: Session) -> None:
    shared, proposal = proposed(session, assembly="0.05")
    assert amounts(session, proposal) == {shared.editor.person: 50_000, shared.ben.person: 665_000, shared.ana.person: 285_000}
    assert (proposal.number, proposal.pool, proposal.currency, proposal.closes_at) == (1, 1_000_000, "USD", AT + WINDOW)
    (fact,) = told(session, "payout.proposed")
    assert (fact.facts["proposal"], fact.facts["lines"], fact.facts["restarts"]) == (str(proposal.id), 3, True)


def test_the_lines_can_be_computed_again_from_the_frozen_inputs(session: Session) -> None:
    _shared, proposal = proposed(session, assembly="0.0333")
    session.expire(proposal)
    frozen = from_canonical(proposal.inputs)
    assert inputs_hash(frozen) == proposal.inputs_hash
    lines = session.scalars(select(ProposalLine).where(ProposalLine.proposal_id == proposal.id))
    assert {(str(line.person_id), line.amount, line.credit, line.before_staff) for line in lines} == {
        (line.person, line.amount, line.credit, line.before_staff) for line in split(frozen).lines
    }


def test_staff_are_shown_with_the_credit_that_they_gave_up(session: Session) -> None:
    shared = in_payout(session)
    make_staff(session, shared, shared.ana)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    lines = {line.person_id: line for line in session.scalars(select(ProposalLine).where(ProposalLine.proposal_id == proposal.id))}
    ana, ben = lines[shared.ana.person], lines[shared.ben.person]
    assert (ana.is_staff, ana.amount, ana.credit) == (True, 0, 300_000 * 10**6)
    assert (ben.is_staff, ben.amount, ben.credit, ben.before_staff) == (False, 1_000_000, 10**12, 700_000 * 10**6)


def test_a_source_that_was_missing_gives_a_line_and_restarts_the_window_because_someone_gets_less(session: Session) -> None:
    shared, first = proposed(session)
    confirmed(session, shared)
    second = again(session, shared)
    assert (first.state, second.state, second.number) == (ProposalState.SUPERSEDED, ProposalState.OPEN, 2)
    assert (second.opened_at, second.closes_at) == (LATER, LATER + WINDOW)
    assert amounts(session, second) == {shared.ben.person: 600_000, shared.ana.person: 300_000, shared.left_out.person: 100_000}
    assert [(c.name, c.before, c.amount) for c in changes(session, second, by=SYSTEM)] == [("Ben", 700_000, 600_000), ("Lea", 0, 100_000)]
    assert changes(session, first, by=SYSTEM) == []


def test_a_change_that_lowers_nobody_leaves_the_window_as_it_was(session: Session) -> None:
    shared, first = proposed(session)
    assessed(session, shared, points=9)
    second = computed(session, shared.deliverable, at=LATER)
    assert (second.number, second.closes_at, amounts(session, second)) == (2, first.closes_at, amounts(session, first))
    assert [fact.facts["restarts"] for fact in told(session, "payout.proposed")] == [True, False]


def test_the_same_inputs_open_nothing_new(session: Session) -> None:
    shared, first = proposed(session)
    assessment = present_assessment(session, shared.deliverable)
    assert assessment is not None
    ask_for_proposal(assessment, "Look again.", at=LATER)
    assert computed(session, shared.deliverable, at=LATER) is first
    assert not is_due(session, shared.deliverable.id)


def test_nothing_is_computed_again_while_nothing_has_changed(session: Session) -> None:
    shared, _proposal = proposed(session)
    refused = refusal_of(session, lambda: propose_again(session, shared.deliverable.id, "", by=shared.manager, at=LATER))
    assert isinstance(refused, NothingChanged)


def test_a_change_back_to_earlier_inputs_is_a_version_of_its_own(session: Session) -> None:
    shared, first = proposed(session)
    assessed(session, shared, points=9)
    computed(session, shared.deliverable)
    assessed(session, shared, points=5)
    third = computed(session, shared.deliverable)
    assert (third.number, third.inputs_hash) == (3, first.inputs_hash)
    assert [p.number for p in proposals(session, shared.deliverable.id, by=shared.ana)] == [3, 2, 1]
    assert [p.number for p in proposals(session, shared.deliverable.id, by=shared.ana, after=third.id, limit=1)] == [2]


def test_what_was_asked_for_meanwhile_is_computed_next(session: Session) -> None:
    shared = in_payout(session)
    assessed(session, shared)
    due = gather_due(session, shared.deliverable.id)
    assert due is not None
    drafted = draft(*due)
    assessed(session, shared, points=7, at=LATER)
    assert open_proposal(session, shared.deliverable.id, drafted, at=LATER) is None
    assert is_due(session, shared.deliverable.id)
    assert session.scalars(select(Proposal)).all() == []


def test_there_is_nothing_to_propose_before_the_points(session: Session) -> None:
    shared = in_payout(session)
    assert gather_due(session, shared.deliverable.id) is None
    refused = refusal_of(session, lambda: propose_again(session, shared.deliverable.id, "", by=shared.manager, at=AT))
    assert isinstance(refused, NotAssessed)


def test_a_final_proposal_is_not_computed_again(session: Session) -> None:
    shared, proposal = proposed(session)
    made_final(session, proposal)
    confirmed(session, shared)
    refused = refusal_of(session, lambda: propose_again(session, shared.deliverable.id, "", by=shared.manager, at=LATER))
    assert isinstance(refused, AlreadyFinal)


def test_a_proposal_is_asked_for_by_the_manager(session: Session) -> None:
    shared, _proposal = proposed(session)
    confirmed(session, shared)
    for who, refusal in ((shared.ben, Forbidden), (person(session), NoSuchProposal)):
        assert type(refusal_of(session, partial(propose_again, session, shared.deliverable.id, "", by=who, at=LATER))) is refusal


def test_a_curators_finding_changes_what_a_proposal_is_computed_from(session: Session) -> None:
    shared, _proposal = proposed(session)
    claim_actions.find_wrapper(session, shared.newer.id, True, "An untouched copy.", by=curator(session, shared.made), at=LATER)
    assert amounts(session, again(session, shared)) == {shared.ana.person: 1_000_000}


def test_each_deliverable_has_a_proposal_of_its_own(session: Session) -> None:
    shared, _first = proposed(session, STORY, TALE)
    tale = next(t for t in session.scalars(select(type(shared.deliverable))) if t.title == TALE.title)
    assessed(session, shared, deliverable=tale)
    assert sum(amounts(session, computed(session, tale)).values()) == TALE.price


@pytest.mark.parametrize(
    "statement",
    [
        "update proposal set inputs_hash = repeat('0', 64)",
        "update proposal set pool = pool + 1",
        "delete from proposal_line",
        "update proposal_line set amount = amount + 1",
    ],
)
def test_the_database_itself_keeps_a_proposal_as_it_was_shown(session: Session, statement: str) -> None:
    proposed(session)
    with pytest.raises(IntegrityError, match="append-only"):
        session.execute(text(statement))


def test_a_deliverable_has_one_standing_proposal(session: Session) -> None:
    proposed(session)
    columns = "deliverable_id, visit, pool, currency, inputs, edges, inputs_hash, opened_at, closes_at, state, is_kill_fee"
    with pytest.raises(IntegrityError, match="uq_proposal_standing"):
        session.execute(text(f"insert into proposal (id, number, {columns}) select gen_random_uuid(), 2, {columns} from proposal"))


def by_person(divided: Split) -> dict[UUID, int]:
    return {uuid5(NAMESPACE_OID, line.person): line.amount for line in divided.lines}


@given(inputs(), st.integers(2, 9))
def test_points_that_grow_alike_lower_nobody(given_inputs: Inputs, factor: int) -> None:
    grown = {contribution: points * factor for contribution, points in given_inputs.composition.components.items()}
    before = by_person(split(given_inputs))
    again = type(given_inputs)(
        given_inputs.lineage,
        type(given_inputs.composition)(grown, given_inputs.composition.makers),
        given_inputs.rule,
        given_inputs.pool,
        "USD",
    )
    assert not lowers(before, by_person(split(again)))


SHARED_OUT = st.dictionaries(st.sampled_from([UUID(int=number) for number in range(3)]), st.integers(1, 9))


@given(SHARED_OUT, SHARED_OUT)
def test_someone_is_lowered_who_gets_less_or_nothing_any_more(before: dict[UUID, int], now: dict[UUID, int]) -> None:
    assert lowers(before, now) == any(now.get(person, 0) < amount for person, amount in before.items())
