"""The process of one flow run: Prefect's engine, bound to the worker that started it, so that no run outlives its worker.

It gives a sign of life before it imports the rest, and leaves at once when a younger run carries on what it would have carried.
"""

import gc
import json
import os
import runpy
import signal
from typing import Any

from flows.supervise.process import TOLD, die_with


def begin(told: dict[str, Any] | None) -> bool:
    """Whether the flow is to be run, once the process is bound to its worker and has given a sign of life."""
    die_with(told["worker_pid"] if told else os.getppid(), signal.SIGKILL)()
    if told is None:  # another worker than ours started it
        return True
    from flows import first_sign  # only now: until the line above nothing would end this process with its worker

    return first_sign.give(first_sign.Told(**told))


if __name__ == "__main__":
    if begin(json.loads(os.environ.get(TOLD, "null"))):
        gc.set_threshold(100_000)  # most of this process's short life is imports, which leave no garbage to look for
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)
