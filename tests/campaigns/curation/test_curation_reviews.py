from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core.campaign import Deliverable, Ended
from campaigns.core.errors import Forbidden, ReasonMissing, Refusal
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign, declare_conflict
from campaigns.curation.assignments.queries import conflicts, desk
from campaigns.curation.assignments.rules import draw
from campaigns.curation.errors import (
    AlreadyPublished,
    ConflictOfInterest,
    InvalidRubric,
    NoSuchReview,
    NotACurator,
    NothingToReview,
    NotInCuration,
    RubricInUse,
    ScoreMissing,
    ScoreOutOfRange,
    TooFewCurators,
)
from campaigns.curation.models import Conflict, Criterion, Review, ReviewAssignment, ReviewRound, Score
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.reviews.queries import blind_desk, blind_review
from campaigns.curation.rubrics.actions import DEFAULTS, RubricQuestion, rubric, set_rubric
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.ranking import judged
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership, contributed, curator, entered, opened_call, person, remixed, taking_part

LATER = NOW + timedelta(days=21)
ALL_FOUR = {"Story": 4, "Craft": 4, "Brief": 4, "Promise": 4}


def curating(session: Session, contributions: int = 4, curators: int = 3) -> tuple[Partnership, Deliverable, list[Actor]]:
    """A campaign in curation, its first deliverable, and its curators."""
    made = opened_call(session)
    for n in range(contributions):
        taking_part(session, made, person(session, f"Artist {n}"), f"Work {n}")
    judges = [curator(session, made, f"Judge {n}") for n in range(curators)]
    return made, entered(session, made, Stage.CURATION, at=LATER)[0], judges


def ask(session: Session, made: Partnership, deliverable: Deliverable, judges: list[Actor], per_contribution: int = 2) -> ReviewRound:
    return assign(session, deliverable.id, [j.person for j in judges], per_contribution, by=made.manager, at=LATER)


def handed(session: Session) -> set[tuple[UUID, UUID]]:
    rows = select(ReviewAssignment).where(ReviewAssignment.released_at.is_(None))
    return {(a.curator_id, a.contribution_id) for a in session.scalars(rows)}


def first_on_desk(session: Session, judge: Actor) -> UUID:
    return desk(session, by=judge)[0].assignment.id


def test_contributions_are_handed_out_evenly_and_each_curator_has_an_order_of_their_own_drawn_from_the_stored_seed(
    session: Session,
) -> None:
    made, deliverable, judges = curating(session, contributions=6)
    handing = ask(session, made, deliverable, judges)
    desks = {judge.person: desk(session, by=judge) for judge in judges}
    assert [len(contributions) for contributions in desks.values()] == [4, 4, 4]
    for judge, contributions in desks.items():
        drawn = {a.contribution.id: draw(handing.seed, judge, a.contribution.id) for a in contributions}
        assert [a.contribution.id for a in contributions] == sorted(drawn, key=drawn.__getitem__)


def test_a_contribution_is_reviewed_once_for_all_deliverables_and_a_later_round_asks_only_for_what_lacks(session: Session) -> None:
    made, deliverable, judges = curating(session)
    other = next(t for t in session.scalars(select(Deliverable).where(Deliverable.campaign_id == made.id)) if t.id != deliverable.id)
    ask(session, made, deliverable, judges)
    before = handed(session)
    ask(session, made, other, judges)
    assert handed(session) == before
    ask(session, made, other, judges, per_contribution=3)
    assert len(handed(session)) == 12


def test_nobody_gets_a_contribution_they_made_one_built_on_theirs_or_one_that_theirs_is_built_on(session: Session) -> None:
    made = opened_call(session)
    judge, other, ana = curator(session, made), curator(session, made), person(session)
    older = taking_part(session, made, ana)
    own = remixed(session, made, judge, (older, SourceKind.CONTAINS))
    shared = taking_part(session, made, ana, makers={ana.person: 1, judge.person: 1})
    newer = remixed(session, made, ana, (own, SourceKind.CONTAINS))
    free = taking_part(session, made, ana)
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    ask(session, made, deliverable, [judge, other])
    everything = {older.id, own.id, shared.id, newer.id, free.id}
    assert handed(session) == {(judge.person, free.id), *((other.person, contribution) for contribution in everything)}


def test_a_line_of_contributions_is_a_conflict_however_many_generations_lie_between(session: Session) -> None:
    made = opened_call(session)
    judge, ana = curator(session, made), person(session)
    first = taking_part(session, made, ana, "First")
    second = remixed(session, made, ana, (first, SourceKind.CONTAINS), title="Second")
    own = remixed(session, made, judge, (second, SourceKind.INFLUENCED_BY), title="Own")
    after = remixed(session, made, ana, (own, SourceKind.CONTAINS), title="After")
    last = remixed(session, made, ana, (after, SourceKind.CONTAINS), title="Last")
    cousin = remixed(session, made, ana, (first, SourceKind.CONTAINS), title="Cousin")
    line = {contribution.id for contribution in (first, second, own, after, last)}
    assert conflicts(session, [judge.person], line | {cousin.id}) == {(judge.person, contribution) for contribution in line}


def test_a_review_by_someone_who_has_come_to_have_a_conflict_is_refused(session: Session) -> None:
    made = opened_call(session)
    judge, *others = (curator(session, made, f"Judge {n}") for n in range(3))
    taking_part(session, made)
    own = taking_part(session, made, judge)
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    ask(session, made, deliverable, [judge, *others], per_contribution=3)
    assignment = first_on_desk(session, judge)
    older = session.get_one(ReviewAssignment, assignment).contribution_id
    claim_actions.claim(session, own.id, older, SourceKind.INFLUENCED_BY, by=judge, at=LATER)
    with pytest.raises(ConflictOfInterest):
        submit_review(session, assignment, ALL_FOUR, "Good.", by=judge, at=LATER)
    assert session.query(Review).count() == 0


def test_a_declared_conflict_sends_the_contribution_to_another_curator_of_the_round(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=1)
    ask(session, made, deliverable, judges, per_contribution=1)
    ((first, contribution),) = handed(session)
    judge = next(j for j in judges if j.person == first)
    assignment = first_on_desk(session, judge)
    submit_review(session, assignment, ALL_FOUR, "Good.", by=judge, at=LATER)
    declare_conflict(session, assignment, by=judge, at=LATER)
    ((second, same),) = handed(session)
    assert (second != first, same) == (True, contribution)
    assert judged(session, deliverable.id, by=made.manager)[0].reviews == []
    with pytest.raises(NoSuchReview):
        submit_review(session, assignment, ALL_FOUR, "Good.", by=judge, at=LATER)
    ask(session, made, deliverable, judges, per_contribution=3)
    assert first not in {curator for curator, _contribution in handed(session)}
    assert session.query(Conflict).count() == 1


def test_only_curators_of_the_campaign_are_asked_and_never_fewer_than_each_contribution_needs(session: Session) -> None:
    made, deliverable, judges = curating(session)
    elsewhere = curator(session, opened_call(session))
    with pytest.raises(NotACurator):
        ask(session, made, deliverable, [*judges, elsewhere])
    for per_contribution in (0, 4):
        with pytest.raises(TooFewCurators):
            ask(session, made, deliverable, judges, per_contribution=per_contribution)
    with pytest.raises(TooFewCurators):
        ask(session, made, deliverable, [judges[0], judges[0]])
    with pytest.raises(Forbidden):
        assign(session, deliverable.id, [judges[0].person], 1, by=judges[0], at=LATER)
    assert session.query(ReviewRound).count() == 0


def test_curators_are_asked_only_in_curation_and_only_where_there_is_something_to_review(session: Session) -> None:
    made = opened_call(session)
    judge = curator(session, made)
    contributed(session, made)
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    with pytest.raises(NothingToReview):
        ask(session, made, deliverable, [judge], per_contribution=1)
    deliverable.stage = Stage.OPEN_CALL
    with pytest.raises(NotInCuration):
        ask(session, made, deliverable, [judge], per_contribution=1)
    assert session.query(ReviewRound).count() == 0


def test_a_review_is_a_score_for_every_criterion_and_a_reason_and_may_be_revised(session: Session) -> None:
    made, deliverable, (judge, *_others) = curating(session)
    ask(session, made, deliverable, [judge], per_contribution=1)
    assignment = first_on_desk(session, judge)
    submit_review(session, assignment, ALL_FOUR, "Fine.", by=judge, at=LATER)
    later = LATER + timedelta(hours=1)
    kept = submit_review(session, assignment, ALL_FOUR | {"Story": 5}, " Better. ", by=judge, at=later)
    assert (kept.reason, kept.submitted_at, kept.revised_at) == ("Better.", LATER, later)
    blind, criteria = blind_review(session, assignment, by=judge)
    assert (blind.scores, blind.reason, blind.may_change) == ({"Story": 5, "Craft": 4, "Brief": 4, "Promise": 4}, "Better.", True)
    assert [c.name for c in criteria] == ["Story", "Craft", "Brief", "Promise"]
    assert assignment not in [a.id for a in blind_desk(session, by=judge)]
    assert assignment in [a.id for a in blind_desk(session, by=judge, which=None)]


@pytest.mark.parametrize(
    ("scores", "reason", "refusal"),
    [
        ({"Story": 4}, "Good.", ScoreMissing),
        (ALL_FOUR | {"Likes": 5}, "Good.", ScoreMissing),
        (ALL_FOUR | {"Story": 0}, "Good.", ScoreOutOfRange),
        (ALL_FOUR | {"Story": 6}, "Good.", ScoreOutOfRange),
        (ALL_FOUR, " ", ReasonMissing),
    ],
)
def test_a_review_that_leaves_something_out_or_leaves_the_scale_is_refused(
    session: Session, scores: dict[str, int], reason: str, refusal: type[Refusal]
) -> None:
    made, deliverable, (judge, *_others) = curating(session, contributions=1)
    ask(session, made, deliverable, [judge], per_contribution=1)
    with pytest.raises(refusal):
        submit_review(session, first_on_desk(session, judge), scores, reason, by=judge, at=LATER)
    assert (session.query(Review).count(), session.query(Score).count()) == (0, 0)


def test_a_desk_is_its_curators_alone(session: Session) -> None:
    made, deliverable, (judge, other, _third) = curating(session)
    ask(session, made, deliverable, [judge], per_contribution=1)
    for act in (blind_review, declare_conflict):
        with pytest.raises(NoSuchReview):
            act(session, first_on_desk(session, judge), by=other, **({"at": LATER} if act is declare_conflict else {}))
    assert desk(session, by=other) == []


def test_after_the_selection_a_review_stands(session: Session) -> None:
    made, deliverable, (judge, *_others) = curating(session)
    ask(session, made, deliverable, [judge], per_contribution=1)
    assignment = first_on_desk(session, judge)
    publish(session, deliverable.id, deliverable.visit, {}, {}, "Nothing fits.", by=made.manager, at=LATER)
    with pytest.raises(AlreadyPublished):
        submit_review(session, assignment, ALL_FOUR, "Good.", by=judge, at=LATER)
    with pytest.raises(AlreadyPublished):
        ask(session, made, deliverable, [judge], per_contribution=1)
    assert (desk(session, by=judge), session.query(Review).count()) == ([], 0)


def test_the_manager_sees_what_the_reviews_say_of_each_contribution(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=1, curators=3)
    ask(session, made, deliverable, judges, per_contribution=3)
    for judge, story in zip(judges[:2], (2, 5), strict=True):
        submit_review(session, first_on_desk(session, judge), ALL_FOUR | {"Story": story}, f"Story {story}.", by=judge, at=LATER)
    (found,) = judged(session, deliverable.id, by=made.manager)
    assert (found.contribution.title, found.outstanding, found.mean) == ("Work 0", 1, 3.88)
    assert found.means == {"Story": 3.5, "Craft": 4, "Brief": 4, "Promise": 4}
    assert sorted(v.reason for v in found.reviews) == ["Story 2.", "Story 5."]
    with pytest.raises(Forbidden):
        judged(session, deliverable.id, by=judges[0])


def test_a_desk_and_the_managers_list_take_as_many_queries_for_thirty_contributions_as_for_one(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=30)
    ask(session, made, deliverable, judges, per_contribution=3)
    sent = []
    for size in (1, 30):
        with statements(session) as some:
            assert len(blind_desk(session, by=judges[0], limit=size)) == size
            assert len(judged(session, deliverable.id, by=made.manager, limit=size)) == size
        sent.append(len(some))
    assert sent == [9, 9]


def test_the_rubric_starts_with_four_questions_and_is_the_managers_until_a_contribution_is_reviewed(session: Session) -> None:
    made, deliverable, (judge, *_others) = curating(session)
    assert [(c.name, c.question) for c in rubric(session, made.id)] == [(q.name, q.question) for q in DEFAULTS]
    set_rubric(session, made.id, [RubricQuestion(" Heart ", "Does it move you?")], by=made.manager, at=LATER)
    ask(session, made, deliverable, [judge], per_contribution=1)
    submit_review(session, first_on_desk(session, judge), {"Heart": 3}, "It does.", by=judge, at=LATER)
    with pytest.raises(RubricInUse):
        set_rubric(session, made.id, DEFAULTS, by=made.manager, at=LATER)
    assert [c.name for c in rubric(session, made.id)] == ["Heart"]


def test_a_rubric_without_criteria_or_with_a_nameless_or_doubled_one_is_refused(session: Session) -> None:
    made, _deliverable, (judge, *_others) = curating(session)
    for questions in (
        [],
        [RubricQuestion(" ", "Why?")],
        [RubricQuestion("Heart", " ")],
        [RubricQuestion("Heart", "a"), RubricQuestion("heart ", "b")],
    ):
        with pytest.raises(InvalidRubric):
            set_rubric(session, made.id, questions, by=made.manager, at=LATER)
    with pytest.raises(Forbidden):
        set_rubric(session, made.id, DEFAULTS, by=judge, at=LATER)
    assert session.query(Criterion).where(Criterion.campaign_id == made.id).count() == 4


def test_the_rubric_of_a_cancelled_campaign_stays_as_it_is(session: Session) -> None:
    made, _deliverable, _judges = curating(session)
    call_off(session, made.id, "The brand stopped.", by=made.manager, at=LATER)
    with pytest.raises(Ended):
        set_rubric(session, made.id, [RubricQuestion("Heart", "Does it move you?")], by=made.manager, at=LATER)
    assert [c.name for c in rubric(session, made.id)] == [q.name for q in DEFAULTS]
