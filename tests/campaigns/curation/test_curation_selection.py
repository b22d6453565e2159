from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.errors import Forbidden, ReasonMissing, Refusal, Stale
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.curation import rules
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import desk
from campaigns.curation.errors import AlreadyPublished, ContributionNotTakingPart, NotInCuration, NotItsMaker
from campaigns.curation.models import Selection, SelectionOutcome
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.queries import chosen_contributions, outcomes, selections
from campaigns.open_call.errors import NoSuchContribution
from campaigns.open_call.makers.actions import confirm_part
from campaigns.open_call.models import Contribution, Maker, NamedMaker
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership, came_into, contributed, curator, entered, opened_call, person, taking_part
from workers.transactions import unit_of_work

LATER, DUE = NOW + timedelta(days=21), NOW + timedelta(days=28)


def curating(session: Session) -> tuple[Partnership, Deliverable, list[Contribution], Actor]:
    """A campaign in curation, its first deliverable, two contributions of Ana's and one of Ben's, and Ana."""
    made, ana = opened_call(session), person(session, "Ana")
    contributions = [taking_part(session, made, ana), taking_part(session, made, ana), taking_part(session, made, person(session, "Ben"))]
    return made, entered(session, made, Stage.CURATION, at=LATER)[0], contributions, ana


def said(session: Session, deliverable: Deliverable) -> dict[UUID, tuple[bool, str]]:
    return {
        o.contribution_id: (o.chosen, o.reason)
        for o in session.query(SelectionOutcome).where(
            SelectionOutcome.deliverable_id == deliverable.id, SelectionOutcome.visit == deliverable.visit
        )
    }


def codes(session: Session, deliverable: Deliverable) -> list[tuple[str, str]]:
    return [(b.code, b.waits_for) for b in rules.blockers(session, [deliverable], at=LATER)[deliverable.id]]


def test_a_selection_says_of_every_contribution_whether_it_is_chosen_and_why(session: Session) -> None:
    made, deliverable, (first, second, third), ana = curating(session)
    published = publish(
        session,
        deliverable.id,
        deliverable.visit,
        {first.id: " The voice. "},
        {second.id: "Too long."},
        "Not this time.",
        by=made.manager,
        at=LATER,
    )
    assert (published.published_at, published.published_by, published.common_reason) == (LATER, made.manager.person, "Not this time.")
    assert said(session, deliverable) == {
        first.id: (True, "The voice."),
        second.id: (False, "Too long."),
        third.id: (False, "Not this time."),
    }
    assert chosen_contributions(session, deliverable.id) == {first.id}
    ((outcome, _selection, _deliverable),) = outcomes(session, second.id, by=ana)
    assert outcome.reason == "Too long."


def test_nothing_chosen_is_an_outcome_with_its_reason(session: Session) -> None:
    made, deliverable, contributions, _ana = curating(session)
    publish(session, deliverable.id, deliverable.visit, {}, {}, "None of them can become a film.", by=made.manager, at=LATER)
    assert said(session, deliverable) == {contribution.id: (False, "None of them can become a film.") for contribution in contributions}
    assert codes(session, deliverable) == []


@pytest.mark.parametrize(
    ("chosen", "not_chosen", "common", "refusal", "field"),
    [
        ({0: "Yes."}, {}, None, ReasonMissing, "common_reason"),
        ({0: "Yes."}, {}, "  ", ReasonMissing, "common_reason"),
        ({}, {0: "No.", 1: "No.", 2: "No."}, None, ReasonMissing, "common_reason"),
        ({0: " "}, {}, "Not this time.", ReasonMissing, "chosen"),
        ({0: "Yes."}, {1: ""}, "Not this time.", ReasonMissing, "chosen"),
        ({0: "Yes."}, {0: "No."}, "Not this time.", ContributionNotTakingPart, "chosen"),
    ],
)
def test_a_selection_that_leaves_a_maker_without_a_reason_is_refused(
    session: Session, chosen: dict[int, str], not_chosen: dict[int, str], common: str | None, refusal: type[Refusal], field: str
) -> None:
    made, deliverable, contributions, _ana = curating(session)
    for_, against = ({contributions[n].id: reason for n, reason in named.items()} for named in (chosen, not_chosen))
    with pytest.raises(refusal) as caught:
        publish(session, deliverable.id, deliverable.visit, for_, against, common, by=made.manager, at=LATER)
    assert (caught.value.field, session.query(Selection).count(), session.query(SelectionOutcome).count()) == (field, 0, 0)


def test_a_contribution_that_does_not_take_part_here_cannot_be_chosen(session: Session) -> None:
    made, deliverable, _contributions, ana = curating(session)
    elsewhere = taking_part(session, opened_call(session), ana)
    waiting = opened_call(session)
    for sent in (elsewhere, contributed(session, waiting, ana)):
        with pytest.raises(ContributionNotTakingPart):
            publish(session, deliverable.id, deliverable.visit, {sent.id: "Yes."}, {}, "Not this time.", by=made.manager, at=LATER)
    assert session.query(Selection).count() == 0


def test_only_the_manager_publishes_once_for_each_visit_and_only_in_curation(session: Session) -> None:
    made, deliverable, (first, *_others), ana = curating(session)
    for by in (ana, curator(session, made)):
        with pytest.raises(Forbidden):
            publish(session, deliverable.id, deliverable.visit, {first.id: "Yes."}, {}, "No.", by=by, at=LATER)
    with pytest.raises(Stale):
        publish(session, deliverable.id, deliverable.visit - 1, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    publish(session, deliverable.id, deliverable.visit, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    with pytest.raises(AlreadyPublished):
        publish(session, deliverable.id, deliverable.visit, {}, {}, "None.", by=made.manager, at=LATER)
    came_into(session, deliverable, Stage.COLLABORATION, at=LATER)
    with pytest.raises(NotInCuration):
        publish(session, deliverable.id, deliverable.visit, {}, {}, "None.", by=made.manager, at=LATER)
    assert chosen_contributions(session, deliverable.id) == {first.id}


def test_a_move_back_asks_for_a_new_selection_and_keeps_the_earlier_one_as_history(session: Session) -> None:
    made, deliverable, (first, second, _third), ana = curating(session)
    seen = deliverable.visit
    publish(session, deliverable.id, seen, {first.id: "The voice."}, {}, "Not this time.", by=made.manager, at=LATER)
    came_into(session, deliverable, Stage.CURATION, at=LATER)
    assert codes(session, deliverable) == [("curators_unassigned", "manager"), ("selection_unpublished", "manager")]
    publish(session, deliverable.id, deliverable.visit, {second.id: "The end."}, {}, "Not this time.", by=made.manager, at=LATER)
    found = selections(session, deliverable.id, by=made.manager)
    assert [(s.selection.visit, s.is_present, [w.id for _o, w in s.chosen]) for s in found] == [
        (deliverable.visit, True, [second.id]),
        (seen, False, [first.id]),
    ]
    assert chosen_contributions(session, deliverable.id) == {second.id}
    assert sorted(o.chosen for o, _s, _t in outcomes(session, first.id, by=ana)) == [False, True]


def test_one_contribution_may_be_chosen_for_every_deliverable_whose_selection_is_not_published(session: Session) -> None:
    made, _deliverable, (first, *_others), ana = curating(session)
    for each in deliverables_of(session, made.id):
        publish(session, each.id, each.visit, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    assert [chosen_contributions(session, t.id) for t in deliverables_of(session, made.id)] == [{first.id}] * 3
    deliverables = deliverables_of(session, made.id)
    rest = [outcomes(session, first.id, by=ana, after=(deliverable.id, deliverable.visit), limit=2) for deliverable in deliverables]
    assert [[deliverable.id for _outcome, _selection, deliverable in found] for found in rest] == [
        [deliverables[1].id, deliverables[2].id],
        [deliverables[2].id],
        [],
    ]


def test_the_reason_is_for_the_contributions_makers_and_for_whoever_chooses(session: Session) -> None:
    made, deliverable, (first, *_others), ana = curating(session)
    publish(session, deliverable.id, deliverable.visit, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    assert len(outcomes(session, first.id, by=ana)) == len(outcomes(session, first.id, by=made.manager)) == 1
    for by, refusal in ((person(session), NoSuchContribution), (curator(session, made), NotItsMaker)):
        with pytest.raises(refusal):
            outcomes(session, first.id, by=by)
        with pytest.raises(Forbidden):
            selections(session, deliverable.id, by=by)


def test_whoever_is_only_named_as_a_maker_reads_the_reason_once_they_have_confirmed_it(session: Session) -> None:
    made, deliverable, (first, *_others), _ana = curating(session)
    publish(session, deliverable.id, deliverable.visit, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    ben = person(session, "Ben")
    session.add(Maker(contribution_id=first.id, person_id=ben.person, shares=1))
    session.flush()
    session.add(NamedMaker(contribution_id=first.id, person_id=ben.person))
    session.flush()
    with pytest.raises(NotItsMaker):
        outcomes(session, first.id, by=ben)
    confirm_part(session, first.id, by=ben, at=LATER)
    assert len(outcomes(session, first.id, by=ben)) == 1


def test_what_was_published_is_never_changed(session: Session) -> None:
    made, deliverable, (first, *_others), _ana = curating(session)
    publish(session, deliverable.id, deliverable.visit, {first.id: "Yes."}, {}, "No.", by=made.manager, at=LATER)
    for change in (
        "update selection_outcome set chosen = true",
        "delete from selection_outcome",
        "update selection set common_reason = 'x'",
    ):
        with pytest.raises(IntegrityError, match="append-only"), session.begin_nested():
            session.execute(text(change))


def test_the_gate_waits_for_curators_then_for_their_reviews_and_only_the_selection_opens_it(session: Session) -> None:
    made, deliverable, _contributions, _ana = curating(session)
    judge = curator(session, made)
    assert codes(session, deliverable) == [("curators_unassigned", "manager"), ("selection_unpublished", "manager")]
    asked_at = LATER + timedelta(hours=1)
    assign(session, deliverable.id, [judge.person], 1, by=made.manager, at=asked_at)
    reviews, selection = rules.blockers(session, [deliverable], at=LATER)[deliverable.id]
    assert (reviews.code, reviews.waits_for, reviews.since, reviews.message) == (
        "reviews_outstanding",
        "curator",
        asked_at,
        "3 reviews are pending.",
    )
    assert (selection.code, selection.since, selection.due) == ("selection_unpublished", LATER, DUE)
    for assigned in desk(session, by=judge):
        scores = {"Story": 3, "Craft": 3, "Brief": 3, "Promise": 3}
        submit_review(session, assigned.assignment.id, scores, "Good.", by=judge, at=LATER)
    assert codes(session, deliverable) == [("selection_unpublished", "manager")]
    publish(session, deliverable.id, deliverable.visit, {}, {}, "None.", by=made.manager, at=LATER)
    assert codes(session, deliverable) == []


def test_the_gate_takes_as_many_queries_for_many_deliverables_as_for_one(session: Session) -> None:
    deliverables = [deliverable for _ in range(3) for deliverable in deliverables_of(session, curating(session)[0].id)]
    sent = []
    for some in (deliverables[:1], deliverables):
        with statements(session) as seen:
            assert rules.blockers(session, some, at=LATER).keys() == {t.id for t in some}
        sent.append(len(seen))
    assert sent == [1, 1]


def test_of_two_who_publish_at_once_one_is_refused_and_one_selection_stands(fresh_database: str) -> None:
    with unit_of_work() as session:
        made, deliverable, (first, second, _third), _ana = curating(session)
    start = Barrier(2)

    def choose(contribution: UUID) -> str:
        try:
            with unit_of_work() as session:
                start.wait()
                publish(session, deliverable.id, deliverable.visit, {contribution: "Yes."}, {}, "No.", by=made.manager, at=LATER)
        except AlreadyPublished:
            return "refused"
        return "published"

    with ThreadPoolExecutor(2) as hands:
        ends = list(hands.map(choose, [first.id, second.id]))
    with unit_of_work() as session:
        assert sorted(ends) == ["published", "refused"]
        assert chosen_contributions(session, deliverable.id) == {[first.id, second.id][ends.index("published")]}
        published = session.query(events.Event).where(events.Event.name == "curation.selection_published")
        assert [e.facts["not_chosen"] for e in published] == [2]
