"""The processes that `callboard up` keeps running on this machine."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.core.settings import settings
from campaigns.core.words import _


@dataclass(frozen=True, slots=True)
class Process:
    """A program and its present process."""

    program: str
    pid: int
    runs: bool

    @property
    def name(self) -> str:
        """What it is called on the page, with its number among several of a kind."""
        kind, _dash, number = self.program.partition("-")
        return " ".join(filter(None, (_names().get(kind, kind), number)))


def processes() -> Sequence[Process]:
    """Each program with its process, as the supervisor wrote it down; none where it did not start this web process."""
    try:
        written = json.loads((settings().home / "up.json").read_text())
    except FileNotFoundError:
        return []
    return [Process(program, pid, _runs(pid)) for program, pid in written["programs"].items()]


def web_processes() -> int:
    """How many web processes run on this machine: one where the supervisor did not start this one."""
    return max(1, sum(each.runs for each in processes() if each.program == "api" or each.program.startswith("api-")))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _names() -> dict[str, str]:
    return {
        "postgres": _("PostgreSQL"),
        "prefect": _("Prefect server"),
        "worker": _("Prefect worker"),
        "stripe": _("Stripe simulator"),
        "sendgrid": _("SendGrid simulator"),
        "sweep": _("Sweep"),
        "relay": _("Relay"),
        "api": _("Web"),
    }
