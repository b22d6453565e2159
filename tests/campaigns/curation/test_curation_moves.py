"""The middle of the way by the real moves: collaboration, curation, and back."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.collaboration import actions
from campaigns.collaboration.models import CollaborationWindow, SourceKind
from campaigns.core.campaign import deliverables_of
from campaigns.core.stages import Stage
from campaigns.curation import rules
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.queries import chosen_contributions
from tests.factories import NOW, opened_call, person, remixed, taking_part

CALL_CLOSED, COLLABORATION_CLOSED = NOW + timedelta(days=14), NOW + timedelta(days=21)
DAY = timedelta(days=1)


def test_each_deliverable_goes_its_own_way_and_one_that_comes_back_takes_new_contributions(session: Session) -> None:
    made = opened_call(session)
    story = taking_part(session, made)
    moved = lifecycle.move_on(session, made.id, at=CALL_CLOSED)
    film, card, song = deliverables_of(session, made.id)
    assert [t.stage for t in moved] == [Stage.COLLABORATION] * 3

    actions.complete(session, film.id, film.visit, by=made.manager, at=CALL_CLOSED)
    assert lifecycle.move_on(session, made.id, at=CALL_CLOSED) == [film]
    publish(session, film.id, film.visit, {story.id: "The voice."}, {}, by=made.manager, at=CALL_CLOSED)
    assert lifecycle.move_on(session, made.id, at=CALL_CLOSED) == [film]
    assert [t.stage for t in (film, card, song)] == [Stage.CLIENT_DELIVERY, Stage.COLLABORATION, Stage.COLLABORATION]

    assert lifecycle.move_on(session, made.id, at=COLLABORATION_CLOSED) == [card, song]
    closes_at, back = COLLABORATION_CLOSED + DAY, Stage.COLLABORATION
    lifecycle.send_back(
        session, film.id, back, film.visit, "It needs music.", by=made.manager, at=COLLABORATION_CLOSED, closes_at=closes_at
    )
    assert session.get_one(CollaborationWindow, (film.id, film.visit)).closes_at == closes_at
    music = remixed(session, made, person(session), (story, SourceKind.CONTAINS), at=COLLABORATION_CLOSED)

    publish(session, card.id, card.visit, {music.id: "A card that sings."}, {}, "Not on paper.", by=made.manager, at=COLLABORATION_CLOSED)
    assert lifecycle.move_on(session, made.id, at=closes_at) == [film, card]
    publish(session, film.id, film.visit, {music.id: "The music.", story.id: "The voice."}, {}, by=made.manager, at=closes_at)
    assert (chosen_contributions(session, film.id), chosen_contributions(session, card.id)) == ({story.id, music.id}, {music.id})
    assert [t.stage for t in lifecycle.move_on(session, made.id, at=closes_at)] == [Stage.CLIENT_DELIVERY]


def test_where_no_contribution_takes_part_the_manager_is_asked_for_the_outcome_alone(session: Session) -> None:
    made = opened_call(session)
    (film, *_others) = lifecycle.move_on(session, made.id, at=CALL_CLOSED)
    actions.complete(session, film.id, film.visit, by=made.manager, at=CALL_CLOSED)
    lifecycle.move_on(session, made.id, at=CALL_CLOSED)
    assert [wait.code for wait in rules.blockers(session, [film], at=CALL_CLOSED)[film.id]] == ["selection_unpublished"]
    publish(session, film.id, film.visit, {}, {}, "Nobody sent anything.", by=made.manager, at=CALL_CLOSED)
    assert rules.blockers(session, [film], at=CALL_CLOSED)[film.id] == []
