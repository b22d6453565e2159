"""From the brand's approval until the flow has made the package and moved the deliverable on to payout.

That is the one gate behind which a stage has work of its own at once. Both ends are rows: the approval is committed by the caller, the
package and the move by the flow. Beside it stands DBOS, whose workflow waits in a process that is always there: from the message to the
end of the step that it was waiting to take.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from campaigns.client_delivery.models import Package, Verdict, Version
from campaigns.client_delivery.queries import find_version_details
from campaigns.client_delivery.versions.actions import decide
from campaigns.core import clock
from campaigns.core.stages import Stage
from tests.bench.databases import running
from tests.bench.environment import ask_peer
from tests.bench.figure import Figure, percentile
from tests.bench.sleepers import asleep
from tests.bench.stacks import stood_up
from tests.factories import Delivery, Partnership, in_delivery, presented_version
from tests.flows.engine_room import stages
from tests.installation import wait_for
from workers.transactions import unit_of_work

GATES = 40
WANTED = 1.2
WHY = (
    "The relay tells Prefect, Prefect's worker asks for work every half second, and a flow run is forked from a warm process; most of the "
    "time goes by between these."
)
LATE = 60.0
LONG_AGO = timedelta(days=24)


@dataclass(frozen=True)
class Took:
    """The seconds after the approval until the package was made, and until the deliverable had moved."""

    packaged: float
    moved: float


@dataclass(frozen=True)
class Awaited:
    """A version that the brand is to decide on."""

    delivery: Delivery
    version: Version


def measure(scale: float) -> Figure:
    with stood_up():
        took = approvals(max(2, int(GATES * scale)))
    dbos = by_dbos(len(took))
    packaged, moved = [each.packaged for each in took], [each.moved for each in took]
    p50, p95 = percentile(moved, 50), percentile(moved, 95)
    return Figure(
        f"The brand approves → the package is made, and the deliverable is in payout ({len(took)}, one after the other)",
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        f"packaged: p50 {percentile(packaged, 50):.2f} s, p95 {percentile(packaged, 95):.2f} s; DBOS, whose waiting workflows stay in a "
        f"process: message → step done p50 {percentile(dbos['woken'], 50):.2f} s, a step {dbos['step'] * 1000:.0f} ms",
        wanted=f"p95 ≤ {WANTED} s",
        holds=p95 <= WANTED,
        numbers={
            "p50": p50,
            "p95": p95,
            "most": max(moved),
            "packaged_p50": percentile(packaged, 50),
            "packaged_p95": percentile(packaged, 95),
            "dbos_woken_p50": percentile(dbos["woken"], 50),
            "dbos_step": dbos["step"],
        },
        why=WHY,
    )


def by_dbos(times: int) -> dict[str, Any]:
    """The seconds of its steps, on a PostgreSQL of the same kind with the same promises."""
    with running() as cluster:
        cluster.drop_database("dbos")
        cluster.add_database("dbos")
        took: dict[str, Any] = ask_peer("dbos_steps", cluster.url("dbos").replace("://", "+psycopg://"), str(times), of="dbos")
        cluster.drop_database("dbos")
    return took


def approvals(count: int) -> list[Took]:
    """So many campaigns, each waiting for its brand, approved one after the other."""
    waiting: dict[UUID, Awaited] = {}

    def presented() -> Partnership:
        with unit_of_work() as session:
            now = clock.business_now(session)
            delivery = in_delivery(session, at=now - LONG_AGO)
            waiting[delivery.made.id] = Awaited(delivery, presented_version(session, delivery, at=now))
            return delivery.made

    return [approved(waiting[made.id]) for made in asleep(presented, count)]


def approved(awaited: Awaited) -> Took:
    """Approve the version as the brand, and wait for what the flow makes of it."""
    approve(awaited)
    began, ends = time.perf_counter(), dict[str, float]()

    def all_is_done() -> bool:
        for end, holds in (("packaged", is_packaged), ("moved", has_moved)):
            if end not in ends and holds(awaited):
                ends[end] = time.perf_counter() - began
        return len(ends) == 2

    wait_for(all_is_done, LATE)
    return Took(**ends)


def approve(awaited: Awaited) -> None:
    with unit_of_work() as session:
        seen = find_version_details(session, awaited.version.id, by=awaited.delivery.approver)
        shown, at = seen.parts_sha256, clock.business_now(session)
        decide(session, awaited.version.id, Verdict.APPROVED, awaited.version.sha256, shown, by=awaited.delivery.approver, at=at)


def is_packaged(awaited: Awaited) -> bool:
    with unit_of_work() as session:
        return bool(session.scalar(select(exists().where(Package.version_id == awaited.version.id))))


def has_moved(awaited: Awaited) -> bool:
    return stages(awaited.delivery.made) == [Stage.PAYOUT]
