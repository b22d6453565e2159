from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import pytest
from sqlalchemy.orm import Session

from campaigns.collaboration import actions, rules
from campaigns.collaboration.errors import CollaborationClosed, NotInCollaboration
from campaigns.collaboration.models import CollaborationExtension, CollaborationWindow, SourceKind
from campaigns.core.campaign import Deliverable, Pause, deliverables_of, find_campaign
from campaigns.core.errors import Forbidden, NotALaterClose, ReasonMissing, Stale
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.open_call.call.actions import extend_call
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership, came_into, contributed, entered, opened_call, person, ready, remixed, someone, taking_part
from workers.transactions import unit_of_work

CALL_CLOSED, CLOSE = NOW + timedelta(days=14), NOW + timedelta(days=21)
DAY = timedelta(days=1)


def collaborating(session: Session) -> tuple[Partnership, Sequence[Deliverable]]:
    """A campaign whose deliverables have just come into collaboration, and these."""
    made = opened_call(session)
    return made, entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)


def codes(session: Session, deliverable: Deliverable, at: datetime = CALL_CLOSED) -> list[str]:
    return [blocker.code for blocker in rules.blockers(session, [deliverable], at=at)[deliverable.id]]


def window(session: Session, deliverable: Deliverable) -> CollaborationWindow:
    return session.get_one(CollaborationWindow, (deliverable.id, deliverable.visit))


def test_the_first_visit_closes_when_the_brief_says(session: Session) -> None:
    _made, (deliverable, *_others) = collaborating(session)
    (blocker,) = rules.blockers(session, [deliverable], at=CALL_CLOSED)[deliverable.id]
    assert (blocker.code, blocker.waits_for, blocker.since, blocker.due) == ("collaboration_open", "artist", CALL_CLOSED, CLOSE)
    assert blocker.message == "Contributions can be remixed until 23 November 2026, 01:00 (America/Los_Angeles; 23 November, 09:00 UTC)."
    assert codes(session, deliverable, at=CLOSE) == []


def test_a_deliverable_that_has_moved_on_since_it_was_read_waits_for_nothing_here(session: Session) -> None:
    _made, (deliverable, *_others) = collaborating(session)
    session.expunge(deliverable)
    came_into(session, session.get_one(Deliverable, deliverable.id), Stage.CURATION, at=CLOSE)
    assert rules.blockers(session, [deliverable], at=CLOSE) == {deliverable.id: []}


def test_after_the_close_the_gate_waits_until_everything_is_screened(session: Session) -> None:
    made = opened_call(session)
    older = taking_part(session, made)
    sent = contributed(session, made)
    (deliverable, *_others) = entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)
    assert codes(session, deliverable, at=CLOSE) == ["contributions_arriving"]
    ready(session, sent)
    assert codes(session, deliverable, at=CLOSE) == ["contributions_unscreened"]
    assert older.id < sent.id


def test_the_word_that_the_material_is_complete_opens_the_gate_at_once(session: Session) -> None:
    made = opened_call(session)
    contributed(session, made)
    deliverable, other, _last = entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)
    leader = someone(session, Role.LEADER, on=deliverable.scope)
    actions.complete(session, deliverable.id, deliverable.visit, by=leader, at=CALL_CLOSED)
    assert (codes(session, deliverable), codes(session, other)) == ([], ["collaboration_open", "contributions_arriving"])
    kept = actions.complete(session, deliverable.id, deliverable.visit, by=made.manager, at=CALL_CLOSED + DAY)
    assert (kept.completed_at, kept.completed_by) == (CALL_CLOSED, leader.person)


def test_a_call_that_was_extended_into_collaboration_stays_open_to_its_close_whatever_anyone_says(session: Session) -> None:
    made, (deliverable, other, *_others) = collaborating(session)
    later = CALL_CLOSED + 3 * DAY
    extend_call(session, made.id, later, "Nobody came.", by=made.manager, at=CALL_CLOSED)
    actions.complete(session, deliverable.id, deliverable.visit, by=made.manager, at=CALL_CLOSED)
    assert (codes(session, deliverable), codes(session, other)) == (["call_open"], ["call_open", "collaboration_open"])
    assert (codes(session, deliverable, at=later), codes(session, other, at=later)) == ([], ["collaboration_open"])


def test_only_the_manager_and_a_leader_of_that_deliverable_give_the_word_or_extend(session: Session) -> None:
    _made, (deliverable, other, _last) = collaborating(session)
    for by in (person(session), someone(session, Role.LEADER, on=other.scope)):
        with pytest.raises(Forbidden):
            actions.complete(session, deliverable.id, deliverable.visit, by=by, at=CALL_CLOSED)
        with pytest.raises(Forbidden):
            actions.extend(session, deliverable.id, CLOSE + DAY, "More time.", by=by, at=CALL_CLOSED)
    assert (window(session, deliverable).completed_at, window(session, deliverable).closes_at) == (None, CLOSE)


def test_a_move_back_waits_for_a_word_however_late_unless_a_close_is_set(session: Session) -> None:
    made, (deliverable, *_others) = collaborating(session)
    came_into(session, deliverable, Stage.CURATION, at=CLOSE)
    came_into(session, deliverable, Stage.COLLABORATION, at=CLOSE)
    (blocker,) = rules.blockers(session, [deliverable], at=CLOSE + 365 * DAY)[deliverable.id]
    assert (blocker.code, blocker.waits_for, blocker.due) == ("material_incomplete", "leader", None)
    with pytest.raises(NotALaterClose):
        actions.set_close(session, deliverable, CLOSE, by=made.manager, at=CLOSE)
    actions.set_close(session, deliverable, CLOSE + DAY, by=made.manager, at=CLOSE)
    assert (codes(session, deliverable, at=CLOSE), codes(session, deliverable, at=CLOSE + DAY)) == (["collaboration_open"], [])


def test_the_word_of_an_earlier_visit_closes_no_later_one(session: Session) -> None:
    made, (deliverable, *_others) = collaborating(session)
    seen = deliverable.visit
    actions.complete(session, deliverable.id, seen, by=made.manager, at=CALL_CLOSED)
    came_into(session, deliverable, Stage.CURATION, at=CALL_CLOSED)
    with pytest.raises(NotInCollaboration):
        actions.complete(session, deliverable.id, deliverable.visit, by=made.manager, at=CALL_CLOSED)
    came_into(session, deliverable, Stage.COLLABORATION, at=CALL_CLOSED)
    with pytest.raises(Stale):
        actions.complete(session, deliverable.id, seen, by=made.manager, at=CALL_CLOSED)
    assert codes(session, deliverable) == ["material_incomplete"]


def test_an_extension_is_recorded_with_its_reason_and_moves_the_close(session: Session) -> None:
    made, (deliverable, other, _last) = collaborating(session)
    actions.extend(session, deliverable.id, CLOSE + DAY, " Two films are late. ", by=made.manager, at=CALL_CLOSED)
    kept = session.query(CollaborationExtension).one()
    assert (kept.from_close, kept.to_close, kept.reason, kept.extended_by) == (
        CLOSE,
        CLOSE + DAY,
        "Two films are late.",
        made.manager.person,
    )
    assert (window(session, deliverable).closes_at, window(session, other).closes_at) == (CLOSE + DAY, CLOSE)


def test_an_extension_without_a_reason_to_no_later_time_or_after_the_close_is_refused(session: Session) -> None:
    made, (deliverable, *_others) = collaborating(session)
    for refusal, closes_at, reason, at in (
        (ReasonMissing, CLOSE + DAY, " ", CALL_CLOSED),
        (NotALaterClose, CLOSE, "More time.", CALL_CLOSED),
        (NotALaterClose, CALL_CLOSED, "More time.", CALL_CLOSED),
        (CollaborationClosed, CLOSE + DAY, "More time.", CLOSE),
    ):
        with pytest.raises(refusal):
            actions.extend(session, deliverable.id, closes_at, reason, by=made.manager, at=at)
    assert (window(session, deliverable).closes_at, session.query(CollaborationExtension).count()) == (CLOSE, 0)


def test_a_pause_moves_on_the_closes_that_lay_ahead_when_it_began(session: Session) -> None:
    made, (first, second, third) = collaborating(session)
    actions.complete(session, second.id, second.visit, by=made.manager, at=CALL_CLOSED)
    window(session, third).closes_at = CALL_CLOSED + DAY
    actions.shift_dates(session, made.campaign, Pause(CALL_CLOSED + 2 * DAY, CALL_CLOSED + 5 * DAY))
    session.expire_all()
    assert [window(session, t).closes_at for t in (first, second, third)] == [CLOSE + 3 * DAY, CLOSE, CALL_CLOSED + DAY]


def test_open_claims_are_counted_and_block_nothing(session: Session) -> None:
    made = opened_call(session)
    remixed(session, made, person(session), (taking_part(session, made), SourceKind.INFLUENCED_BY))
    (deliverable, *_others) = entered(session, made, Stage.COLLABORATION, at=CALL_CLOSED)
    (blocker,) = rules.blockers(session, [deliverable], at=CALL_CLOSED)[deliverable.id]
    assert blocker.params == {"open_claims": 1}
    assert codes(session, deliverable, at=CLOSE) == []


def test_the_gate_takes_as_many_queries_for_many_deliverables_as_for_one(session: Session) -> None:
    campaigns = [collaborating(session)[0] for _ in range(3)]
    deliverables = [deliverable for made in campaigns for deliverable in deliverables_of(session, made.id)]
    sent = []
    for some in (deliverables[:1], deliverables):
        with statements(session) as seen:
            assert rules.blockers(session, some, at=CALL_CLOSED).keys() == {t.id for t in some}
        sent.append(len(seen))
    assert sent == [3, 3]


def test_a_word_that_is_given_while_the_flow_looks_keeps_neither_waiting(fresh_database: str) -> None:
    with unit_of_work() as session:
        made, (deliverable, *_others) = collaborating(session)
    looked, spoken = Event(), Event()

    def look() -> None:
        with unit_of_work() as session:
            find_campaign(session, made.id, by=SYSTEM, lock=True)
            looked.set()
            spoken.wait(1)
            deliverables_of(session, made.id, lock=True)

    def speak() -> None:
        looked.wait()
        with unit_of_work() as session:
            actions.complete(session, deliverable.id, deliverable.visit, by=made.manager, at=CALL_CLOSED)
        spoken.set()

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(look), hands.submit(speak)]:
            done.result()
    with unit_of_work() as session:
        assert codes(session, deliverable) == []
