"""What DBOS takes for a step, and from a message until the step that waited for it is done; a script in an environment of its own.

`dbos_steps.py ADDRESS TIMES`: prints the seconds of each. The process is there all the time: DBOS keeps a waiting workflow in it.
"""

import json
import sys
import time

from dbos import DBOS

PATIENCE = 60.0
done: dict[str, float] = {}


@DBOS.step()
def note(name: str) -> str:
    done[name] = time.perf_counter()
    return name


@DBOS.workflow()
def waiting(name: str) -> str:
    DBOS.recv("gate", timeout_seconds=PATIENCE)
    noted: str = note(name)
    return noted


@DBOS.workflow()
def stepping(times: int) -> float:
    began = time.perf_counter()
    for number in range(times):
        note(f"step {number}")
    return (time.perf_counter() - began) / times


def woken(number: int) -> float:
    """The seconds from the message to the end of the step that waited for it."""
    name = f"gate {number}"
    handle = DBOS.start_workflow(waiting, name)
    time.sleep(0.5)
    began = time.perf_counter()
    DBOS.send(handle.get_workflow_id(), "opened", "gate")
    handle.get_result()
    return done[name] - began


def main() -> None:
    address, times = sys.argv[1], int(sys.argv[2])
    DBOS(config={"name": "bench", "system_database_url": address, "run_admin_server": False})
    DBOS.launch()
    took = {"step": stepping(times * 10), "woken": [woken(number) for number in range(times)]}
    DBOS.destroy()
    print(json.dumps(took))


if __name__ == "__main__":
    main()
