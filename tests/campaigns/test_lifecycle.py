"""Where a deliverable may go, when, and in whose name; how often a gate asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import String, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.collaboration.actions import complete
from campaigns.collaboration.models import CollaborationWindow
from campaigns.core.campaign import Deliverable, StageVisit, deliverables_of, find_campaign
from campaigns.core.errors import Forbidden, Invalid, NotFound, Stale
from campaigns.core.events import Event
from campaigns.core.people import SYSTEM
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.models import Criterion
from campaigns.lifecycle import GateClosed, IllegalMove
from tests import carrying, everyone
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.campaigns.standstill import refusal_of
from tests.carrying import under_way
from tests.everyone import cast
from tests.factories import NOW, READER, filled_brief, launched_campaign, opened_call, person, someone
from workers.transactions import unit_of_work

BRIEF, OPEN_CALL, COLLABORATION, CURATION, CLIENT_DELIVERY, PAYOUT, DONE, CANCELLED = Stage
DAY = timedelta(days=1)
BACK = {(CURATION, COLLABORATION), (CLIENT_DELIVERY, CURATION), (CLIENT_DELIVERY, COLLABORATION)}
ONWARD = {(BRIEF, OPEN_CALL), (OPEN_CALL, COLLABORATION), (COLLABORATION, CURATION)} | {
    (CURATION, CLIENT_DELIVERY), (CLIENT_DELIVERY, PAYOUT), (PAYOUT, DONE),
}  # fmt: skip


def moved(session: Session, deliverable: Deliverable, to: Stage, *, visit: int | None = None, at: Any = NOW) -> Deliverable:
    return lifecycle.move(session, deliverable.id, deliverable.stage, to, visit or deliverable.visit, "For a test.", by=SYSTEM, at=at)


def test_the_table_has_each_step_forward_three_steps_back_and_the_cancel_of_whatever_is_under_way() -> None:
    legal = {(frm, to) for frm, tos in lifecycle.MOVES.items() for to in tos}
    assert legal == ONWARD | BACK | {(frm, CANCELLED) for frm, _to in ONWARD}


@pytest.mark.parametrize("frm", [BRIEF, OPEN_CALL, COLLABORATION, CURATION, CLIENT_DELIVERY, PAYOUT, DONE])
def test_a_move_is_made_if_it_leads_back_waits_for_its_gate_if_it_leads_on_and_is_refused_otherwise(session: Session, frm: Stage) -> None:
    if frm is BRIEF:
        made = filled_brief(session)
        all_, deliverable = cast(session, made, at=NOW), deliverables_of(session, made.id)[0]
    else:
        all_, deliverable = under_way(session, frm)
    for to in Stage:
        if (frm, to) in BACK:
            with session.begin_nested() as undone:
                assert moved(session, deliverable, to, at=all_.at).stage is to
                undone.rollback()
            session.refresh(deliverable)
            continue
        refused = refusal_of(session, partial(moved, session, deliverable, to, at=all_.at))
        expected = GateClosed if (frm, to) in ONWARD else IllegalMove
        assert (type(refused), refused.status) == (expected, 409)
        if expected is GateClosed:
            assert refused.message == all_.waits(session)[deliverable.id][0].message


def test_a_move_that_is_asked_for_again_does_nothing_and_a_stale_one_is_refused(session: Session) -> None:
    all_, deliverable = under_way(session)
    seen = deliverable.visit
    back = [lifecycle.send_back(session, deliverable.id, COLLABORATION, seen, "More.", by=all_.manager, at=all_.at) for _twice in range(2)]
    again = lifecycle.move(session, deliverable.id, CURATION, COLLABORATION, seen, "More.", by=SYSTEM, at=all_.at)
    assert [(t.stage, t.visit) for t in (*back, again)] == [(COLLABORATION, seen + 1)] * 3
    complete(session, deliverable.id, deliverable.visit, by=all_.manager, at=all_.at)
    lifecycle.move_on(session, all_.made.id, at=all_.at)
    for late in (
        lambda: lifecycle.send_back(session, deliverable.id, COLLABORATION, seen, "More.", by=all_.manager, at=all_.at),
        lambda: lifecycle.move(session, deliverable.id, CURATION, COLLABORATION, seen, "More.", by=SYSTEM, at=all_.at),
    ):
        refused = refusal_of(session, late)
        assert (type(refused), refused.status) == (Stale, 409)


def test_who_sends_back_from_a_stage_that_is_over_learns_so_wherever_it_is_now(session: Session) -> None:
    all_, deliverable = under_way(session, PAYOUT)
    back = lambda: lifecycle.send_back(session, deliverable.id, CURATION, deliverable.visit - 1, "Again.", by=all_.manager, at=all_.at)  # noqa: E731
    assert type(refusal_of(session, back)) is Stale


def test_a_close_that_came_with_a_move_back_is_set_once(session: Session) -> None:
    all_, deliverable = under_way(session)
    seen = deliverable.visit
    for closes_at in (all_.at + DAY, all_.at + 2 * DAY):
        lifecycle.send_back(session, deliverable.id, COLLABORATION, seen, "More.", by=all_.manager, at=all_.at, closes_at=closes_at)
    assert session.get_one(CollaborationWindow, (deliverable.id, seen + 1)).closes_at == all_.at + DAY


def test_all_deliverables_leave_brief_and_open_call_together_and_each_goes_on_by_itself(session: Session) -> None:
    made = launched_campaign(session, (READER,) * 3)
    first, second, third = deliverables_of(session, made.id)
    moved(session, second, OPEN_CALL)
    assert {t.stage for t in (first, second, third)} == {OPEN_CALL}
    moved(session, third, COLLABORATION, at=NOW + 14 * DAY)
    assert {(t.stage, t.visit) for t in (first, second, third)} == {(COLLABORATION, 3)}
    complete(session, second.id, second.visit, by=made.manager, at=NOW + 15 * DAY)
    assert lifecycle.move_on(session, made.id, at=NOW + 15 * DAY) == [second]
    assert [t.stage for t in (first, second, third)] == [COLLABORATION, CURATION, COLLABORATION]


def test_a_gate_that_is_open_lets_each_deliverable_through_once_however_often_it_is_looked_at(session: Session) -> None:
    made = launched_campaign(session)
    assert [len(lifecycle.move_on(session, made.id, at=NOW)) for _look in range(3)] == [3, 0, 0]
    session.commit()
    facts = session.scalars(select(Event.facts).where(Event.name == "campaign.moved", Event.campaign_id == made.id)).all()
    assert facts == [{"frm": "brief", "to": "open_call", "visit": 2, "cause": "gate_opened"}] * 3


def test_a_move_back_begins_a_visit_that_no_earlier_decision_opens_and_keeps_the_earlier_visits(session: Session) -> None:
    all_, deliverable = under_way(session, CLIENT_DELIVERY)
    lifecycle.send_back(session, deliverable.id, CURATION, deliverable.visit, "Choose again.", by=all_.manager, at=all_.at)
    assert [w.code for w in all_.waits(session)[deliverable.id]] == ["curators_unassigned", "selection_unpublished"]
    lifecycle.send_back(session, deliverable.id, COLLABORATION, deliverable.visit, "New contributions first.", by=all_.manager, at=all_.at)
    assert [w.code for w in all_.waits(session)[deliverable.id]] == ["material_incomplete"]
    assert lifecycle.move_on(session, all_.made.id, at=all_.at + 100 * DAY) == []
    visits = session.execute(
        select(StageVisit.number, StageVisit.stage, func.coalesce(StageVisit.reason, sql_cast(StageVisit.cause, String)))
        .where(StageVisit.deliverable_id == deliverable.id)
        .order_by(StageVisit.number)
    )
    opened = "gate_opened"
    assert list(visits) == [
        (1, BRIEF, None), (2, OPEN_CALL, opened), (3, COLLABORATION, opened), (4, CURATION, opened), (5, CLIENT_DELIVERY, opened),
        (6, CURATION, "Choose again."), (7, COLLABORATION, "New contributions first."),
    ]  # fmt: skip


def test_an_approval_of_an_earlier_visit_opens_no_later_one(session: Session) -> None:
    all_, deliverable = under_way(session, CLIENT_DELIVERY)
    for wait in ("no_version", "internal_approval", "decision"):
        (now,) = all_.waits(session)[deliverable.id]
        assert now.code == wait
        everyone.do(session, all_, deliverable, now)
    assert [w.code for w in all_.waits(session)[deliverable.id]] == ["package"]
    lifecycle.send_back(session, deliverable.id, CURATION, deliverable.visit, "Not after all.", by=all_.manager, at=all_.at)
    carrying.bring_to(session, all_, CLIENT_DELIVERY)
    assert [w.code for w in all_.waits(session)[deliverable.id]] == ["no_version"]


def test_a_first_visit_to_curation_keeps_the_rubric_that_contributions_are_judged_by(session: Session) -> None:
    all_, _deliverable = under_way(session)
    assert len(session.scalars(select(Criterion).where(Criterion.campaign_id == all_.made.id)).all()) == 4


def test_what_may_come_next_is_what_the_table_and_the_gate_allow(session: Session) -> None:
    all_, deliverable = under_way(session, CLIENT_DELIVERY)
    assert lifecycle.next_moves(session, deliverable, at=all_.at) == [COLLABORATION, CURATION]
    carrying.finish(session, all_)
    assert lifecycle.next_moves(session, deliverable, at=all_.at) == []
    made = launched_campaign(session)
    assert lifecycle.next_moves(session, deliverables_of(session, made.id)[0], at=NOW) == [OPEN_CALL]


def test_a_move_back_says_why_and_leads_back(session: Session) -> None:
    all_, deliverable = under_way(session)
    for to, reason, expected in ((COLLABORATION, " ", Invalid), (CLIENT_DELIVERY, "On.", IllegalMove), (BRIEF, "All anew.", IllegalMove)):
        send_back = partial(lifecycle.send_back, session, deliverable.id, to, deliverable.visit, reason, by=all_.manager, at=all_.at)
        refused = refusal_of(session, send_back)
        assert type(refused) is expected


def test_only_the_manager_sends_back_and_only_the_flow_or_an_operator_moves_on(session: Session) -> None:
    all_, deliverable = under_way(session)
    for by in (all_.artist, all_.curator, all_.editor, all_.approver, all_.second):
        for to in (COLLABORATION, CLIENT_DELIVERY):
            move = partial(lifecycle.move, session, deliverable.id, CURATION, to, deliverable.visit, "Why not.", by=by, at=all_.at)
            refused = refusal_of(session, move)
            assert (type(refused), refused.status) == (Forbidden, 403)
    with pytest.raises(Forbidden):
        lifecycle.move(session, deliverable.id, CURATION, CLIENT_DELIVERY, deliverable.visit, "On.", by=all_.manager, at=all_.at)
    operator = someone(session, Role.OPERATOR)
    with pytest.raises(GateClosed):
        lifecycle.move(session, deliverable.id, CURATION, CLIENT_DELIVERY, deliverable.visit, "On.", by=operator, at=all_.at)


def test_what_a_person_may_not_see_does_not_exist_for_them(session: Session) -> None:
    made, stranger = filled_brief(session), person(session)
    deliverable = deliverables_of(session, made.id)[0]
    for deed in (
        lambda: lifecycle.send_back(session, deliverable.id, CURATION, 1, "Back.", by=stranger, at=NOW),
        lambda: lifecycle.move(session, deliverable.id, BRIEF, OPEN_CALL, 1, "On.", by=stranger, at=NOW),
        lambda: lifecycle.pause(session, made.id, "Stop.", by=stranger, at=NOW),
        lambda: lifecycle.resume(session, made.id, by=stranger, at=NOW),
        lambda: call_off(session, made.id, "Stop.", by=stranger, at=NOW),
    ):
        refused = refusal_of(session, deed)
        assert (type(refused), refused.status) == (NotFound, 404)


def test_gates_are_asked_as_often_for_thirty_deliverables_as_for_one(session: Session) -> None:
    asked = []
    for deliverables in (1, 30):
        all_, _deliverable = under_way(session, COLLABORATION, deliverables)
        session.expire_all()
        with statements(session) as sent:
            assert lifecycle.move_on(session, all_.made.id, at=all_.at) == []
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_what_is_astir_is_asked_as_often_for_thirty_campaigns_as_for_one(session: Session) -> None:
    stages = (OPEN_CALL, COLLABORATION, CURATION, CLIENT_DELIVERY, PAYOUT)
    each = [under_way(session, stage)[0] for stage in stages]
    more = [opened_call(session, (READER,)).id for _more in range(30)]
    asked, at = [], each[0].at
    for ids in ([all_.made.id for all_ in each], [*(all_.made.id for all_ in each), *more]):
        session.expire_all()
        with statements(session) as sent:
            assert lifecycle.astir(session, ids, at=at) == set()
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_a_campaign_is_astir_while_a_gate_is_open_or_the_machine_has_work(session: Session) -> None:
    made, quiet = launched_campaign(session), filled_brief(session)
    assert lifecycle.astir(session, [made.id, quiet.id], at=NOW) == {made.id}
    lifecycle.move_on(session, made.id, at=NOW)
    assert lifecycle.astir(session, [made.id, quiet.id], at=NOW) == set()
    assert lifecycle.astir(session, [made.id, quiet.id], at=NOW + 14 * DAY) == {made.id}


def test_a_deliverable_that_is_sent_back_while_the_flow_looks_keeps_neither_waiting(fresh_database: str) -> None:
    with unit_of_work() as session:
        all_, deliverable = under_way(session)
    looked, asked = Signal(), Signal()

    def look() -> None:
        with unit_of_work() as session:
            find_campaign(session, all_.made.id, by=SYSTEM, lock=True)
            looked.set()
            asked.wait(1)
            assert lifecycle.move_on(session, all_.made.id, at=all_.at) == []

    def send_back() -> None:
        looked.wait()
        with unit_of_work() as session:
            lifecycle.send_back(session, deliverable.id, COLLABORATION, deliverable.visit, "More.", by=all_.manager, at=all_.at)
        asked.set()

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(look), hands.submit(send_back)]:
            done.result()
    with unit_of_work() as session:
        assert [t.stage for t in deliverables_of(session, all_.made.id)] == [COLLABORATION]
