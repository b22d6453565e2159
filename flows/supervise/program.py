"""One program of an installation: what is run, what must be ready before, and when it is ready itself."""

import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A command that is kept running, or with `once` one that is awaited; `ready` says when what comes `after` it may start."""

    name: str
    title: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    ready: Callable[[], bool] = lambda: True
    once: bool = False
    last_signal: signal.Signals = signal.SIGTERM
    user: str | None = None


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a Python module with this interpreter."""
    return (sys.executable, "-m", name, *arguments)


def answers(url: str) -> Callable[[], bool]:
    """The question whether `url` answers with a success."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310  # noqa: S310 - an address of our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return ask


def answers_as(url: str, name: str) -> Callable[[], bool]:
    """The question whether the process `name` is among those that answer at `url`, each of which says its own name."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310  # noqa: S310 - an address of our own
                return bool(json.load(answer)["process"] == name)
        except (urllib.error.URLError, OSError):
            return False

    return ask


def kind_of(name: str) -> str:
    """What a program is called of which there may be several: `api` is that of `api-2`."""
    return name.partition("-")[0]


def with_what_they_need(programs: Iterable[Program], names: Iterable[str]) -> tuple[Program, ...]:
    """The named programs, all of a named kind, and all that must be ready before them, in the order given."""
    programs = tuple(programs)
    wanted = set(names)
    for program in reversed(programs):
        if wanted & {program.name, kind_of(program.name)}:
            wanted.update((program.name, *program.after))
    return tuple(program for program in programs if program.name in wanted)
