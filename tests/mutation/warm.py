"""All mutants of one module against its tests, in one process that forks for each: `python -m tests.mutation.warm MODULE FILE`.

The tests run once as they are, and what they have set up stays. A mutant of a function then takes no longer than the tests that call it;
one of what is done on import has the tests run in a process of its own.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase
from sqlalchemy import Engine

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.swap import Living, caches_of, changed_function, function_of, living_functions
from tests.mutation.targets import TARGETS

OURS = ("-q", "-p", "no:cacheprovider", "--no-header")
KILLED, SURVIVED, TOO_LONG, UNREACHED = "killed", "survived", "too long", "no test calls it"
LEAST_SECONDS, TIMES_AS_LONG = 20.0, 5.0
Tests = Sequence[pytest.Item]


class Warm:
    """What pytest is told: run each test once, and then again for each mutant in a child."""

    def __init__(self, module: str, tell: Callable[[Mutant, str, float], None]) -> None:
        self.path = str(Path(module).resolve())
        self.source = Path(module).read_text()
        self.name = module.removesuffix(".py").replace("/", ".")
        self.tell = tell
        self.reached: dict[str, list[tuple[float, pytest.Item]]] = {}
        self.left: list[Mutant] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop."""
        for item in session.items:
            if not self._as_it_is(item, session):
                pytest.exit(f"{item.nodeid} fails without any mutant", returncode=2)
        _close_connections()
        living, caches = living_functions(self.path), caches_of(self.name)
        gc.freeze()
        for mutant in mutants_of(self.source):
            changed = changed_function(self.source, mutant.source, self.path)
            if changed is None:
                self.left.append(mutant)
                continue
            tests = [item for _seconds, item in sorted(self.reached.get(function_of(changed[0]), ()), key=lambda each: each[0])]
            begun = time.monotonic()
            fate = self._fate(session, tests, partial(_exchange, *changed, living, caches)) if tests else UNREACHED
            self.tell(mutant, fate, time.monotonic() - begun)
        return True

    def _as_it_is(self, item: pytest.Item, session: pytest.Session) -> bool:
        begun = time.monotonic()
        with _called(self.path) as called:
            passed = _passes(item, session)
        for function in called:
            self.reached.setdefault(function, []).append((time.monotonic() - begun, item))
        return passed

    def _fate(self, session: pytest.Session, tests: Tests, mutate: Callable[[], None]) -> str:
        """What becomes of the mutant in a child of this process."""
        seconds = sum(each for each, item in self._timed(tests))
        child = os.fork()
        if child == 0:
            _live(session, tests, mutate)
        if (status := _waited(child, LEAST_SECONDS + TIMES_AS_LONG * seconds)) is None:
            return TOO_LONG
        return SURVIVED if status == 0 else KILLED

    def _timed(self, tests: Tests) -> list[tuple[float, pytest.Item]]:
        wanted = set(tests)
        return [*{item.nodeid: (seconds, item) for found in self.reached.values() for seconds, item in found if item in wanted}.values()]


def _passes(item: pytest.Item, session: pytest.Session) -> bool:
    """Whether the test passes; what lives as long as the session is left standing."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=session))  # type: ignore[arg-type]


@contextmanager
def _called(path: str) -> Iterator[set[str]]:
    """The functions of the file that are called meanwhile, in this thread and in those that begin."""
    called: set[str] = set()

    def look(frame: FrameType, _event: str, _about: Any) -> None:
        if frame.f_code.co_filename == path:
            called.add(function_of(frame.f_code))

    threading.settrace(look)
    sys.settrace(look)
    try:
        yield called
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


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


def _waited(child: int, seconds: float) -> int | None:
    """The child's exit code; None when it took longer, and was ended with all that it began."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            _end_group(child)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    _end_group(child)
    os.waitpid(child, 0)
    return None


def _end_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


def _close_connections() -> None:
    """A child must not speak on its parent's connection."""
    for each in gc.get_objects():
        if isinstance(each, Engine):
            each.dispose()


def _alone(module: str, mutant: Mutant, tests: Sequence[str], seconds: float) -> str:
    """The fate of a mutant in a process of its own, which imports it."""
    file = Path(module)
    source = file.read_text()
    file.write_text(mutant.source)
    try:
        command = [sys.executable, "-B", "-m", "pytest", "-x", *OURS, *tests]
        done = subprocess.run(command, timeout=seconds, capture_output=True, check=False)
        return SURVIVED if done.returncode == 0 else KILLED
    except subprocess.TimeoutExpired:
        return TOO_LONG
    finally:
        file.write_text(source)


def main() -> int:
    """Write a line of JSON for each mutant into the file; 0 when all have been tried."""
    module, into = sys.argv[1:]
    tests = TARGETS[module]

    def tell(mutant: Mutant, fate: str, seconds: float) -> None:
        about = {name: getattr(mutant, name) for name in ("operator", "within", "line", "old", "new")}
        with Path(into).open("a") as found:
            found.write(json.dumps({"module": module, **about, "fate": fate, "seconds": round(seconds, 2)}) + "\n")

    hypothesis.settings.register_profile("mutants", phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None)
    hypothesis.settings.load_profile("mutants")
    warm, begun = Warm(module, tell), time.monotonic()
    if code := int(pytest.main([*OURS, *tests], plugins=[warm])):
        return code
    taken = time.monotonic() - begun
    for mutant in warm.left:
        begun = time.monotonic()
        fate = _alone(module, mutant, tests, LEAST_SECONDS + TIMES_AS_LONG * taken)
        tell(mutant, fate, time.monotonic() - begun)
    return 0


if __name__ == "__main__":
    sys.exit(main())
