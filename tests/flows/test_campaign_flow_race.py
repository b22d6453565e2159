"""Gates that open around the moment at which a campaign's flow goes to sleep: nobody waits for ever."""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select

from campaigns import lifecycle
from campaigns.collaboration.actions import complete
from campaigns.core import clock
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.stages import Stage
from flows import engine
from tests.factories import READER, Partnership
from tests.flows.engine_room import close, collaborating, deliverables, frozen, wait_on_prefect, wait_until_asleep
from tests.installation import Installation
from workers.transactions import unit_of_work

CAMPAIGNS, ROUNDS = 4, 3
DELIVERABLES = tuple(replace(READER, title=f"Holiday reader {number}") for number in range(10))
AROUND_THE_SUSPENSION = 0.4
NOBODY_WAITS_LONGER = 90.0


@dataclass(eq=False)
class Chain:
    """A campaign whose gates all open again, each a moment after the flow has gone through the last of them, until `left` is none."""

    made: Partnership
    left: int = 0
    opened_at: float = 0.0
    opens_at: dict[UUID, float] = field(default_factory=dict)

    def begin(self) -> None:
        """Open the gates of the first round."""
        self.left, self.opened_at = ROUNDS, time.monotonic()
        for deliverable in deliverables(self.made):
            close(self.made, deliverable) if deliverable.stage is Stage.COLLABORATION else send_round(self.made, deliverable)

    def turn(self, through: Sequence[Deliverable], now: float) -> None:
        """When every deliverable is through, open each gate again in the moments in which the flow may be going to sleep."""
        if not self.opens_at and len(through) == len(DELIVERABLES):
            self.left -= 1
            self.opens_at = {deliverable.id: now + random.uniform(0, AROUND_THE_SUSPENSION) for deliverable in through} if self.left else {}
        for deliverable in through:
            if now >= self.opens_at.get(deliverable.id, math.inf):
                del self.opens_at[deliverable.id]
                self.opened_at = now
                send_round(self.made, deliverable)


def send_round(made: Partnership, deliverable: Deliverable) -> None:
    """Send a deliverable back and say at once that its material is complete: in one moment its gate is open again."""
    with unit_of_work() as session:
        at = clock.business_now(session)
        back = lifecycle.send_back(session, deliverable.id, Stage.COLLABORATION, deliverable.visit, "Once more.", by=made.manager, at=at)
        complete(session, back.id, back.visit, by=made.manager, at=at)


def in_curation(chains: Sequence[Chain]) -> dict[Chain, list[Deliverable]]:
    with unit_of_work() as session:
        wanted = select(Deliverable).where(Deliverable.campaign_id.in_([c.made.id for c in chains]), Deliverable.stage == Stage.CURATION)
        found = session.scalars(wanted).all()
    return {c: [deliverable for deliverable in found if deliverable.campaign_id == c.made.id] for c in chains}


def open_gates(chains: Sequence[Chain]) -> None:
    """Open every gate of every chain, each around a suspension, and see all gone through; fails when somebody waits for ever."""
    for chain in chains:
        chain.begin()
    while going := [c for c in chains if c.left]:
        now = time.monotonic()
        for chain, through in in_curation(going).items():
            chain.turn(through, now)
        waiting = [c for c in going if now - c.opened_at > NOBODY_WAITS_LONGER]
        assert waiting == []
        time.sleep(0.05)


def all_asleep(chains: Sequence[Chain]) -> bool:
    """Whether every run is suspended, and every deliverable is through its last gate."""
    with unit_of_work() as session:
        ids = [c.made.id for c in chains]
        run_ids = session.scalars(select(Campaign.flow_run_id).where(Campaign.id.in_(ids))).all()
        astir = lifecycle.astir(session, ids, at=clock.business_now(session))
    if astir or None in run_ids or any(len(through) < len(DELIVERABLES) for through in in_curation(chains).values()):
        return False
    return all(run.state and run.state.is_paused() for run in engine.flow_runs(filter(None, run_ids)).values())


def test_of_some_hundreds_of_gates_opened_around_the_suspension_none_is_left_waiting_with_the_sweep_and_without(
    on_stack: Installation,
) -> None:
    chains = [Chain(collaborating(DELIVERABLES)) for _campaign in range(CAMPAIGNS)]
    for chain in chains:
        wait_until_asleep(chain.made)
    with frozen(on_stack.pid("sweep")):
        open_gates(chains)
        wait_on_prefect(lambda: all_asleep(chains), NOBODY_WAITS_LONGER)
    open_gates(chains)
    wait_on_prefect(lambda: all_asleep(chains), NOBODY_WAITS_LONGER)
