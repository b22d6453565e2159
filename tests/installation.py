"""A real installation for tests: `python -m flows.supervise` in a folder of its own, on free ports."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaigns.core.settings import Settings
from flows.supervise.program import kind_of
from tests.ports import free_ports

PORTS = ("CALLBOARD_PORT", "CALLBOARD_PREFECT_PORT", "CALLBOARD_STRIPE_SANDBOX_PORT", "CALLBOARD_SENDGRID_SANDBOX_PORT")


@dataclass
class Installation:
    """One `callboard up`; `environment` holds the settings that it was started with."""

    environment: dict[str, str]
    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls, home: Path, *arguments: str, **environment: str) -> "Installation":
        """Start it with the arguments of `callboard up`; `environment` adds settings or replaces the free ports."""
        chosen = {"CALLBOARD_HOME": str(home), "DATABASE_URL": ""} | dict(zip(PORTS, free_ports(len(PORTS)), strict=True)) | environment
        command = [sys.executable, "-m", "flows.supervise", *arguments]
        home.mkdir(parents=True, exist_ok=True)
        with (home / "up.log").open("w") as log:
            process = subprocess.Popen(command, env=os.environ | chosen, stdout=log, stderr=subprocess.STDOUT, text=True)
        return cls(chosen, process)

    @classmethod
    @contextmanager
    def standing(cls, home: Path, **environment: str) -> "Iterator[Installation]":
        """The whole of it, ready, until the block ends."""
        installation = cls.start(home, **environment)
        try:
            yield installation.wait_until_ready()
        finally:
            installation.remove()

    @property
    def home(self) -> Path:
        return Path(self.environment["CALLBOARD_HOME"])

    @property
    def settings(self) -> Settings:
        """Its settings, as its own programs read them."""
        return Settings.model_validate({name.removeprefix("CALLBOARD_").lower(): value for name, value in self.environment.items()})

    @property
    def said(self) -> str:
        """All that it has printed."""
        return (self.home / "up.log").read_text()

    @property
    def state(self) -> dict[str, Any]:
        """Which process plays which part; empty while it is not up."""
        try:
            return dict(json.loads((self.home / "up.json").read_text()))
        except FileNotFoundError:
            return {}

    def pid(self, name: str) -> int:
        return int(self.state["programs"][name])

    def web(self) -> list[int]:
        """Every web process."""
        return [pid for name, pid in self.state["programs"].items() if kind_of(name) == "api"]

    def wait_until_ready(self, within: float = 300) -> "Installation":
        wait_for(lambda: self.state.get("ready") or self.process.poll() is not None, within)
        assert self.process.poll() is None, self.said
        return self

    def processes(self) -> set[int]:
        """Every process that belongs to it, however it was started."""
        marks = [str(self.home).encode(), str(self.settings.cluster_home).encode()]
        return {pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if any(mark in traces(pid) for mark in marks)}

    def start_again(self) -> None:
        """What a machine's own supervisor does once ours has died: wait until all that belonged to it is gone, and start it anew."""
        self.process.wait(60)
        wait_for(lambda: not self.processes(), 90)
        (self.home / "up.json").unlink(missing_ok=True)
        with (self.home / "up.log").open("a") as log:
            command = [sys.executable, "-m", "flows.supervise"]
            self.process = subprocess.Popen(command, env=os.environ | self.environment, stdout=log, stderr=subprocess.STDOUT, text=True)
        self.wait_until_ready()

    def remove(self) -> None:
        """Stop it and take away what it left on disk."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        shutil.rmtree(self.settings.cluster_home, ignore_errors=True)


def traces(pid: int) -> bytes:
    """What ties a process to a folder: its command, its environment, its working directory."""
    found = b""
    for name in ("cmdline", "environ"):
        try:
            found += Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            return b""
    try:
        return found + os.fsencode(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return found


def wait_for(holds: Callable[[], Any], within: float = 20, *, every: float = 0.05) -> None:
    """Return once `holds()` does, asked again and again; fails when that takes longer than `within` seconds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, f"not so within {within} seconds"
        time.sleep(every)
