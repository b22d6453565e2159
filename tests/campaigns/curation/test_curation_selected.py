from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.errors import Forbidden, ReasonMissing, Stale
from campaigns.core.people import SYSTEM, Actor, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.queries import desk
from campaigns.curation.errors import AlreadyPublished, ContributionNotTakingPart, NotInCuration
from campaigns.curation.models import SelectedContribution, Selection, SelectionOutcome
from campaigns.curation.queries import contributions_taking_part
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.selections.actions import deselect, publish_selected, seal, select_for, selected, selected_counts
from campaigns.curation.selections.queries import chosen_counts
from campaigns.curation.selections.ranking import judged, left_to_judge, ranked
from campaigns.open_call.contributions import actions as open_call_actions
from campaigns.open_call.credits import makers_of
from campaigns.open_call.models import Contribution
from tests.campaigns.brief.counting import statements
from tests.campaigns.curation.test_curation_reviews import ALL_FOUR, LATER, ask, curating
from tests.factories import came_into, contributed, entered, opened_call, person, someone, taking_part


def meant(session: Session, deliverable: Deliverable, by: Actor) -> dict[UUID, tuple[bool, str]]:
    return {contribution: (said.chosen, said.reason) for contribution, said in selected(session, deliverable.id, by=by).items()}


def finish(session: Session, deliverable: Deliverable, by: Actor, reason: str, *, visit: int) -> Selection:
    return publish_selected(session, deliverable.id, visit, seal(selected(session, deliverable.id, by=by)), reason, by=by, at=LATER)


def test_selected_contributions_are_gathered_and_published_in_one_act(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=3)
    first, second, third = sorted(contributions_taking_part(session, made.id))
    select_for(session, deliverable.id, first, True, "It moved us. ", by=made.manager, at=LATER)
    select_for(session, deliverable.id, second, True, "Bold.", by=made.manager, at=LATER)
    select_for(session, deliverable.id, second, False, "Too short.", by=made.manager, at=LATER)
    assert meant(session, deliverable, made.manager) == {first: (True, "It moved us."), second: (False, "Too short.")}
    assert (selected_counts(session, [deliverable]), session.scalar(select(func.count()).select_from(SelectionOutcome))) == (
        {deliverable.id: 1},
        0,
    )
    finish(session, deliverable, made.manager, "Not this time.", visit=deliverable.visit)
    outcomes = {o.contribution_id: (o.chosen, o.reason) for o in session.scalars(select(SelectionOutcome))}
    assert outcomes == {first: (True, "It moved us."), second: (False, "Too short."), third: (False, "Not this time.")}
    assert chosen_counts(session, [deliverable]) == {deliverable.id: 1}
    with pytest.raises(AlreadyPublished):
        select_for(session, deliverable.id, first, True, "Again.", by=made.manager, at=LATER)
    with pytest.raises(AlreadyPublished):
        deselect(session, deliverable.id, first, by=made.manager)
    with pytest.raises(Forbidden):
        selected(session, deliverable.id, by=judges[0])


def test_nothing_selected_is_published_as_nothing_chosen_with_its_reason(session: Session) -> None:
    made, deliverable, _judges = curating(session, contributions=2)
    first = min(contributions_taking_part(session, made.id))
    select_for(session, deliverable.id, first, True, "It moved us.", by=made.manager, at=LATER)
    deselect(session, deliverable.id, first, by=made.manager)
    deselect(session, deliverable.id, first, by=made.manager)
    with pytest.raises(ReasonMissing):
        finish(session, deliverable, made.manager, " ", visit=deliverable.visit)
    assert session.scalar(select(func.count()).select_from(Selection)) == 0
    finish(session, deliverable, made.manager, "None tells of a holiday.", visit=deliverable.visit)
    assert chosen_counts(session, [deliverable]) == {deliverable.id: 0}


def test_selecting_needs_a_reason_a_contribution_that_takes_part_and_a_deliverable_in_curation(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=1)
    sent = min(contributions_taking_part(session, made.id))
    elsewhere = taking_part(session, opened_call(session))

    def say(contribution_id: UUID, reason: str = "Bold.", by: Actor = made.manager) -> SelectedContribution | None:
        return select_for(session, deliverable.id, contribution_id, True, reason, by=by, at=LATER)

    for refusal, contribution_id, reason, by in (
        (ReasonMissing, sent, "  ", made.manager),
        (ContributionNotTakingPart, elsewhere.id, "Bold.", made.manager),
        (ContributionNotTakingPart, contributed(session, opened_call(session)).id, "Bold.", made.manager),
        (Forbidden, sent, "Bold.", judges[0]),
        (Forbidden, sent, "Bold.", person(session)),
    ):
        with pytest.raises(refusal):
            say(contribution_id, reason, by)
    with pytest.raises(Stale):
        finish(session, deliverable, made.manager, "Late.", visit=deliverable.visit - 1)
    came_into(session, deliverable, Stage.COLLABORATION, at=LATER)
    with pytest.raises(NotInCuration):
        say(sent)
    assert session.scalar(select(func.count()).select_from(SelectedContribution)) == 0


def test_what_was_selected_in_an_earlier_visit_or_taken_down_since_counts_no_more(session: Session) -> None:
    made, ana = opened_call(session), person(session)
    contribution, gone = taking_part(session, made).id, taking_part(session, made, ana)
    deliverable = entered(session, made, Stage.CURATION, at=LATER)[0]
    for each in (contribution, gone.id):
        select_for(session, deliverable.id, each, True, "Bold.", by=made.manager, at=LATER)
    open_call_actions.withdraw(session, gone.id, by=ana, at=LATER)
    assert (set(meant(session, deliverable, made.manager)), selected_counts(session, [deliverable])) == (
        {contribution},
        {deliverable.id: 1},
    )
    came_into(session, deliverable, Stage.CURATION, at=LATER)
    assert (meant(session, deliverable, made.manager), selected_counts(session, [deliverable])) == ({}, {})


def test_contributions_are_ranked_by_the_mean_of_all_their_scores_and_paged_without_a_gap(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=5)
    ask(session, made, deliverable, judges)
    for judge in judges:
        for number, found in enumerate(desk(session, by=judge)[:2]):
            submit_review(session, found.assignment.id, dict.fromkeys(ALL_FOUR, 1 + number * 2), "So.", by=judge, at=LATER)
    whole = ranked(session, deliverable.id, by=made.manager)
    means = [each.mean or 0 for each in whole]
    assert (len(whole), means) == (5, sorted(means, reverse=True))
    pages, after = [], None
    while page := ranked(session, deliverable.id, by=made.manager, after=after, limit=2):
        pages += [each.contribution.id for each in page]
        after = page[-1].contribution.id
    assert pages == [each.contribution.id for each in whole]
    with pytest.raises(Forbidden):
        ranked(session, deliverable.id, by=judges[0])


def test_a_manager_who_also_judges_chooses_from_no_contribution_before_their_own_review_of_it(session: Session) -> None:
    made, deliverable, judges = curating(session, contributions=2)
    for contribution in session.scalars(select(Contribution)):
        contribution.title = f"Lanterns, by {makers_of(session, [contribution.id])[contribution.id][0].name}"
    grant_role(session, made.manager.person, Role.CURATOR, on=Scope(campaign_id=made.id), by=SYSTEM)
    both = actor_for(session, made.manager.person)
    ask(session, made, deliverable, [judges[0], both])
    for found in desk(session, by=judges[0]):
        submit_review(session, found.assignment.id, dict.fromkeys(ALL_FOUR, 5), "Planted reason.", by=judges[0], at=LATER)
    assert (
        ranked(session, deliverable.id, by=both),
        judged(session, deliverable.id, by=both),
        left_to_judge(session, deliverable.id, by=both),
    ) == (
        [],
        [],
        2,
    )
    first = desk(session, by=both)[0]
    submit_review(session, first.assignment.id, dict.fromkeys(ALL_FOUR, 1), "Mine.", by=both, at=LATER)
    for listed in (ranked, judged):
        (shown,) = listed(session, deliverable.id, by=both)
        assert (shown.contribution.id, len(shown.reviews), "Artist" in shown.title) == (first.contribution.id, 2, False)
    other = someone(session, Role.MANAGER, "Mia")
    assert ["Artist" in found.title for found in ranked(session, deliverable.id, by=other)] == [True, True]


def test_ranking_thirty_contributions_costs_as_many_statements_as_ranking_one(session: Session) -> None:
    counts = []
    for contributions in (1, 30):
        made, deliverable, judges = curating(session, contributions=contributions)
        ask(session, made, deliverable, judges)
        with statements(session) as asked:
            assert len(ranked(session, deliverable.id, by=made.manager)) == contributions
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_was_selected_and_not_seen_is_not_published(session: Session) -> None:
    made, deliverable, _judges = curating(session, contributions=2)
    seen = seal(selected(session, deliverable.id, by=made.manager))
    select_for(session, deliverable.id, min(contributions_taking_part(session, made.id)), True, "Bold.", by=made.manager, at=LATER)
    with pytest.raises(Stale):
        publish_selected(session, deliverable.id, deliverable.visit, seen, "Not this time.", by=made.manager, at=LATER)
    assert session.scalar(select(func.count()).select_from(Selection)) == 0
