"""What a desk says of a contribution: what its own curator has said of it, and nothing of anybody else's."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core.people import SYSTEM, Scope, actor_for
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import desk
from campaigns.curation.errors import NoSuchReview
from campaigns.curation.models import Criterion, ReviewAssignment
from campaigns.curation.reviews.actions import submit_review, take_back
from campaigns.curation.reviews.queries import blind_desk, blind_file, blind_review, blind_reviews
from campaigns.curation.selections.actions import publish
from campaigns.open_call.models import Rendition
from tests.campaigns.curation.test_curation_reviews import ALL_FOUR, LATER, ask, curating


def test_a_desk_has_for_each_contribution_its_own_campaign_files_scores_and_words(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=3, curators=2)
    second, its_deliverable, _judges = curating(session, contributions=1, curators=1)
    second.campaign.title = "Summer songs"
    ask(session, made, deliverable, [judge, other])
    grant_role(session, judge.person, Role.CURATOR, on=Scope(campaign_id=second.id), by=SYSTEM)
    judge = actor_for(session, judge.person)
    assign(session, its_deliverable.id, [judge.person], 1, by=second.manager, at=LATER)
    mine = desk(session, by=judge)
    here = [each.assignment.id for each in mine if each.deliverable.campaign_id == made.id]
    submit_review(session, here[0], ALL_FOUR, "Warm.", by=judge, at=LATER)
    submit_review(session, here[1], ALL_FOUR, "Once.", by=judge, at=LATER)
    kept = take_back(session, here[1], by=judge, at=LATER)
    told = {each.id: each for each in blind_desk(session, by=judge, which=None)}
    assert set(told) == {each.assignment.id for each in mine}
    assert {each.id: (each.scores, each.reason, each.taken_back) for each in told.values()} == {
        each: {here[0]: (ALL_FOUR, "Warm.", None), here[1]: ({}, None, kept)}.get(each, ({}, None, None)) for each in told
    }
    for each in mine:
        blind = told[each.assignment.id]
        title = made.campaign.title if each.deliverable.campaign_id == made.id else "Summer songs"
        place = session.get_one(ReviewAssignment, blind.id).place.upper()
        assert (blind.campaign_id, blind.campaign, blind.code) == (each.deliverable.campaign_id, title, f"{place[:4]}-{place[4:8]}")
        assert (blind.kind, blind.may_change, [shown.role for shown in blind.renditions]) == (each.contribution.kind, True, ["text"])
        shown = session.get_one(Rendition, (each.contribution.id, "text"))
        assert blind_file(session, blind.id, "text", by=judge).sha256 == shown.sha256


def test_only_what_is_on_ones_own_desk_is_told(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=2, curators=2)
    ask(session, made, deliverable, [judge, other])
    mine, theirs = ([each.assignment.id for each in desk(session, by=who)] for who in (judge, other))
    assert set(blind_reviews(session, [*mine[:1], *theirs], by=judge)) == set(mine[:1])
    blind, criteria = blind_review(session, mine[0], by=judge)
    assert (blind.id, len(criteria), {type(each) for each in criteria}) == (mine[0], 4, {Criterion})
    for look in (lambda: blind_review(session, theirs[0], by=judge), lambda: blind_file(session, theirs[0], "text", by=judge)):
        with pytest.raises(NoSuchReview):
            look()


def test_what_was_published_can_be_changed_no_more(session: Session) -> None:
    made, deliverable, (judge, other) = curating(session, contributions=2, curators=2)
    ask(session, made, deliverable, [judge, other])
    first = desk(session, by=judge)[0].assignment.id
    submit_review(session, first, ALL_FOUR, "Warm.", by=judge, at=LATER)
    publish(session, deliverable.id, deliverable.visit, {}, {}, "Not this time.", by=made.manager, at=LATER)
    blind, _criteria = blind_review(session, first, by=judge)
    assert (blind.may_change, blind.scores, blind.reason) == (False, ALL_FOUR, "Warm.")
