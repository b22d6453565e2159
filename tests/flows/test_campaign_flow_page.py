"""A campaign on Prefect: its run and what the page shows of it, its gates, and what it means to press Prefect's own buttons."""

from datetime import UTC, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State, StateType
from prefect.states import Cancelling, Completed, Crashed, Failed, Scheduled

from campaigns import lifecycle
from campaigns.core import clock, outbox
from campaigns.core.blockers import Waited
from campaigns.core.outbox_kinds import OutboxKind
from campaigns.core.people import Person
from campaigns.core.stages import Stage
from flows import engine
from tests.called_off import call_off
from tests.carrying import bring_to
from tests.everyone import Cast, cast, do
from tests.factories import CARD, READER, Partnership, opened_call, taking_part
from tests.flows.engine_room import (
    LATE,
    SOON,
    at_work,
    brand_new,
    calling,
    close,
    collaborating,
    deliverables,
    frozen,
    is_asleep,
    is_ready,
    process_of,
    processes_of,
    row,
    run_of,
    runs_of,
    send_in,
    stages,
    told,
    wait_on_prefect,
    wait_until_asleep,
)
from tests.flows.prefects_knowledge import all_that_prefect_knows, forms_of_amounts
from tests.installation import Installation, wait_for
from workers.transactions import unit_of_work

BY_OPERATOR = [("Prefect operator", "An operator canceled its flow run on Prefect's page.")]


def press(made: Partnership, state: Any) -> None:
    """What Prefect's page does when a button changes a run's state."""
    run = run_of(made)
    assert run is not None
    engine.client().set_flow_run_state(run.id, state)


def carried_on_by_another(made: Partnership, old: UUID) -> bool:
    return row(made).flow_run_id not in {None, old}


def test_a_campaign_has_one_run_which_bears_its_name_says_where_it_stands_and_holds_no_process_while_people_think(
    on_stack: Installation,
) -> None:
    made = collaborating((READER, CARD))
    run = wait_until_asleep(made)
    belongs = {"brand:Zappos", f"campaign:{made.campaign.number}", "owner:Mara"}
    assert (run.name, set(run.tags), [each.id for each in runs_of(made)]) == (
        "Holiday traditions",
        belongs | {"stage:collaboration"},
        [run.id],
    )
    wait_on_prefect(lambda: processes_of(on_stack, run.id) == [], SOON)
    close(made)
    wait_for(lambda: stages(made) == [Stage.CURATION, Stage.COLLABORATION], LATE)
    again = wait_until_asleep(made)
    assert (again.id, set(again.tags)) == (run.id, belongs | {"stage:collaboration", "stage:curation"})
    assert artifact(made) == what_it_waits_for(made, on_stack.settings.public_url)


def what_it_waits_for(made: Partnership, at: str) -> str:
    """What the page is to say of a campaign with its reader in curation and its card in collaboration."""
    reader, card = deliverables(made)
    since = {deliverable.id: f"{deliverable.entered_at.astimezone(UTC):%d %B %Y %H:%M} UTC" for deliverable in (reader, card)}
    with unit_of_work() as session:
        [open_until] = lifecycle.blockers(session, [card], at=clock.business_now(session))[card.id]
    return (
        "# Holiday traditions: what it is waiting for\n\n"
        "**Holiday reader**, curation, visit 4\n\n"
        "- [ ] The selection for this deliverable is not published yet. "
        f"(waiting on: manager, since {since[reader.id]})\n\n"
        "**Holiday card**, collaboration, visit 3\n\n"
        f"- [ ] {open_until.message} (waiting on: artist, since {since[card.id]})\n\n"
        f"[The campaign in Callboard]({at}/campaigns/{made.id})"
    )


def artifact(made: Partnership) -> Any:
    """The newest artifact of the campaign."""
    named = ArtifactFilter(key=ArtifactFilterKey(any_=[f"campaign-{made.campaign.number}"]))
    found = engine.client().read_artifacts(artifact_filter=named)
    return max((each.created, each.data) for each in found if each.created)[1]


def test_the_page_shows_a_task_for_each_piece_of_work_and_for_each_move(on_stack: Installation) -> None:
    made = calling()
    contribution_id = send_in(made)
    wait_for(lambda: is_ready(contribution_id), LATE)
    run = wait_until_asleep(made)
    assert task_names(run.id) == [f"open_call: make contribution {contribution_id} ready"]
    moving = collaborating()
    assert task_names(wait_until_asleep(moving).id) == ["Holiday reader: into collaboration"]


def task_names(run_id: UUID) -> list[str]:
    """The tasks of a run, which the server learns of, and then by what name, a moment after they have ended."""
    mine = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))

    def named() -> list[str]:
        names = [each.name for each in engine.client().read_task_runs(flow_run_filter=mine)]
        return names if all(": " in name for name in names) else []

    wait_on_prefect(named)
    return named()


@pytest.mark.parametrize("stopped", ["relay", "sweep"])
def test_a_gate_that_opens_lets_its_deliverable_through_within_seconds_whether_relay_or_sweep_sees_it(
    on_stack: Installation, stopped: str
) -> None:
    made = collaborating()
    wait_until_asleep(made)
    with frozen(on_stack.pid(stopped)):
        close(made)
        wait_for(lambda: stages(made) == [Stage.CURATION], SOON)
    wait_until_asleep(made)


def test_cancel_on_a_suspended_run_pauses_the_campaign_and_another_run_carries_on_when_the_pause_ends(on_stack: Installation) -> None:
    made = collaborating()
    old = wait_until_asleep(made)
    press(made, Cancelling())
    wait_for(lambda: row(made).paused_at, SOON)
    assert (told(made, "campaign.paused"), run_of(made)) == (BY_OPERATOR, None)
    close(made)
    with unit_of_work() as session:
        lifecycle.resume(session, made.id, by=made.manager, at=clock.business_now(session))
    wait_for(lambda: stages(made) == [Stage.CURATION], LATE)
    new = wait_until_asleep(made)
    assert (new.id != old.id, [each.state_name for each in runs_of(made) if each.id == old.id]) == (True, ["Cancelled"])


def test_cancel_on_a_running_run_ends_its_process_and_pauses_the_campaign(on_stack: Installation) -> None:
    made = calling()
    old = wait_until_asleep(made)
    with at_work(on_stack, made) as (_pid, contribution_id):
        press(made, Cancelling())
    wait_on_prefect(lambda: processes_of(on_stack, old.id) == [], SOON)
    wait_for(lambda: row(made).paused_at, SOON)
    assert (told(made, "campaign.paused"), state_name(old.id)) == (BY_OPERATOR, "Cancelled")
    with unit_of_work() as session:
        lifecycle.resume(session, made.id, by=made.manager, at=clock.business_now(session))
    wait_for(lambda: is_ready(contribution_id), LATE)
    assert wait_until_asleep(made).id != old.id


def test_a_deleted_run_is_replaced(on_stack: Installation) -> None:
    made = collaborating()
    old = wait_until_asleep(made)
    engine.client().delete_flow_run(old.id)
    wait_for(lambda: carried_on_by_another(made, old.id), SOON)
    wait_until_asleep(made)
    close(made)
    wait_for(lambda: stages(made) == [Stage.CURATION], SOON)


def test_a_run_that_is_ended_by_hand_is_replaced(on_stack: Installation) -> None:
    made, ended = brand_new(), dict[UUID, str]()
    states: tuple[State[object], ...] = (Failed(), Completed(), Crashed())
    for state in states:
        old = wait_until_asleep(made)
        press(made, state)
        wait_for(partial(carried_on_by_another, made, old.id), SOON)
        ended[old.id] = str(state.name)
    new = wait_until_asleep(made)
    assert {each.id: each.state_name for each in runs_of(made)} == ended | {new.id: "Suspended"}


def test_resume_by_hand_finds_nothing_to_do_and_waits_again(on_stack: Installation) -> None:
    made = brand_new()
    old = wait_until_asleep(made)
    assert engine.resume(old.id)
    wait_on_prefect(lambda: suspensions(old.id) == 2)
    assert (wait_until_asleep(made).id, told(made, "campaign.paused"), stages(made)) == (old.id, [], [])


def test_retry_of_a_run_that_another_has_taken_over_from_ends_without_a_deed(on_stack: Installation) -> None:
    made = brand_new()
    old = wait_until_asleep(made)
    press(made, Failed())
    wait_for(lambda: carried_on_by_another(made, old.id), SOON)
    new = wait_until_asleep(made)
    engine.client().set_flow_run_state(old.id, Scheduled(name="AwaitingRetry"))
    wait_on_prefect(lambda: {each.id: each.state_name for each in runs_of(made)} == {old.id: "Superseded", new.id: "Suspended"})


def suspensions(run_id: UUID) -> int:
    return sum(state.is_paused() for state in engine.client().read_flow_run_states(run_id))


def test_the_run_of_a_cancelled_campaign_ends_with_it(on_stack: Installation) -> None:
    made, busy = collaborating(), calling()
    asleep, awake = wait_until_asleep(made), wait_until_asleep(busy)
    with at_work(on_stack, busy):
        cancel(made)
        wait_on_prefect(lambda: state_name(asleep.id) == "Cancelled", SOON)
        pid = process_of(on_stack, busy)
    cancel(busy)
    wait_on_prefect(lambda: state_name(awake.id) in {"Cancelled", "Superseded"}, SOON)
    wait_on_prefect(lambda: pid not in processes_of(on_stack, awake.id))
    wait_for(lambda: (row(made).flow_run_id, row(busy).flow_run_id) == (None, None), SOON)


def cancel(made: Partnership) -> None:
    with unit_of_work() as session:
        call_off(session, made.id, "The brand has changed its mind.", by=made.manager, at=clock.business_now(session))


def state_name(run_id: UUID) -> str | None:
    return engine.flow_runs([run_id])[run_id].state_name


def test_the_run_of_a_campaign_that_is_done_is_completed_and_prefect_never_learns_an_artists_name_or_amount(on_stack: Installation) -> None:
    all_ = to_be_paid("Zebulon Quatermass")
    run = wait_until_asleep(all_.made)
    carry_to_the_end(all_)
    wait_on_prefect(lambda: state_name(run.id) == "Done", SOON)
    assert [(each.id, each.state_type) for each in runs_of(all_.made)] == [(run.id, StateType.COMPLETED)]
    with unit_of_work() as session:
        planted = ["Holiday traditions", "Zebulon", "Quatermass", *forms_of_amounts(session)]
    assert [word for word in planted if word in all_that_prefect_knows()] == ["Holiday traditions"]


def to_be_paid(artist: str) -> Cast:
    """A campaign whose flow finds it approved, with a contribution of this artist in it: what is left is to share the pool and to wait."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        all_ = cast(session, opened_call(session, (READER,), at=at), at=at)
        session.get_one(Person, all_.artist.person).name = artist
        taking_part(session, all_.made, all_.artist, at=at)
        bring_to(session, all_, Stage.PAYOUT)
        clock.move_clock(session, all_.at - at)
        return all_


def carry_to_the_end(all_: Cast) -> None:
    """Everyone does what is waited for as soon as the flow sleeps; the clock is moved where only time helps."""
    made = all_.made
    while row(made).is_live:
        wait_on_prefect(lambda: not row(made).is_live or is_asleep(made))
        with unit_of_work() as session:
            all_.at = before = clock.business_now(session)
            for deliverable in all_.deliverables(session):
                waits = lifecycle.blockers(session, [deliverable], at=all_.at)[deliverable.id]
                if waits and waits[0].waits_for != Waited.CALLBOARD:
                    do(session, all_, deliverable, waits[0])
            if all_.at > before:
                clock.move_clock(session, all_.at - before + timedelta(seconds=1))


def test_a_message_starts_a_run_by_hand_and_only_once(on_stack: Installation) -> None:
    for _again in range(2):
        with unit_of_work() as session:
            named: dict[str, Any] = {
                "deployment": "quote-payouts/quote-payouts",
                "name": "quoted by hand",
                "parameters": {"sequence": "by hand"},
            }
            outbox.enqueue(session, OutboxKind.START_FLOW, key="quoted by hand", **named, tags=["hand"])
    wait_for(lambda: [state for name, state in runs_named("quoted by hand")] == ["Completed"], LATE)


def runs_named(name: str) -> list[tuple[str, str]]:
    found = engine.client()._client.post("/flow_runs/filter", json={"flow_runs": {"name": {"any_": [name]}}}).json()
    return [(each["name"], each["state_name"]) for each in found]
