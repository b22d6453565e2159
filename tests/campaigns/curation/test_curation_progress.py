from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.administration.roles import end_role
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Forbidden
from campaigns.core.event_names import EventName
from campaigns.core.events import recorded
from campaigns.core.people import Actor, RoleGrant, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign, declare_conflict
from campaigns.curation.assignments.queries import CuratorProgress, coverage, desk, handed_out, progress
from campaigns.curation.assignments.rules import barred_contributions
from campaigns.curation.checks import INVARIANTS
from campaigns.curation.errors import ContributionTakenDown
from campaigns.curation.models import ReviewAssignment, Tally
from campaigns.curation.reviews.actions import submit_review, take_back
from campaigns.curation.rubrics.actions import DEFAULTS
from campaigns.curation.rules import blockers
from campaigns.curation.selections.actions import publish
from campaigns.ledger.checks import broken
from campaigns.open_call.contributions.actions import withdraw
from campaigns.open_call.models import Contribution, Maker
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership, curator, entered, opened_call, person, taking_part

LATER = NOW + timedelta(days=21)
SOON = LATER + timedelta(hours=1)
SCORES = {question.name: 4 for question in DEFAULTS}


def curating(session: Session, contributions: int = 2, curators: int = 2) -> tuple[Partnership, Deliverable, list[Actor]]:
    made = opened_call(session)
    for n in range(contributions):
        taking_part(session, made, person(session, f"Artist {n}"), f"Work {n}")
    judges = sorted((curator(session, made, f"Judge {n}") for n in range(curators)), key=lambda judge: judge.person)
    return made, entered(session, made, Stage.CURATION, at=LATER)[0], judges


def maker_of(session: Session, contribution: Contribution) -> Actor:
    [maker] = session.scalars(select(Maker.person_id).where(Maker.contribution_id == contribution.id))
    return actor_for(session, maker)


def test_the_manager_sees_how_far_each_curator_has_come_and_nothing_of_what_they_found(session: Session) -> None:
    made, deliverable, (first, second, idle) = curating(session, curators=3)
    assign(session, deliverable.id, [first.person, second.person], 2, by=made.manager, at=LATER)
    seen, declined = (assigned.assignment.id for assigned in desk(session, by=first))
    submit_review(session, seen, SCORES, "Good.", by=first, at=LATER)
    submit_review(session, seen, SCORES, "Very good.", by=first, at=SOON)
    declare_conflict(session, declined, by=first, at=SOON)
    assert progress(session, made.id, by=made.manager) == [
        CuratorProgress(first.person, first.name, handed_out=1, reviewed=1, outstanding=0, lapsed=0, conflicts=1, last_at=SOON),
        CuratorProgress(second.person, second.name, handed_out=2, reviewed=0, outstanding=2, lapsed=0, conflicts=0, last_at=None),
    ]
    assert [each.curator_id for each in progress(session, made.id, by=made.manager, after=first.person)] == [second.person]
    publish(session, deliverable.id, deliverable.visit, {}, {}, "Not this time.", by=made.manager, at=SOON)
    assert [(each.outstanding, each.lapsed) for each in progress(session, made.id, by=made.manager)] == [(0, 0), (0, 2)]
    for judge in (first, idle):
        with pytest.raises(Forbidden):
            progress(session, made.id, by=judge)


def test_a_contribution_that_was_taken_down_is_on_no_desk_and_nobody_waits_for_its_review(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=1)
    assign(session, deliverable.id, [judge.person, other.person], 2, by=made.manager, at=LATER)
    (assigned,) = desk(session, by=judge)
    assert [wait.code for wait in blockers(session, [deliverable], at=LATER)[deliverable.id]] == [
        "reviews_outstanding",
        "selection_unpublished",
    ]
    withdraw(session, assigned.contribution.id, by=actor_for(session, assigned.contribution.uploaded_by), at=LATER)
    assert (desk(session, by=judge), desk(session, by=judge, which=None)) == ([], [])
    with pytest.raises(ContributionTakenDown):
        submit_review(session, assigned.assignment.id, SCORES, "Good.", by=judge, at=LATER)
    assert [wait.code for wait in blockers(session, [deliverable], at=LATER)[deliverable.id]] == ["selection_unpublished"]
    assert [(each.outstanding, each.lapsed) for each in progress(session, made.id, by=made.manager)] == [(0, 1), (0, 1)]


def test_how_far_they_have_come_takes_as_many_queries_for_thirty_curators_as_for_one(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=1, curators=30)
    assign(session, deliverable.id, [judge.person for judge in judges], 30, by=made.manager, at=LATER)
    sent = []
    for size in (1, 30):
        with statements(session) as some:
            assert len(progress(session, made.id, by=made.manager, limit=size)) == size
        sent.append(len(some))
    assert sent == [2, 2]


def test_a_contribution_that_is_handed_on_is_recorded_as_handed_out_to_whoever_gets_it(session: Session) -> None:
    made, deliverable, (first, second) = curating(session, contributions=1)
    handed = assign(session, deliverable.id, [first.person, second.person], 1, by=made.manager, at=LATER)
    judge, other = (first, second) if desk(session, by=first) else (second, first)
    declare_conflict(session, desk(session, by=judge)[0].assignment.id, by=judge, at=SOON)
    declare_conflict(session, desk(session, by=other)[0].assignment.id, by=other, at=SOON)
    facts = [(fact.actor_name, fact.facts["round"], fact.facts["curators"]) for fact in recorded(session, EventName.CURATION_ASSIGNED)]
    assert facts == [
        (made.manager.name, str(handed.id), [str(judge.person)]),
        ("Callboard", str(handed.id), [str(other.person)]),
    ]


def reviewers(session: Session, made: Partnership) -> set[UUID]:
    return {curator_id for curator_id, _contribution in handed_out(session, made.id)}


def test_a_contribution_that_no_curator_may_judge_is_named_until_another_is_asked(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=2)
    assign(session, deliverable.id, [judge.person for judge in judges], 1, by=made.manager, at=LATER)
    taken = desk(session, by=judges[0])[0]
    declare_conflict(session, taken.assignment.id, by=judges[0], at=LATER)
    assert barred_contributions(session, [deliverable]) == {}
    again = next(each for each in desk(session, by=judges[1]) if each.contribution.id == taken.contribution.id)
    declare_conflict(session, again.assignment.id, by=judges[1], at=LATER)
    assert barred_contributions(session, [deliverable]) == {made.id: [taken.contribution.id]}
    barred = blockers(session, [deliverable], at=LATER)[deliverable.id][-2]
    assert (barred.code, barred.waits_for, barred.action, barred.message) == (
        "contributions_barred", "manager", "assign",
        "No assigned curator can review 1 contribution because of conflicts of interest: assign another.",
    )  # fmt: skip
    another = curator(session, made, "Another")
    assign(session, deliverable.id, [another.person], 1, by=made.manager, at=SOON)
    assert barred_contributions(session, [deliverable]) == {}


def test_a_curator_whose_role_ends_leaves_what_is_judged_and_the_rest_goes_to_others(session: Session) -> None:
    made, deliverable, (first, second) = curating(session, contributions=3)
    assign(session, deliverable.id, [first.person, second.person], 1, by=made.manager, at=LATER)
    judge = max((first, second), key=lambda judge: len(desk(session, by=judge)))
    other = second if judge is first else first
    done, left = desk(session, by=judge)
    submit_review(session, done.assignment.id, SCORES, "Good.", by=judge, at=LATER)
    role = session.scalars(select(RoleGrant).where(RoleGrant.person_id == judge.person)).one()
    end_role(session, made.id, role.id, by=made.manager, at=SOON)
    handed = handed_out(session, made.id)
    assert {contribution for curator_id, contribution in handed if curator_id == judge.person} == {done.contribution.id}
    assert (other.person, left.contribution.id) in handed
    assert [fact.facts["reviews"] for fact in recorded(session, EventName.CURATION_DESK_CLEARED)] == [1]
    assert coverage(session, made.id, by=made.manager).thin == 0
    grant_role(session, judge.person, Role.CURATOR, on=made.campaign.scope, by=made.manager)
    assign(session, deliverable.id, [first.person, second.person], 2, by=made.manager, at=SOON)
    assert len(handed_out(session, made.id)) == 6


def test_a_curator_of_the_whole_brand_keeps_the_desk_when_a_role_for_one_campaign_ends(session: Session) -> None:
    made, deliverable, (judge, _other) = curating(session, contributions=1)
    assign(session, deliverable.id, [judge.person], 1, by=made.manager, at=LATER)
    role = session.scalars(select(RoleGrant).where(RoleGrant.person_id == judge.person)).one()
    grant_role(session, judge.person, Role.CURATOR, on=Scope(brand_id=made.brand.id), by=made.manager)
    end_role(session, made.id, role.id, by=made.manager, at=SOON)
    assert (reviewers(session, made), recorded(session, EventName.CURATION_DESK_CLEARED)) == ({judge.person}, [])


def test_a_contributions_tally_follows_what_its_curators_say_and_forgets_whoever_has_a_conflict(session: Session) -> None:
    made, deliverable, (first, second, _idle) = curating(session, contributions=1, curators=3)
    assign(session, deliverable.id, [first.person, second.person], 2, by=made.manager, at=LATER)
    tally = select(Tally.reviewers, Tally.points, Tally.answers, Tally.mean).where(Tally.campaign_id == made.id)
    assert session.execute(tally).all() == [(2, 0, 0, 0.0)]
    (mine,), (theirs,) = desk(session, by=first), desk(session, by=second)
    submit_review(session, mine.assignment.id, SCORES, "Good.", by=first, at=LATER)
    submit_review(session, theirs.assignment.id, dict.fromkeys(SCORES, 5), "Very good.", by=second, at=LATER)
    submit_review(session, mine.assignment.id, dict.fromkeys(SCORES, 2), "Less so.", by=first, at=SOON)
    count = len(SCORES)
    assert session.execute(tally).all() == [(2, 7 * count, 2 * count, 3.5)]
    assert set(session.scalars(select(ReviewAssignment.is_written))) == {True}
    declare_conflict(session, theirs.assignment.id, by=second, at=SOON)
    assert session.execute(tally).all() == [(1, 2 * count, count, 2.0)]


def test_what_is_kept_of_contributions_and_desks_is_what_there_is_to_count_after_every_deed_and_damage_is_named(session: Session) -> None:
    made, deliverable, (first, second) = curating(session, contributions=3)
    role = session.scalars(select(RoleGrant).where(RoleGrant.person_id == second.person)).one()
    assign(session, deliverable.id, [first.person, second.person], 2, by=made.manager, at=LATER)
    mine, other, third = desk(session, by=first)
    deeds = (
        lambda: submit_review(session, mine.assignment.id, SCORES, "Good.", by=first, at=LATER),
        lambda: submit_review(session, mine.assignment.id, dict.fromkeys(SCORES, 2), "Less so.", by=first, at=SOON),
        lambda: take_back(session, mine.assignment.id, by=first, at=SOON),
        lambda: declare_conflict(session, other.assignment.id, by=first, at=SOON),
        lambda: withdraw(session, third.contribution.id, by=maker_of(session, third.contribution), at=SOON),
        lambda: end_role(session, made.id, role.id, by=made.manager, at=SOON),
    )
    for deed in deeds:
        deed()
        session.flush()
        assert broken(session, INVARIANTS) == []
    session.execute(text("update tally set reviewers = reviewers + 1"))
    session.execute(text("update desk_tally set released = released + 1"))
    assert [fault.invariant.name for fault in broken(session, INVARIANTS)] == ["tallies_are_counts", "desks_are_counts"]


def test_more_can_never_be_left_on_a_desk_than_was_given_and_not_judged(session: Session) -> None:
    made, deliverable, (first, _second) = curating(session)
    assign(session, deliverable.id, [first.person], 1, by=made.manager, at=LATER)
    with pytest.raises(IntegrityError, match="ck_desk_tally_open"):
        session.execute(text("update desk_tally set open = given + 1"))
