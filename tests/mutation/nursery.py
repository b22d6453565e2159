"""A process that has imported what the project rests on and nothing of the project: each of its children imports that anew, mutated."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from _pytest.fixtures import SubRequest

from tests.mutation.children import fate_of

OPTIONS = ("-q", "-p", "no:cacheprovider", "--no-header")
PROJECT = ("campaigns", "api", "flows", "notifications", "workers", "cli", "sandbox", "demo", "tests", "__main__")


class Nursery:
    """The process, asked for one mutant of a module after the other; its PostgreSQL is the one in `home`, if there is one."""

    def __init__(self, module: str, tests: Sequence[str], home: Path | None) -> None:
        self.file, self.tests, self.home = Path(module), tests, home

    def __enter__(self) -> "Nursery":
        command = [sys.executable, "-m", "tests.mutation.nursery"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._say([name for name in list(sys.modules) if name.partition(".")[0] not in PROJECT])
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)

    def fate(self, source: str, seconds: float) -> str:
        """What becomes of this mutant, which stands in the module's file meanwhile."""
        before = self.file.read_text()
        self.file.write_text(source)
        try:
            self._say({"tests": self.tests, "seconds": seconds, "home": str(self.home) if self.home else None})
            assert self.process.stdout
            return self.process.stdout.readline().strip()
        finally:
            self.file.write_text(before)

    def _say(self, what: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(what) + "\n")


class Kept:
    """What pytest is told in a child: PostgreSQL stands already, with its migrated pattern."""

    def __init__(self, home: str) -> None:
        self.home = home

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: SubRequest) -> object:
        """Instead of the fixtures that would start it."""
        if fixturedef.argname not in {"cluster", "template"}:
            return None
        value = self._cluster() if fixturedef.argname == "cluster" else "pattern"
        fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value

    def _cluster(self) -> object:
        return import_module("flows.supervise.postgres").Cluster.at(Path(self.home))


def _child(tests: Sequence[str], home: str | None) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for each in range(3):
        os.dup2(nothing, each)
    try:
        failed = pytest.main(["-x", *OPTIONS, *tests], plugins=[Kept(home)] if home else [])
    except BaseException:  # whatever it is, somebody noticed
        failed = 1
    os._exit(int(failed))


def main() -> None:
    """Import what is asked for, then tell the fate of one mutant after the other."""
    sys.dont_write_bytecode = True
    for name in json.loads(sys.stdin.readline()):
        with suppress(Exception):
            import_module(name)
    for asked in _requests():
        child = os.fork()
        if child == 0:
            _child(asked["tests"], asked["home"])
        sys.stdout.write(fate_of(child, asked["seconds"]) + "\n")
        sys.stdout.flush()


def _requests() -> Iterator[Any]:
    return (json.loads(line) for line in sys.stdin)


if __name__ == "__main__":
    main()
