"""The six stages, and why a deliverable moves."""

from enum import StrEnum


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
