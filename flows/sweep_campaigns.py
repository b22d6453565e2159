"""The sweep's part for campaigns: a run for each live one, woken when there is something to do, replaced when it died."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from prefect.client.schemas.objects import FlowRun, State
from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.core import clock, flow_processes
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.people import PREFECT_OPERATOR, SYSTEM
from campaigns.core.words import _
from flows import engine, page
from flows.lives import ProcessState, life
from flows.mending import mended, pause_after
from flows.pulse import CAMPAIGNS, living
from flows.rounds import Rounds
from flows.wakes import end, is_stopped
from workers.transactions import unit_of_work

PAGE = 500


ROUNDS = Rounds()


def sweep_campaigns(rounds: Rounds = ROUNDS) -> int:
    """Look, in pages, at the campaigns that may have changed and at the next slice of all; returns how many were put right."""
    with unit_of_work() as session:
        due = rounds.due(session)
    return sum(_sweep(due[start : start + PAGE], rounds) for start in range(0, len(due), PAGE))


def _sweep(campaigns: Sequence[Campaign], rounds: Rounds) -> int:
    # The processes first: a run that suspends between the two looks would seem to be running without one.
    now = clock.process_now()
    with unit_of_work() as session:
        held = flow_processes.held(session).carried
        alive = living(session, CAMPAIGNS)
        astir = lifecycle.astir(session, [c.id for c in campaigns if c.is_live], at=clock.business_now(session))
    runs = engine.flow_runs(c.flow_run_id for c in campaigns if c.flow_run_id)
    put_right, at_rest = 0, set[UUID]()
    for campaign in campaigns:
        run = runs.get(campaign.flow_run_id) if campaign.flow_run_id else None
        held_since = held.get(campaign.id) or (now if campaign.number in alive else None)
        do = verdict(campaign, run, life(run.state if run else None, held_since, now), campaign.id in astir)
        if do:
            put_right += mended(f"campaign {campaign.number}: {do}", partial(DEEDS[do], campaign, run))
        elif held_since is None and is_at_rest(campaign, run):
            at_rest.add(campaign.id)
    rounds.looked(campaigns, at_rest)
    return put_right


def is_at_rest(campaign: Campaign, run: FlowRun | None) -> bool:
    """Whether nothing happens to the campaign until somebody acts on it: its run sleeps, or it is stopped and has none."""
    return is_stopped(campaign) if run is None or run.state is None else run.state.is_paused()


def verdict(campaign: Campaign, run: FlowRun | None, process: ProcessState, is_astir: bool) -> str | None:
    """What a campaign needs, judged by its row, its run, that run's process and whether it is astir: the name of a deed, or nothing."""
    state = run.state if run else None
    if not campaign.is_live:
        return _last_verdict(state, process)
    if state is not None and (state.is_cancelled() or (state.is_cancelling() and process is ProcessState.GONE)):
        return "pause"
    if process is ProcessState.LINGERS:
        return "condemn"
    if process is ProcessState.GONE:
        return None if state is None and is_stopped(campaign) else "replace"
    return "resume" if state is not None and state.is_paused() and is_astir else None


def _last_verdict(state: "State[object] | None", process: ProcessState) -> str | None:
    if state is None or state.is_final() or process is ProcessState.GONE:
        return "forget"
    return None if state.is_cancelling() else "end"


def replace(campaign: Campaign, run: FlowRun | None) -> None:
    """Give the campaign a new flow run in a new generation: intent, act, record; died between, the same key gives the same run."""
    with unit_of_work() as session:
        now = _unchanged(session, campaign)
        if now is None:
            return
        generation = now.generation + 1 if now.flow_run_id else max(now.generation, 1)
        _note(session, now, flow_run_id=None, generation=generation)
        tags = page.tags(session, now)
    run_id = engine.start(
        "campaign/campaign",
        name=campaign.title,
        key=f"campaign-{campaign.id}-{generation}",
        parameters={"campaign_id": str(campaign.id), "title": campaign.title, "generation": generation},
        tags=tags,
        after=pause_after(run),
    )
    with unit_of_work() as session:
        ours = (Campaign.id == campaign.id, Campaign.generation == generation)
        session.execute(update(Campaign).where(*ours).values(flow_run_id=run_id))
    _bury(campaign)


def condemn(campaign: Campaign, _run: FlowRun | None) -> None:
    """Have the worker end a process whose run is over, or gone, and that goes on."""
    with unit_of_work() as session:
        flow_processes.condemn(session, campaign.id)


def resume(campaign: Campaign, _run: FlowRun | None) -> None:
    """Wake the campaign's suspended run."""
    if campaign.flow_run_id:
        engine.resume(campaign.flow_run_id)


def pause(campaign: Campaign, _run: FlowRun | None) -> None:
    """An operator cancelled the run on Prefect's page: that pauses the campaign, which gets a new run when the pause ends."""
    with unit_of_work() as session:
        now = _unchanged(session, campaign)
        if now is None:
            return
        _note(session, now, flow_run_id=None, generation=now.generation + 1)
        if now.paused_at is None:
            reason = _("An operator canceled its flow run on Prefect's page.")
            lifecycle.pause(session, campaign.id, reason, by=PREFECT_OPERATOR, at=clock.business_now(session))
    _bury(campaign)


def forget(campaign: Campaign, _run: FlowRun | None) -> None:
    """The campaign has ended and so has its run: there is nothing left to look at."""
    with unit_of_work() as session:
        _note(session, campaign, flow_run_id=None, generation=campaign.generation)
    _bury(campaign)


DEEDS: Mapping[str, Callable[[Campaign, FlowRun | None], None]] = {
    "replace": replace,
    "condemn": condemn,
    "resume": resume,
    "pause": pause,
    "end": lambda campaign, _run: end(campaign),
    "forget": forget,
}


def _unchanged(session: Session, seen: Campaign) -> Campaign | None:
    """The campaign, locked, if its run is still the one that was judged."""
    now = find_campaign(session, seen.id, by=SYSTEM, lock=True)
    return now if now.is_live and (now.generation, now.flow_run_id) == (seen.generation, seen.flow_run_id) else None


def _note(session: Session, campaign: Campaign, *, flow_run_id: UUID | None, generation: int) -> None:
    """Note which run carries the campaign, unless another does by now; no new version of it to those who edit it."""
    judged = (Campaign.id == campaign.id, Campaign.generation == campaign.generation)
    session.execute(update(Campaign).where(*judged).values(flow_run_id=flow_run_id, generation=generation))


def _bury(campaign: Campaign) -> None:
    if campaign.flow_run_id:
        engine.bury(campaign.flow_run_id, "It stopped without saying why.")
