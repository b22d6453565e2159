"""`python -m tests.chaos --assignments 20 --kills 200 --seed 1`: whole assignments under kills; 0 when nothing was done twice or lost."""

import argparse
import os
import random
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigns.core.settings import Settings, settings
from tests.chaos import record
from tests.chaos.fire import under_fire
from tests.chaos.guards import ground
from tests.chaos.overload import Overload
from tests.chaos.proofs import PROOFS
from tests.chaos.report import report
from tests.chaos.trial import Trial
from tests.conftest import OURS


def main() -> int:
    """Run a trial, print its figures, and say by the exit code whether it went well."""
    asked = parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if asked.write:
        record.write_page(tuple(PROOFS))
        return 0
    print(f"Chaos with seed {asked.seed}.")
    if asked.overload:
        return overloaded()
    if asked.guards:
        return only_guards(PROOFS if asked.guards == ["all"] else asked.guards)
    return tried(Trial(asked.assignments, asked.kills, asked.seed, asked.within, say=say), () if asked.without_proofs else PROOFS)


def tried(trial: Trial, proofs: Iterable[str]) -> int:
    """The trial, and then these guards taken out one at a time; a complete one is kept."""
    with own_settings(), tempfile.TemporaryDirectory(prefix="callboard-chaos-") as home:
        trial.run(Path(home, "trial"))
        toothless = list(proved(Path(home, "proofs"), proofs)) if proofs else []
    for line in report(trial):
        print(line)
    harms = trial.harms + toothless
    record.keep(trial, harms)
    for harm in harms:
        print(f"HARM  {harm}")
    print("Something went wrong." if harms else "Everything has ended; nothing was done twice or lost.")
    return 1 if harms else 0


def only_guards(names: Iterable[str]) -> int:
    """No trial, but these guards taken out one at a time."""
    with own_settings(), tempfile.TemporaryDirectory(prefix="callboard-chaos-") as home:
        harms = list(proved(Path(home), names))
    for harm in harms:
        print(f"HARM  {harm}")
    return 1 if harms else 0


def overloaded() -> int:
    """Forty campaigns due on a machine that is busy for three minutes, and again with PostgreSQL slowed to a tenth."""
    harms: list[str] = []
    for is_slow in (False, True):
        say("Every core is busy, and PostgreSQL runs for a tenth of the time." if is_slow else "Every core is busy.")
        with own_settings(), tempfile.TemporaryDirectory(prefix="callboard-chaos-") as home, under_fire(Path(home)) as (up, _fire):
            harms += Overload(up, 40, 180.0, is_slow).run()
    for harm in harms:
        print(f"HARM  {harm}")
    return 1 if harms else 0


def proved(home: Path, names: Iterable[str]) -> Iterator[str]:
    """Take out each of these guards, keep what came of it, and name whatever does not hold of it."""
    with under_fire(home) as (up, fire), ground(up, fire) as place:
        for name in names:
            outcome = PROOFS[name].outcome(place, name)
            outcome.keep()
            yield from outcome.harms()
            say(f"Without {name}: {'; '.join(sorted(set(outcome.without)))}.")


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--assignments", type=int, default=20)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--within", type=float, default=3600.0, help="seconds after which it is given up")
    parser.add_argument("--without-proofs", action="store_true", help="leave out the guards that are taken out one by one")
    parser.add_argument("--guards", nargs="+", choices=["all", *PROOFS], help="instead, these guards taken out one by one, or all")
    parser.add_argument("--write", action="store_true", help="instead, write the tables of docs/figures.md from what is kept")
    parser.add_argument("--overload", action="store_true", help="instead, forty campaigns due on a machine that is kept busy otherwise")
    return parser


@contextmanager
def own_settings() -> Iterator[None]:
    """No setting of the developer's machine reaches the trial."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("CALLBOARD_ENV_FILE", os.devnull)
        settings.cache_clear()
        yield


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
