"""What each process of a tried installation does before anything else: it has named functions end, or freeze, their own process.

Python imports this module by its name at the start, wherever its folder comes first on PYTHONPATH. It reads the plan that CHAOS_PLAN
names: {"orders": folder, "out": folder, "log": file, "points": [...], "faults": [...], "guards": [...], "outages": [...]}. A point
strikes, or a fault shows, once for each file of its name in the folder of orders; a guard is out, and a program that has ended stays
away, only while a file of its name lies in `out`.
"""

import functools
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

Said = dict[str, str]
GLANCE = 0.1


def program() -> str:
    """The module that this process runs."""
    words = sys.orig_argv
    return words[words.index("-m") + 1] if "-m" in words[:-1] else ""


class Plan:
    """The points and the guards of this process, by the module that defines each function."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.orders, self.out, self.log = Path(said["orders"]), Path(said["out"]), Path(said["log"])
        here = [point for point in said["points"] if point["program"] in ("", program())]
        self.by_module: dict[str, list[tuple[Said, Callable[[Any, Said], Any]]]] = {}
        for guard in said["guards"]:
            self.by_module.setdefault(guard["module"], []).append((guard, self.without))
        for outage in said["outages"]:
            self.by_module.setdefault(outage["module"], []).append((outage, self.away))
        for fault in said["faults"]:
            self.by_module.setdefault(fault["module"], []).append((fault, self.faulty))
        for point in here:
            self.by_module.setdefault(point["module"], []).append((point, self.struck))

    def put_in(self, module: ModuleType) -> None:
        """Wrap what the plan names of a module that has just been executed."""
        for said, wrapped in self.by_module[module.__name__]:
            *owners, name = said["function"].split(".")
            owner = functools.reduce(getattr, owners, module)
            setattr(owner, name, wrapped(getattr(owner, name), said))

    def faulty(self, function: Any, fault: Said) -> Any:
        """The function, with the fault in its place once it was ordered."""
        bare = getattr(importlib.import_module("faults"), fault["replacement"])(function)

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            return (bare if self.is_ordered(fault["name"]) else function)(*given, **named)

        return wrapper

    def without(self, function: Any, guard: Said) -> Any:
        """The function, and in its place what there is without it, while a file of the guard's name says that it is taken out."""
        bare = getattr(importlib.import_module("unguarded"), guard["replacement"])(function)

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            return (bare if (self.out / guard["name"]).exists() else function)(*given, **named)

        return wrapper

    def away(self, function: Any, outage: Said) -> Any:
        """The function with which a program begins, once its outage is over."""

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            while program() == outage["program"] and (self.out / outage["name"]).exists():
                time.sleep(GLANCE)
            return function(*given, **named)

        return wrapper

    def struck(self, function: Any, point: Said) -> Any:
        """The function with its point."""

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            if point["when"] == "before":
                self.strike(point["name"])
            if point["when"] == "committed":
                self.strike_at_commit(given[0], point["name"])
            try:
                return function(*given, **named)
            finally:
                if point["when"] == "after":
                    self.strike(point["name"])

        return wrapper

    def strike_at_commit(self, session: Any, name: str) -> None:
        from sqlalchemy import event

        event.listen(session, "after_commit", lambda _session: self.strike(name), once=True)

    def strike(self, name: str) -> None:
        """Carry out the order that lies for this point."""
        if wanted := self.is_ordered(name):
            os.kill(os.getpid(), signal.Signals[wanted])

    def is_ordered(self, name: str) -> str:
        """The order of this name, which only one process can claim, written down as carried out; empty when there is none."""
        order = self.orders / name
        try:
            wanted = order.read_text()
            order.unlink()
        except FileNotFoundError:
            return ""
        note = {"point": name, "program": program(), "pid": os.getpid(), "signal": wanted, "at": time.time()}
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(log, f"{json.dumps(note)}\n".encode())
        os.fsync(log)
        os.close(log)
        return wanted


class AfterExec(MetaPathFinder):
    """Finds modules as usual, and puts the plan into those that it names once they have been executed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self.plan.by_module:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_put_in(module: ModuleType) -> None:
            execute(module)
            self.plan.put_in(module)

        spec.loader.exec_module = execute_and_put_in  # type: ignore[method-assign]
        return spec


def plans() -> Iterator[Plan]:
    """The plan of this process, if there is one."""
    if named := os.environ.get("CHAOS_PLAN"):
        yield Plan(json.loads(Path(named).read_text()))


for _plan in plans():
    sys.meta_path.insert(0, AfterExec(_plan))
