"""All mutants of one module against its tests, in one process that forks for each.

`python -m tests.mutation.warm MODULE FATES SURVIVORS` writes into the one file, and tries only what stands in the other, if anything does.

The tests run once as they are, and what they have set up stays. A mutant of a function then takes no longer than the tests that call it;
one of what is done on import has all of them run in a process that imports it anew.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase
from sqlalchemy import Engine

from tests.mutation.children import fate_of
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.nursery import OPTIONS, Nursery
from tests.mutation.swap import Living, caches_of, calls_noted, changed_function, function_of, living_functions, unnoted
from tests.mutation.targets import TARGETS

UNREACHED = "no test calls it"
LEAST_SECONDS, TIMES_AS_LONG = 20.0, 5.0
Tests = Sequence[pytest.Item]


class Warm:
    """What pytest is told: run each test once, and then again for each mutant in a child."""

    def __init__(
        self, module: str, tests: Sequence[str], only: Collection[Sequence[str]], tell: Callable[[Mutant, str, float], None]
    ) -> None:
        self.module, self.tests, self.only = module, tests, only
        self.path = str(Path(module).resolve())
        self.source = Path(module).read_text()
        self.name = module.removesuffix(".py").replace("/", ".")
        self.tell = tell
        self.reached: dict[str, list[tuple[float, pytest.Item]]] = {}
        self.home: Path | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop."""
        import_module(self.name)
        living, caches = living_functions(self.path), caches_of(self.name)
        perhaps = unnoted(living)
        with calls_noted(living) as called:
            for item in session.items:
                if not self._as_it_is(item, session, called, perhaps):
                    pytest.exit(f"{item.nodeid} fails without any mutant", returncode=2)
        _close_connections()
        gc.freeze()
        left: list[Mutant] = []
        for mutant in self._mutants():
            changed = changed_function(self.source, mutant.source, self.path)
            if changed is None:
                left.append(mutant)
                continue
            tests = [item for _seconds, item in sorted(self.reached.get(function_of(changed[0]), ()), key=lambda each: each[0])]
            begun = time.monotonic()
            fate = self._fate(session, tests, partial(_exchange, *changed, living, caches)) if tests else UNREACHED
            self.tell(mutant, fate, time.monotonic() - begun)
        self._try_anew(left)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Where PostgreSQL is, so that others can have it too."""
        made = yield
        if fixturedef.argname == "cluster":
            self.home = made.home
        return made

    def _mutants(self) -> Iterator[Mutant]:
        """All, or only those asked for."""
        return (each for each in mutants_of(self.source) if not self.only or [each.within, each.old, each.new] in self.only)

    def _try_anew(self, mutants: Sequence[Mutant]) -> None:
        """The mutants of what is done on import."""
        seconds = LEAST_SECONDS + TIMES_AS_LONG * sum(each for each, _item in self._timed(self._everything()))
        with Nursery(self.module, self.tests, self.home) as nursery:
            for mutant in mutants:
                begun = time.monotonic()
                fate = nursery.fate(mutant.source, seconds)
                self.tell(mutant, fate, time.monotonic() - begun)

    def _everything(self) -> Tests:
        return [item for found in self.reached.values() for _seconds, item in found]

    def _as_it_is(self, item: pytest.Item, session: pytest.Session, called: set[str], perhaps: set[str]) -> bool:
        called.clear()
        begun = time.monotonic()
        passed = _passes(item, session)
        for function in called | perhaps:
            self.reached.setdefault(function, []).append((time.monotonic() - begun, item))
        return passed

    def _fate(self, session: pytest.Session, tests: Tests, mutate: Callable[[], None]) -> str:
        """What becomes of the mutant in a child of this process."""
        seconds = sum(each for each, item in self._timed(tests))
        child = os.fork()
        if child == 0:
            _live(session, tests, mutate)
        return fate_of(child, LEAST_SECONDS + TIMES_AS_LONG * seconds)

    def _timed(self, tests: Tests) -> list[tuple[float, pytest.Item]]:
        wanted = set(tests)
        return [*{item.nodeid: (seconds, item) for found in self.reached.values() for seconds, item in found if item in wanted}.values()]


def _passes(item: pytest.Item, session: pytest.Session) -> bool:
    """Whether the test passes; what lives as long as the session is left standing."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=session))  # type: ignore[arg-type]


def _exchange(old: CodeType, new: CodeType, living: Living, caches: Sequence[Any]) -> None:
    for function in living[old.co_qualname, old.co_firstlineno]:
        function.__code__ = new
    for cache in caches:
        cache.cache_clear()


def _live(session: pytest.Session, tests: Tests, mutate: Callable[[], None]) -> None:
    """The child's life: mutate, run the tests up to the first that fails, and be gone."""
    os.setsid()
    mutate()
    try:
        failed = any(not _passes(item, session) for item in tests)
    except BaseException:  # whatever it is, somebody noticed
        failed = True
    os._exit(1 if failed else 0)


def _close_connections() -> None:
    """A child must not speak on its parent's connection."""
    for each in gc.get_objects():
        if isinstance(each, Engine):
            each.dispose()


def main() -> int:
    """Write a line of JSON for each mutant into the file; 0 when all have been tried."""
    module, into, survivors = sys.argv[1:]
    tests, only = TARGETS[module], json.loads(Path(survivors).read_text())

    def tell(mutant: Mutant, fate: str, seconds: float) -> None:
        about = {name: getattr(mutant, name) for name in ("operator", "within", "line", "old", "new")}
        with Path(into).open("a") as found:
            found.write(json.dumps({"module": module, **about, "fate": fate, "seconds": round(seconds, 2)}) + "\n")

    hypothesis.settings.register_profile("mutants", phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None)
    hypothesis.settings.load_profile("mutants")
    return int(pytest.main([*OPTIONS, *tests], plugins=[Warm(module, tests, only, tell)]))


if __name__ == "__main__":
    sys.exit(main())
