"""Forty campaigns whose gates open at once: how long until all have moved, and whether a run failed."""

from campaigns.core.stages import Stage
from tests.bench.figure import Figure, seconds
from tests.bench.sleepers import asleep, failures, moved_into
from tests.bench.stacks import stood_up
from tests.flows.engine_room import close, collaborating
from tests.installation import wait_for

CAMPAIGNS = 40
EACH = 6.0


def measure(scale: float) -> Figure:
    with stood_up() as up:
        campaigns = asleep(collaborating, max(2, int(CAMPAIGNS * scale)))
        for made in campaigns:
            close(made)
        took = seconds(lambda: wait_for(lambda: moved_into(Stage.CURATION, campaigns) == len(campaigns), 60 + EACH * len(campaigns)))
        failed = failures(campaigns)
        at_once = up.settings.worker_limit
    return Figure(
        f"{len(campaigns)} campaigns resumed at once",
        f"all moved after {took:.0f} s, {failed} failures",
        f"{at_once} flow runs at a time",
        "no failure",
        failed == 0,
        {"seconds": took, "failures": failed},
    )
