"""How much memory a deed takes, in a process of its own: `python -m tests.bench.growth DEED ROWS` prints megabytes at the most."""

import json
import resource
import sys
from collections.abc import Callable, Mapping

from tests.bench import emails, money
from tests.bench.databases import migrated, running
from tests.bench.figures.claim_and_finish import finish_all, released

WARM = 200


def quote(rows: int) -> Callable[[], object]:
    money.earned_by(rows)
    return money.quoted


def finish(rows: int) -> Callable[[], object]:
    money.earned_by(rows)
    run_id = released()
    return lambda: finish_all(run_id)


def emails_of(rows: int) -> Callable[[], object]:
    message = emails.enqueued_for(rows)
    return lambda: emails.build(message)


# Each sets up so many rows and returns the deed over all of them.
DEEDS: Mapping[str, Callable[[int], Callable[[], object]]] = {"quote": quote, "finish": finish, "emails": emails_of}


def grown(name: str, rows: int) -> float:
    """The megabytes by which this process has grown at its largest, over what it held once the deed was known to it from a small one."""
    with running() as cluster:
        with migrated(cluster):
            DEEDS[name](WARM)()
        with migrated(cluster):
            deed = DEEDS[name](rows)
            before = _most()
            deed()
            return _most() - before


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(grown(sys.argv[1], int(sys.argv[2]))))
