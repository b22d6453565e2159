"""The final word, and the one journal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.budgets import fee_shares
from campaigns.brief.queries import written_brief
from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, Refusal
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM, Actor, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.ledger import checks as ledger_checks
from campaigns.ledger.accounts import fee_income, held, payee
from campaigns.ledger.models import Journal
from campaigns.ledger.queries import balance
from campaigns.payout import checks
from campaigns.payout.errors import (
    AlreadyFinal,
    BeingComputed,
    CommentsUnanswered,
    GainsFromIt,
    InputsChanged,
    NobodyToPay,
    NoSuchProposal,
    OwnProposal,
    ProposalClosed,
    ProposalSuperseded,
    WindowOpen,
)
from campaigns.payout.finalizations.actions import finalize, post_final, unposted
from campaigns.payout.models import Disposition, Finalization, Proposal, ProposalState
from campaigns.payout.proposals.actions import dispose
from campaigns.payout.proposals.queries import finalized_by
from tests.called_off import call_off
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    STORY,
    TALE,
    assessed,
    computed,
    confirmed,
    finalizers,
    in_payout,
    made_final,
    make_staff,
    posted,
    proposed,
    said_by,
    told,
)
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import person, someone
from workers.transactions import unit_of_work


def refusal(session: Session, proposal: Proposal, by: Actor | None = None, *, at: datetime = AFTER) -> type[Refusal]:
    return type(refusal_of(session, lambda: finalize(session, proposal.id, by=by or finalizers(session)[0], at=at)))


def test_two_people_who_gain_nothing_make_a_proposal_final(session: Session) -> None:
    _shared, proposal = proposed(session)
    fay, flo = finalizers(session)
    finalize(session, proposal.id, by=fay, at=AFTER)
    assert (proposal.state, finalized_by(session, proposal.id)) == (ProposalState.OPEN, [fay.person])
    finalize(session, proposal.id, by=flo, at=AFTER)
    assert (proposal.state, proposal.final_at) == (ProposalState.FINAL, AFTER)
    facts = told(session, "payout.finalised")
    assert [(fact.facts["is_final"], fact.facts["inputs_hash"]) for fact in facts] == [
        (False, proposal.inputs_hash), (True, proposal.inputs_hash),
    ]  # fmt: skip


def test_a_word_counts_only_while_its_giver_holds_the_role(session: Session) -> None:
    _shared, proposal = proposed(session)
    fay, flo = finalizers(session)
    finalize(session, proposal.id, by=fay, at=AFTER)
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == fay.person))
    states = [finalize(session, proposal.id, by=by, at=AFTER).state for by in (flo, someone(session, Role.FINANCE, "Finn"))]
    assert states == [ProposalState.OPEN, ProposalState.FINAL]


def test_one_persons_word_counts_once(session: Session) -> None:
    _shared, proposal = proposed(session)
    fay, _flo = finalizers(session)
    for _time in range(2):
        finalize(session, proposal.id, by=fay, at=AFTER)
    assert (proposal.state, finalized_by(session, proposal.id)) == (ProposalState.OPEN, [fay.person])


def test_a_proposal_is_not_final_before_its_window_has_closed(session: Session) -> None:
    _shared, proposal = proposed(session)
    assert refusal(session, proposal, at=AFTER - timedelta(seconds=1)) is WindowOpen


def test_the_window_stands_still_while_the_campaign_is_paused(session: Session) -> None:
    shared, proposal = proposed(session)
    lifecycle.pause(session, shared.made.id, "The brand moves.", by=shared.manager, at=AT)
    assert refusal(session, proposal, at=AFTER + timedelta(days=30)) is WindowOpen


def test_a_proposal_with_an_unanswered_comment_is_not_final_even_when_a_newer_version_has_none(session: Session) -> None:
    shared, first = proposed(session)
    said_by(session, first, shared.left_out)
    assert refusal(session, first) is CommentsUnanswered
    assessed(session, shared, points=9)
    assert refusal(session, computed(session, shared.deliverable)) is CommentsUnanswered


def test_whoever_has_a_line_or_made_something_in_the_lineage_has_no_say(session: Session) -> None:
    shared = in_payout(session, assembly="0.05")
    make_staff(session, shared, shared.ana)
    assessed(session, shared)
    proposal = computed(session, shared.deliverable)
    for who in (shared.ben, shared.ana, shared.editor):
        grant_role(session, who.person, Role.FINANCE, on=Scope(), by=SYSTEM)
        assert refusal(session, proposal, actor_for(session, who.person)) is GainsFromIt


def test_a_maker_without_a_credit_has_no_say_either(session: Session) -> None:
    shared, proposal = proposed(session)  # the editor keeps nothing, for the rule gives assembly no share
    grant_role(session, shared.editor.person, Role.FINANCE, on=Scope(), by=SYSTEM)
    assert refusal(session, proposal, actor_for(session, shared.editor.person)) is GainsFromIt


def test_whoever_assessed_the_points_does_not_make_their_own_proposal_final(session: Session) -> None:
    shared, proposal = proposed(session)
    assert refusal(session, proposal, shared.manager) is OwnProposal


def test_a_proposal_whose_inputs_have_changed_since_is_not_final(session: Session) -> None:
    shared, proposal = proposed(session)
    confirmed(session, shared)
    assert refusal(session, proposal) is InputsChanged


def test_a_proposal_is_not_final_while_the_next_is_being_computed(session: Session) -> None:
    shared, proposal = proposed(session)
    assessed(session, shared, points=9)
    assert refusal(session, proposal) is BeingComputed


def test_a_proposal_in_which_all_are_staff_is_not_final(session: Session) -> None:
    shared = in_payout(session)
    make_staff(session, shared, shared.ana, shared.ben)
    assessed(session, shared)
    assert refusal(session, computed(session, shared.deliverable)) is NobodyToPay


def test_an_earlier_version_and_a_final_one_are_not_made_final(session: Session) -> None:
    shared, first = proposed(session)
    assessed(session, shared, points=9)
    second = computed(session, shared.deliverable)
    assert refusal(session, first) is ProposalSuperseded
    made_final(session, second)
    assert refusal(session, second) is AlreadyFinal


def test_a_word_on_an_earlier_version_does_not_count_for_the_next(session: Session) -> None:
    shared, first = proposed(session)
    fay, flo = finalizers(session)
    finalize(session, first.id, by=fay, at=AFTER)
    assessed(session, shared, points=9)
    second = computed(session, shared.deliverable, at=AFTER)
    finalize(session, second.id, by=flo, at=AFTER)
    assert (second.state, finalized_by(session, second.id)) == (ProposalState.OPEN, [flo.person])


def test_only_finance_and_managers_make_it_final(session: Session) -> None:
    shared, proposal = proposed(session)
    assert refusal(session, proposal, shared.left_out) is Forbidden
    assert refusal(session, proposal, person(session)) is NoSuchProposal


def test_a_cancelled_campaign_makes_nothing_final(session: Session) -> None:
    shared, proposal = proposed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    assert refusal(session, proposal) is ProposalClosed


def test_two_finalizers_at_once_make_it_final_once(fresh_database: str) -> None:
    with unit_of_work() as session:
        _shared, proposal = proposed(session)
        people = [*finalizers(session), *finalizers(session)]
    barrier = Barrier(len(people))

    def say_final(by: Actor) -> ProposalState | None:
        barrier.wait()
        try:
            with unit_of_work() as session:
                return finalize(session, proposal.id, by=by, at=AFTER).state
        except AlreadyFinal:
            return None

    with ThreadPoolExecutor(len(people)) as pool:
        said = list(pool.map(say_final, people))
    assert sorted(map(str, said)) == ["None", "None", "final", "open"]
    with unit_of_work() as session:
        finals = [
            e.facts["is_final"] for e in session.scalars(select(Event).where(Event.name == "payout.finalised").order_by(Event.number))
        ]
        assert (finals, len(session.scalars(select(Finalization)).all())) == ([False, True], 2)


def test_a_final_proposal_is_posted_in_one_journal_with_its_part_of_the_fee(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE, assembly="0.05")
    before = balance(session, held(shared.made.id, "USD"))
    fee = fee_shares(written_brief(session, shared.made.id).brief, written_brief(session, shared.made.id).deliverables)[
        shared.deliverable.id
    ]
    assert unposted(session, shared.deliverable.id) is None
    made_final(session, proposal)
    assert unposted(session, shared.deliverable.id) == proposal.id
    for _time in range(2):
        post_final(session, proposal.id, at=AFTER)
    paid = {who.person: balance(session, payee(who.person, "USD")) for who in (shared.editor, shared.ben, shared.ana)}
    assert paid == {shared.editor.person: 50_000, shared.ben.person: 665_000, shared.ana.person: 285_000}
    assert (balance(session, fee_income("USD")), before - balance(session, held(shared.made.id, "USD"))) == (fee, 1_000_000 + fee)
    assert len(session.scalars(select(Journal).where(Journal.kind == "payout.final")).all()) == 1
    assert (proposal.posted_at, unposted(session, shared.deliverable.id)) == (AFTER, None)
    (fact,) = told(session, "payout.posted")
    assert fact.facts == {"proposal": str(proposal.id), "pool": 1_000_000, "fee": fee, "currency": "USD"}
    assert [b.invariant.name for b in ledger_checks.broken(session, (*ledger_checks.INVARIANTS, *checks.INVARIANTS))] == []


def test_a_proposal_that_is_not_final_is_not_posted(session: Session) -> None:
    _shared, proposal = proposed(session)
    assert post_final(session, proposal.id, at=AFTER).posted_at is None
    assert session.scalars(select(Journal).where(Journal.kind == "payout.final")).all() == []


def test_once_every_proposal_is_posted_the_fee_is_earned_and_the_reserve_goes_back(session: Session) -> None:
    shared, proposal = proposed(session, STORY, TALE)
    budget = written_brief(session, shared.made.id).budget
    for deliverable in deliverables_of(session, shared.made.id):
        if deliverable.id != shared.deliverable.id:
            assessed(session, shared, deliverable=deliverable)
            proposal_of_other = computed(session, deliverable)
    posted(session, proposal)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    assert [t.stage for t in deliverables_of(session, shared.made.id)] == [Stage.DONE, Stage.PAYOUT]
    posted(session, proposal_of_other)
    lifecycle.move_on(session, shared.made.id, at=AFTER)
    assert (shared.made.campaign.done_at, balance(session, fee_income("USD"))) == (AFTER, budget.fee)
    assert balance(session, held(shared.made.id, "USD")) == 0
    refunds = session.execute(text("select amount from refund where campaign_id = :id"), {"id": shared.made.id}).all()
    assert refunds == [(budget.reserve,)]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("alter table proposal_line disable trigger frozen; update proposal_line set amount = amount - 1", "lines_are_the_pool"),
        ("alter table proposal_finalization disable trigger frozen; delete from proposal_finalization", "final_by_two_who_gain_nothing"),
        ("update proposal set closes_at = final_at + interval '1 day'", "final_after_every_answer"),
        (
            """alter table proposal_line disable trigger frozen;
            update proposal_line set amount = (select sum(amount) from proposal_line) - amount""",
            "posted_as_proposed",
        ),
    ],
)
def test_a_broken_invariant_is_named(session: Session, statement: str, broken: str) -> None:
    _shared, proposal = proposed(session)
    posted(session, proposal)
    session.flush()
    for part in statement.split(";"):
        session.execute(text(part))
    assert broken in [b.invariant.name for b in ledger_checks.broken(session, checks.INVARIANTS)]


def test_an_answered_comment_does_not_simulator_the_way(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.left_out)
    dispose(session, made.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AFTER)
    assert made_final(session, proposal).state is ProposalState.FINAL


def test_a_second_manager_may_be_one_of_the_two(session: Session) -> None:
    _shared, proposal = proposed(session)
    second = someone(session, Role.MANAGER, "Milo")
    finalize(session, proposal.id, by=second, at=AFTER)
    assert finalized_by(session, proposal.id) == [second.person]
