"""The process of one flow run: Prefect's engine, bound to its parent, so that no run outlives its worker.

It gives a sign of life before anything else, and leaves at once when a younger run carries on what it would have carried.
"""

import gc
import json
import os
import runpy
import signal
import sys
from collections.abc import Mapping
from typing import Any

from flows.supervise.process import TOLD, die_with


def begin(told: Mapping[str, Any] | None, parent: int) -> bool:
    """Whether the flow is to be run, once the process is bound to its parent and has given a sign of life."""
    die_with(parent, signal.SIGKILL)()
    if told is None:  # another worker than ours started it
        return True
    from flows import first_sign  # only now: until the line above nothing would end this process with its worker

    return first_sign.give(first_sign.LaunchParameters(**told))


def run(parent: int) -> None:
    """Run the flow run that the environment names, unless it has nothing to do."""
    if begin(json.loads(os.environ.get(TOLD, "null")), parent):
        gc.set_threshold(100_000)  # a short life, which leaves little garbage to look for
        sys.modules.pop("prefect.engine", None)  # which a warm process has imported and which now runs as the main program
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run(os.getppid())
