"""One program of an installation: what is run, what must be ready before, and when it is ready itself."""

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


def with_what_they_need(programs: Iterable[Program], names: Iterable[str]) -> tuple[Program, ...]:
    """The named programs and all that must be ready before them, in the order given."""
    programs = tuple(programs)
    wanted = set(names)
    for program in reversed(programs):
        if program.name in wanted:
            wanted.update(program.after)
    return tuple(program for program in programs if program.name in wanted)
