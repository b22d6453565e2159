from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import SYSTEM, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.assignments.actions import assign, declare_conflict
from campaigns.curation.assignments.queries import Coverage, conflicts_declared, coverage, desk
from campaigns.curation.errors import AlreadyPublished, NoSuchReview, NotReviewed
from campaigns.curation.models import Review, Score, TakenBack
from campaigns.curation.queries import Which, standings
from campaigns.curation.reviews.actions import submit_review, take_back
from campaigns.curation.reviews.queries import DeskOf, blind_desk, blind_file, blind_review, desks, next_on_desk
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.ranking import judged
from tests.campaigns.curation.test_curation_reviews import ALL_FOUR, LATER, ask, curating, first_on_desk
from tests.factories import curator, person

SOON = LATER + timedelta(hours=1)


def left_in(session: Session, deliverable: Deliverable) -> int:
    outstanding = standings(session, [deliverable])[deliverable.id].outstanding
    assert outstanding is not None
    return outstanding.reviews


def written(session: Session) -> tuple[int, int]:
    reviews, scores = (session.scalars(select(func.count()).select_from(table)).one() for table in (Review, Score))
    return reviews, scores


def test_a_judgement_that_is_taken_back_counts_no_more_and_is_kept_to_begin_from(session: Session) -> None:
    made, deliverable, (judge, *_others) = curating(session)
    ask(session, made, deliverable, [judge, *_others])
    first = first_on_desk(session, judge)
    left = left_in(session, deliverable)
    submit_review(session, first, ALL_FOUR, "Warm.", by=judge, at=LATER)
    assert (left_in(session, deliverable), written(session)) == (left - 1, (1, 4))
    kept = take_back(session, first, by=judge, at=SOON)
    assert (kept.scores, kept.reason, kept.taken_back_at) == (ALL_FOUR, "Warm.", SOON)
    assert (left_in(session, deliverable), written(session), first_on_desk(session, judge)) == (
        left,
        (0, 0),
        first,
    )
    assert [j.mean for j in judged(session, deliverable.id, by=made.manager)] == [None] * 4
    blind, _criteria = blind_review(session, first, by=judge)
    assert (blind.scores, blind.reason, blind.taken_back) == ({}, None, kept)
    (told,) = recorded(session, EventName.CURATION_REVIEW_TAKEN_BACK)
    assert (told.actor_id, told.facts["assignment"]) == (judge.person, str(first))


def test_judging_again_after_taking_back_forgets_what_was_taken_back(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=1)
    ask(session, made, deliverable, judges, per_contribution=3)
    first = first_on_desk(session, judges[0])
    for reason in ("Once.", "Twice."):
        submit_review(session, first, ALL_FOUR, reason, by=judges[0], at=LATER)
        take_back(session, first, by=judges[0], at=SOON)
    assert session.get_one(TakenBack, first).reason == "Twice."
    review = submit_review(session, first, ALL_FOUR, "Thrice.", by=judges[0], at=SOON)
    assert (review.reason, review.revised_at, session.get(TakenBack, first)) == ("Thrice.", None, None)


def test_what_was_not_judged_cannot_be_taken_back_and_what_was_published_stands(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=2, curators=2)
    ask(session, made, deliverable, [judge, other])
    first = first_on_desk(session, judge)
    with pytest.raises(NotReviewed):
        take_back(session, first, by=judge, at=LATER)
    submit_review(session, first, ALL_FOUR, "Warm.", by=judge, at=LATER)
    with pytest.raises(NoSuchReview):
        take_back(session, first, by=other, at=LATER)
    publish(session, deliverable.id, deliverable.visit, {}, {}, "Not this time.", by=made.manager, at=LATER)
    with pytest.raises(AlreadyPublished):
        take_back(session, first, by=judge, at=SOON)
    assert (written(session), session.get(TakenBack, first)) == ((1, 4), None)


def test_the_desk_goes_on_to_what_follows_then_to_what_was_left_out_and_ends(session: Session) -> None:
    made, deliverable, (judge, _other) = curating(session, contributions=3, curators=2)
    ask(session, made, deliverable, [judge, _other])
    first, second, third = (a.assignment.id for a in desk(session, by=judge))

    def step(after: UUID | None = None) -> UUID | None:
        return next_on_desk(session, made.id, after, by=judge)

    assert (step(), step(first), step(second), step(third)) == (first, second, third, first)
    submit_review(session, second, ALL_FOUR, "Warm.", by=judge, at=LATER)
    assert (step(first), step(third)) == (third, first)
    for assignment in (first, third):
        submit_review(session, assignment, ALL_FOUR, "Warm.", by=judge, at=LATER)
    assert step(third) is None
    assert [a.id for a in blind_desk(session, by=judge, which=Which.JUDGED)] == [first, second, third]


def test_the_desk_of_another_campaign_comes_once_this_one_is_judged(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=1, curators=2)
    second, its_deliverable, _judges = curating(session, contributions=1, curators=1)
    ask(session, made, deliverable, [judge, other])
    grant_role(session, judge.person, Role.CURATOR, on=Scope(campaign_id=second.id), by=SYSTEM)
    both = actor_for(session, judge.person)
    assign(session, its_deliverable.id, [both.person], 1, by=second.manager, at=LATER)
    mine = {a.deliverable.campaign_id: a.assignment.id for a in desk(session, by=both)}
    assert next_on_desk(session, made.id, mine[made.id], by=both) == mine[made.id]
    submit_review(session, mine[made.id], ALL_FOUR, "Warm.", by=both, at=LATER)
    assert next_on_desk(session, made.id, mine[made.id], by=both) == mine[second.id]
    assert {(d.campaign_id, d.judged, d.left) for d in desks(session, by=both)} == {(made.id, 1, 0), (second.id, 0, 1)}


def test_a_curator_sees_how_far_they_have_come_until_the_selection_is_published(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=3, curators=2)
    ask(session, made, deliverable, [judge, other])
    submit_review(session, first_on_desk(session, judge), ALL_FOUR, "Warm.", by=judge, at=LATER)
    (mine,) = desks(session, by=judge)
    assert mine == DeskOf(made.id, made.campaign.title, 1, 2, mine.due_at)
    assert (mine.handed_out, mine.due_at is not None, desks(session, by=person(session))) == (3, True, [])
    publish(session, deliverable.id, deliverable.visit, {}, {}, "Not this time.", by=made.manager, at=LATER)
    assert desks(session, by=judge) == []


def test_a_file_on_the_desk_is_shown_to_its_curator_alone(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=1, curators=2)
    ask(session, made, deliverable, [judge], per_contribution=1)
    first = first_on_desk(session, judge)
    shown = blind_file(session, first, "text", by=judge)
    assert (shown.mime, shown.name, len(shown.sha256)) == ("text/html", "text", 64)
    for role, by in (("original", judge), ("text", other), ("text", made.manager)):
        with pytest.raises(NoSuchReview):
            blind_file(session, first, role, by=by)


def test_the_manager_sees_which_contributions_lack_reviewers_and_who_declared_a_conflict(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=2, curators=2)
    assert coverage(session, made.id, by=made.manager) == Coverage(0, 0, 0, 2, 0)
    ask(session, made, deliverable, judges)
    first = desk(session, by=judges[0])[0]
    submit_review(session, first.assignment.id, ALL_FOUR, "Warm.", by=judges[0], at=LATER)
    assert coverage(session, made.id, by=made.manager) == Coverage(1, 3, 0, 2, 0)
    declare_conflict(session, desk(session, by=judges[1])[0].assignment.id, by=judges[1], at=SOON)
    assert coverage(session, made.id, by=made.manager) == Coverage(1, 2, 0, 2, 1)
    (declared,) = conflicts_declared(session, made.id, by=made.manager)
    assert (declared.curator, declared.declared_at, declared.reviewers) == ("Judge 1", SOON, 1)
    for look in (coverage, conflicts_declared):
        with pytest.raises(Forbidden):
            look(session, made.id, by=judges[0])


def test_a_conflict_is_handed_on_and_the_contribution_has_its_reviewers_again(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=2, curators=2)
    ask(session, made, deliverable, [*judges, curator(session, made, "Third")])
    released: UUID = desk(session, by=judges[0])[0].assignment.id
    declare_conflict(session, released, by=judges[0], at=LATER)
    assert [d.reviewers for d in conflicts_declared(session, made.id, by=made.manager)] == [2]
    assert coverage(session, made.id, by=made.manager).thin == 0
