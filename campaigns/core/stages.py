"""The six stages, and what a gate waits for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """The stage of a deliverable: the six stages in order, then `done` and `cancelled`."""

    BRIEF = "brief"
    OPEN_CALL = "open_call"
    COLLABORATION = "collaboration"
    CURATION = "curation"
    CLIENT_DELIVERY = "client_delivery"
    PAYOUT = "payout"
    DONE = "done"
    CANCELLED = "cancelled"


class MoveCause(StrEnum):
    """Why a deliverable moved without a reason that somebody gave."""

    GATE_OPENED = "gate_opened"
    PROPOSAL_FINAL = "proposal_final"


ENDS = frozenset({Stage.DONE, Stage.CANCELLED})
ORDER = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that a gate still waits for: a sentence about something that someone can do."""

    code: str
    message: str
    waits_for: str
    since: datetime | None = None
    action: str | None = None
    due: datetime | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def gate(self) -> str:
        """What it is known by in its campaign: its code, and the sign-off role that it concerns."""
        sign_off_role = self.params.get("sign_off_role")
        return f"{self.code}:{sign_off_role}" if sign_off_role else self.code
