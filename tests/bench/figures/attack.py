"""The dearest request of a stranger, found by a search: every piece in every place, then the dearest of them changed again and again."""

import random
import socket
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attacks.server import Server, serving
from tests.bench.attacks import Attack, seeds
from tests.bench.databases import migrated, running
from tests.bench.figure import Figure

WANTED = 50.0
ROUNDS = 60
KEPT = 12
CHILDREN = 40
TIMES = 5


class Trial:
    """A web process that is asked one thing after another, and how long its event loop computed for each."""

    def __init__(self, server: Server) -> None:
        self._server, self._number = server, count()

    def once(self, attack: Attack) -> float:
        """The milliseconds of the event loop for one such request, from its first byte to the end of its answer."""
        number = next(self._number)
        said = attack.as_bytes(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        before = self._server.loop_milliseconds
        with self._server.line() as line, suppress(ConnectionError, TimeoutError):
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
            while line.recv(65_536):
                pass
        return self._server.loop_milliseconds - before

    def surely(self, attack: Attack) -> float:
        """The least of several times: what it costs by itself, without the garbage of those before."""
        return min(self.once(attack) for _time in range(TIMES))

    def dearest(self, attacks: Sequence[Attack], most: int) -> list[tuple[float, Attack]]:
        return sorted(((self.once(attack), attack) for attack in attacks), key=lambda found: -found[0])[:most]


def measure(scale: float) -> Figure:
    with running() as cluster, migrated(cluster), TemporaryDirectory() as home, serving(Path(home)) as server:
        trial = Trial(server)
        tried, (took, attack) = searched(trial, scale)
    return Figure(
        f"The dearest request of a stranger among {tried:,}, each of ≤ 16 kB of head and of body",
        f"{took:.1f} ms of the event loop",
        str(attack),
        f"≤ {WANTED:.0f} ms",
        took <= WANTED,
        {"milliseconds": took, "tried": tried},
    )


def searched(trial: Trial, scale: float) -> tuple[int, tuple[float, Attack]]:
    """How many were tried, and the dearest of them with what it surely costs."""
    chance = random.Random(7)
    first = list(seeds())
    for attack in first[:20]:
        trial.once(attack)
    first = chance.sample(first, max(60, int(len(first) * scale)))
    best, tried = trial.dearest(first, KEPT), len(first)
    for _round in range(max(2, int(ROUNDS * scale))):
        parents = [attack for _took, attack in best]
        children = [chance.choice(parents).mutated(chance, chance.choice(parents)) for _child in range(CHILDREN)]
        found = trial.dearest(children, KEPT)
        # Of what seems dear, what it surely costs: one that met a collection of garbage is no parent.
        best = sorted(best + [(trial.surely(attack), attack) for took, attack in found if took > best[-1][0]], key=lambda one: -one[0])[
            :KEPT
        ]
        tried += len(children)
    return tried, max(((trial.surely(attack), attack) for _took, attack in best), key=lambda one: one[0])
