"""Gates that open around the moment at which a campaign's flow goes to sleep: nobody waits for ever."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from campaigns import lifecycle
from campaigns.collaboration.actions import complete
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Track
from campaigns.core.db import unit_of_work
from campaigns.core.stages import Stage
from flows import engine
from tests.factories import Partnership
from tests.flows.engine_room import close, collaborating, frozen, tracks, wait_on_prefect, wait_until_asleep
from tests.installation import Installation, wait_for

CAMPAIGNS = 6
GATES = 34
AROUND_THE_SUSPENSION = 0.4
NOBODY_WAITS_LONGER = 90.0


@dataclass(eq=False)
class Chain:
    """A campaign in which a gate opens again a moment after the flow has gone through the last one, until `left` is none."""

    made: Partnership
    left: int = 0
    opened_at: float = 0.0
    opens_at: float | None = None
    longest_wait: float = 0.0

    def begin(self) -> None:
        """Open the first gate of half of them."""
        self.left, self.opened_at = GATES // 2 - 1, time.monotonic()
        track = tracks(self.made)[0]
        close(self.made, track) if track.stage is Stage.COLLABORATION else send_round(self.made, track)

    def turn(self, track: Track, now: float) -> None:
        """The deliverable is through: a moment later, in which the flow may be going to sleep, open its gate again."""
        if self.opens_at is None:
            self.longest_wait = max(self.longest_wait, now - self.opened_at)
            self.opens_at = now + random.uniform(0, AROUND_THE_SUSPENSION)
        elif now >= self.opens_at:
            self.left, self.opens_at, self.opened_at = self.left - 1, None, now
            send_round(self.made, track)


def send_round(made: Partnership, track: Track) -> None:
    """Send a deliverable back and say at once that its material is complete: in one moment its gate is open again."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        back = lifecycle.send_back(session, track.id, Stage.COLLABORATION, track.visit, "Once more.", by=made.manager, at=at)
        complete(session, back.id, back.visit, by=made.manager, at=at)


def in_curation(chains: Sequence[Chain]) -> dict[Chain, Track]:
    with unit_of_work() as session:
        wanted = select(Track).where(Track.campaign_id.in_([c.made.id for c in chains]), Track.stage == Stage.CURATION)
        found = {t.campaign_id: t for t in session.scalars(wanted)}
    return {c: found[c.made.id] for c in chains if c.made.id in found}


def open_gates(chains: Sequence[Chain]) -> None:
    """Open every gate of every chain, each around a suspension, and see all gone through; fails when somebody waits for ever."""
    for chain in chains:
        chain.begin()
    while going := [c for c in chains if c.left]:
        now = time.monotonic()
        for chain, track in in_curation(going).items():
            chain.turn(track, now)
        waiting = [c for c in going if now - c.opened_at > NOBODY_WAITS_LONGER]
        assert waiting == []
        time.sleep(0.05)
    wait_for(lambda: len(in_curation(chains)) == len(chains), NOBODY_WAITS_LONGER)


def all_asleep(chains: Sequence[Chain]) -> bool:
    """Whether every run is suspended, and every deliverable is through its last gate."""
    with unit_of_work() as session:
        ids = [c.made.id for c in chains]
        run_ids = session.scalars(select(Campaign.flow_run_id).where(Campaign.id.in_(ids))).all()
        astir = lifecycle.astir(session, ids, at=clock.business_now(session))
    if astir or None in run_ids or len(in_curation(chains)) < len(chains):
        return False
    return all(run.state and run.state.is_paused() for run in engine.flow_runs(filter(None, run_ids)).values())


def test_of_some_hundreds_of_gates_opened_around_the_suspension_none_is_left_waiting_with_the_sweep_and_without(
    on_stack: Installation,
) -> None:
    chains = [Chain(collaborating()) for _campaign in range(CAMPAIGNS)]
    for chain in chains:
        wait_until_asleep(chain.made)
    with frozen(on_stack.pid("sweep")):
        open_gates(chains)
        wait_on_prefect(lambda: all_asleep(chains), NOBODY_WAITS_LONGER)
    open_gates(chains)
    wait_on_prefect(lambda: all_asleep(chains), NOBODY_WAITS_LONGER)
