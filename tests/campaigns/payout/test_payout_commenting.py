"""Comments and their public answers."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.core.errors import Forbidden, ReasonMissing
from campaigns.core.membership import take_part_as_artist
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.payout.errors import (
    AlreadyAnswered,
    AlreadyFinal,
    CommentIncomplete,
    NoSuchLine,
    NoSuchProposal,
    NotAContributor,
    OwnComment,
    ProposalClosed,
    ProposalSuperseded,
    WindowClosed,
)
from campaigns.payout.models import Disposition
from campaigns.payout.proposals.actions import comment, dispose, is_due
from campaigns.payout.proposals.queries import comments, said
from tests.called_off import call_off
from tests.campaigns.payout.sharing import (
    AFTER,
    AT,
    CLAIM,
    EVIDENCE,
    Shared,
    amounts,
    assessed,
    computed,
    confirmed,
    in_payout,
    made_final,
    proposed,
    said_by,
    told,
)
from tests.campaigns.payout.unmoved import refusal_of
from tests.factories import contributed, person

ACCEPTED, DECLINED, CHANGED = Disposition.ACCEPTED, Disposition.DECLINED, Disposition.CHANGED


def _contribute(session: Session, shared: Shared, by: Actor) -> None:
    """A contribution that comes in while another deliverable is still open."""
    session.execute(text("update open_call set closes_at = :at"), {"at": AFTER})
    session.expire_all()
    contributed(session, shared.made, by, "Too late to be used")


def _artist(session: Session, by: Actor) -> Actor:
    """The same person, who has said that they take part as an artist, too."""
    take_part_as_artist(session, by=by, at=AT)
    return actor_for(session, by.person)


def test_someone_left_out_comments_and_everyone_reads_it(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.left_out)
    assert (said(session, made, by=SYSTEM).author, said(session, made, by=SYSTEM).about) == ("Lea", None)
    assert [one.comment.claim for one in comments(session, proposal, by=SYSTEM)] == [CLAIM]
    (fact,) = told(session, "payout.commented")
    assert fact.facts == {"proposal": str(proposal.id), "comment": str(made.id), "is_left_out": True}


def test_a_comment_may_be_about_someones_line(session: Session) -> None:
    shared, proposal = proposed(session)
    assert said(session, said_by(session, proposal, shared.ana, shared.ben.person), by=SYSTEM).about == "Ben"


def test_a_comment_about_someone_without_a_line_is_refused(session: Session) -> None:
    shared, proposal = proposed(session)
    refused = refusal_of(session, lambda: said_by(session, proposal, shared.ana, shared.left_out.person))
    assert (type(refused), refused.status, refused.field) == (NoSuchLine, 400, "about")


@pytest.mark.parametrize(("claim", "evidence", "field"), [(" ", EVIDENCE, "claim"), (CLAIM, "\n", "evidence")])
def test_a_comment_says_what_is_wrong_and_how_one_can_see_it(session: Session, claim: str, evidence: str, field: str) -> None:
    shared, proposal = proposed(session)
    refused = refusal_of(session, lambda: comment(session, proposal.id, None, claim, evidence, by=shared.ana, at=AT))
    assert (type(refused), refused.status, refused.field) == (CommentIncomplete, 400, field)


def test_comments_end_with_the_window(session: Session) -> None:
    shared, proposal = proposed(session)
    said_by(session, proposal, shared.ana, at=AFTER - timedelta(seconds=1))
    assert isinstance(refusal_of(session, lambda: said_by(session, proposal, shared.ana, at=AFTER)), WindowClosed)


def test_a_pause_stops_the_window_and_its_end_moves_it_on(session: Session) -> None:
    shared, proposal = proposed(session)
    lifecycle.pause(session, shared.made.id, "The brand moves.", by=shared.manager, at=AT + timedelta(days=1))
    said_by(session, proposal, shared.ana, at=AFTER + timedelta(days=1))
    lifecycle.resume(session, shared.made.id, by=shared.manager, at=AT + timedelta(days=11))
    session.refresh(proposal)
    assert proposal.closes_at == AFTER + timedelta(days=10)


def test_a_window_that_opens_during_a_pause_is_fourteen_days_long_from_its_end(session: Session) -> None:
    shared = in_payout(session)
    assessed(session, shared)
    lifecycle.pause(session, shared.made.id, "The brand moves.", by=shared.manager, at=AT)
    proposal = computed(session, shared.deliverable, at=AT + timedelta(days=20))
    said_by(session, proposal, shared.ana, at=AT + timedelta(days=40))
    lifecycle.resume(session, shared.made.id, by=shared.manager, at=AT + timedelta(days=50))
    session.refresh(proposal)
    assert proposal.closes_at == AFTER + timedelta(days=50)


def test_a_window_that_had_closed_before_a_pause_stays_closed(session: Session) -> None:
    shared, proposal = proposed(session)
    lifecycle.pause(session, shared.made.id, "The brand moves.", by=shared.manager, at=AFTER)
    assert isinstance(refusal_of(session, lambda: said_by(session, proposal, shared.ana, at=AFTER)), WindowClosed)
    lifecycle.resume(session, shared.made.id, by=shared.manager, at=AFTER + timedelta(days=5))
    session.refresh(proposal)
    assert proposal.closes_at == AFTER


def test_a_cancelled_campaign_hears_no_comments(session: Session) -> None:
    shared, proposal = proposed(session)
    call_off(session, shared.made.id, "The line is stopped.", by=shared.manager, at=AT)
    assert isinstance(refusal_of(session, lambda: said_by(session, proposal, shared.ana)), ProposalClosed)


def test_an_earlier_version_is_not_commented_on_any_more(session: Session) -> None:
    shared, first = proposed(session)
    assessed(session, shared, points=9)
    computed(session, shared.deliverable)
    assert isinstance(refusal_of(session, lambda: said_by(session, first, shared.ana)), ProposalSuperseded)


def test_comments_are_the_contributors_and_for_strangers_there_is_no_proposal(session: Session) -> None:
    shared, proposal = proposed(session)
    finance = shared.made.finance
    assert type(refusal_of(session, lambda: said_by(session, proposal, finance))) is Forbidden
    artist = _artist(session, finance)
    assert isinstance(refusal_of(session, lambda: said_by(session, proposal, artist)), NotAContributor)
    assert isinstance(refusal_of(session, lambda: said_by(session, proposal, person(session))), NoSuchProposal)


def test_whoever_contributed_something_that_nobody_used_is_heard(session: Session) -> None:
    shared, proposal = proposed(session)
    late = person(session, "Noor")
    _contribute(session, shared, late)
    assert said(session, said_by(session, proposal, late), by=SYSTEM).author == "Noor"


def test_an_accepted_comment_has_the_proposal_computed_anew_and_a_declined_one_does_not(session: Session) -> None:
    shared, proposal = proposed(session)
    first, second, third = (said_by(session, proposal, who) for who in (shared.ana, shared.ben, shared.left_out))
    dispose(session, first.id, DECLINED, "The source is not in it.", by=shared.manager, at=AT)
    assert not is_due(session, shared.deliverable.id)
    answered = dispose(session, second.id, ACCEPTED, " A curator confirmed it. ", by=shared.manager, at=AT)
    assert (answered.disposition, answered.reason, answered.disposed_by) == (ACCEPTED, "A curator confirmed it.", shared.manager.person)
    assert is_due(session, shared.deliverable.id)
    fact = told(session, "payout.comment_answered")[-1]
    assert (fact.reason, fact.facts["disposition"]) == ("A curator confirmed it.", "accepted")
    dispose(session, third.id, CHANGED, "Another weight.", by=shared.manager, at=AT)


def test_a_comment_by_someone_left_out_adds_an_edge_and_a_line(session: Session) -> None:
    shared, first = proposed(session)
    made = said_by(session, first, shared.left_out)
    confirmed(session, shared)
    dispose(session, made.id, ACCEPTED, "Ben has confirmed it.", by=shared.manager, at=AT)
    second = computed(session, shared.deliverable)
    assert (second.number, second.because) == (2, "Ben has confirmed it.")
    assert amounts(session, second) == {shared.ben.person: 600_000, shared.ana.person: 300_000, shared.left_out.person: 100_000}
    assert {(edge["work"], edge["source"]) for edge in second.edges} - {(edge["work"], edge["source"]) for edge in first.edges} == {
        (str(shared.newer.id), str(shared.unused.id))
    }


def test_an_answer_is_given_once_and_the_same_again_changes_nothing(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.ana)
    dispose(session, made.id, DECLINED, "No.", by=shared.manager, at=AT)
    assert dispose(session, made.id, DECLINED, "No.", by=shared.manager, at=AFTER).disposed_at == AT
    assert len(told(session, "payout.comment_answered")) == 1
    refused = refusal_of(session, lambda: dispose(session, made.id, ACCEPTED, "Yes.", by=shared.manager, at=AT))
    assert isinstance(refused, AlreadyAnswered)


def test_an_answer_has_a_reason(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.ana)
    refused = refusal_of(session, lambda: dispose(session, made.id, ACCEPTED, " ", by=shared.manager, at=AT))
    assert (type(refused), refused.field) == (ReasonMissing, "reason")


def test_nobody_answers_their_own_comment(session: Session) -> None:
    shared, proposal = proposed(session)
    manager = _artist(session, shared.manager)
    _contribute(session, shared, manager)
    made = said_by(session, proposal, manager)
    refused = refusal_of(session, lambda: dispose(session, made.id, ACCEPTED, "Of course.", by=manager, at=AT))
    assert isinstance(refused, OwnComment)


def test_only_the_manager_answers(session: Session) -> None:
    shared, proposal = proposed(session)
    made = said_by(session, proposal, shared.ana)
    for who, refusal in ((shared.ben, Forbidden), (shared.made.finance, Forbidden), (person(session), NoSuchProposal)):
        assert type(refusal_of(session, partial(dispose, session, made.id, DECLINED, "No.", by=who, at=AT))) is refusal


def test_a_final_proposal_is_not_answered_for_any_more(session: Session) -> None:
    shared, proposal = proposed(session)
    made_final(session, proposal)
    session.execute(
        text(
            "insert into proposal_comment (id, proposal_id, person_id, claim, evidence, made_at) "
            "values (gen_random_uuid(), :proposal, :person, 'x', 'y', now())"
        ),
        {"proposal": proposal.id, "person": shared.ana.person},
    )
    made = comments(session, proposal, by=SYSTEM)[0].comment
    assert isinstance(refusal_of(session, lambda: dispose(session, made.id, DECLINED, "No.", by=shared.manager, at=AT)), AlreadyFinal)


def test_the_database_refuses_half_an_answer(session: Session) -> None:
    shared, proposal = proposed(session)
    said_by(session, proposal, shared.ana)
    with pytest.raises(IntegrityError, match="ck_proposal_comment_disposed"):
        session.execute(text("update proposal_comment set disposition = 'accepted'"))
