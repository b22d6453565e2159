"""What a gate waits for: each blocker and each action is declared here once, with who acts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage


class Waited(StrEnum):
    """Whom a gate waits for: the manager is whoever runs the campaign, `brand` whoever acts for it, `callboard` nobody."""

    MANAGER = "manager"
    ARTIST = "artist"
    CURATOR = "curator"
    LEADER = "leader"
    EDITOR = "editor"
    APPROVER = "approver"
    SIGNER = "signer"
    BRAND = "brand"
    BRAND_ADMINISTRATOR = "brand_administrator"
    FINANCE = "finance"
    CALLBOARD = "callboard"


class ActionCode(StrEnum):
    """What opens a gate, `who` is waited for to do it, and the permission that it takes."""

    who: Waited
    permission: Permission

    def __new__(cls, value: str, who: Waited, permission: Permission) -> "ActionCode":
        code = str.__new__(cls, value)
        code._value_ = value
        code.who, code.permission = who, permission
        return code

    ADD_DELIVERABLE = "add_deliverable", Waited.MANAGER, Permission.EDIT_BRIEF
    EDIT_BRIEF = "edit_brief", Waited.MANAGER, Permission.EDIT_BRIEF
    SIGN = "sign", Waited.SIGNER, Permission.SIGN_BRIEF
    ASK_ADMINISTRATOR = "ask_administrator", Waited.MANAGER, Permission.ASK_ADMINISTRATOR
    APPOINT = "appoint", Waited.BRAND_ADMINISTRATOR, Permission.APPOINT_FOR_BRAND
    FUND = "fund", Waited.BRAND, Permission.FUND
    LAUNCH = "launch", Waited.MANAGER, Permission.LAUNCH
    CONTRIBUTE = "contribute", Waited.ARTIST, Permission.CONTRIBUTE
    SCREEN = "screen", Waited.CURATOR, Permission.SCREEN
    REMIX = "remix", Waited.ARTIST, Permission.CITE
    COMPLETE = "complete", Waited.LEADER, Permission.CLOSE_COLLABORATION
    ASSIGN = "assign", Waited.MANAGER, Permission.ASSIGN_CURATORS
    REVIEW = "review", Waited.CURATOR, Permission.REVIEW
    PUBLISH = "publish", Waited.MANAGER, Permission.SELECT
    MAKE_VERSION = "make_version", Waited.EDITOR, Permission.MAKE_VERSION
    LICENSE_OUTSIDE = "license_outside", Waited.EDITOR, Permission.MAKE_VERSION
    APPROVE_INTERNALLY = "approve_internally", Waited.MANAGER, Permission.APPROVE_INTERNALLY
    PACK_AGAIN = "pack_again", Waited.MANAGER, Permission.APPROVE_INTERNALLY
    DECIDE = "decide", Waited.APPROVER, Permission.DECIDE_VERSION
    SEND_BACK = "send_back", Waited.MANAGER, Permission.SEND_BACK
    DECIDE_CLAIM = "decide_claim", Waited.CURATOR, Permission.DECIDE_SOURCE
    ASSESS = "assess", Waited.MANAGER, Permission.ASSESS
    PROPOSE = "propose", Waited.MANAGER, Permission.PROPOSE
    END_NAMINGS = "end_namings", Waited.MANAGER, Permission.END_NAMINGS
    COMMENT = "comment", Waited.ARTIST, Permission.COMMENT
    DISPOSE = "dispose", Waited.MANAGER, Permission.DISPOSE
    FINALIZE = "finalize", Waited.FINANCE, Permission.FINALIZE
    RESUME = "resume", Waited.MANAGER, Permission.PAUSE


# A canceled deliverable waits, as one in payout does, for its kill fee.
PAYOUT = frozenset({Stage.PAYOUT, Stage.CANCELLED})
CALL = frozenset({Stage.OPEN_CALL, Stage.COLLABORATION})
ANY = frozenset(Stage) - {Stage.DONE}
BY_ITSELF = None


class BlockerCode(StrEnum):
    """Why a deliverable may not leave its stage yet: the `stages` that it concerns, and the `actions` that end it, the usual one first."""

    stages: frozenset[Stage]
    actions: tuple[ActionCode, ...]

    def __new__(cls, value: str, stages: Stage | frozenset[Stage], *actions: ActionCode | None) -> "BlockerCode":
        if not actions:
            raise TypeError(f"{value} says neither what ends it nor that it ends by itself")
        code = str.__new__(cls, value)
        code._value_ = value
        code.stages = frozenset([stages]) if isinstance(stages, Stage) else stages
        code.actions = tuple(action for action in actions if action is not BY_ITSELF)
        return code

    PAUSED = "paused", ANY, ActionCode.RESUME

    DELIVERABLE_MISSING = "deliverable_missing", Stage.BRIEF, ActionCode.ADD_DELIVERABLE
    BRIEF_INCOMPLETE = "brief_incomplete", Stage.BRIEF, ActionCode.EDIT_BRIEF
    DATE_PASSED = "date_passed", Stage.BRIEF, ActionCode.EDIT_BRIEF
    UNSIGNED = "unsigned", Stage.BRIEF, ActionCode.SIGN, ActionCode.APPOINT, ActionCode.ASK_ADMINISTRATOR
    UNCOVERED = "uncovered", Stage.BRIEF, ActionCode.FUND
    NOT_LAUNCHED = "not_launched", Stage.BRIEF, ActionCode.LAUNCH

    CALL_OPEN = "call_open", CALL, ActionCode.CONTRIBUTE
    CONTRIBUTIONS_ARRIVING = "contributions_arriving", CALL, BY_ITSELF
    CONTRIBUTIONS_UNSHOWABLE = "contributions_unshowable", CALL, ActionCode.SCREEN
    CONTRIBUTIONS_UNSCREENED = "contributions_unscreened", CALL, ActionCode.SCREEN

    MATERIAL_INCOMPLETE = "material_incomplete", Stage.COLLABORATION, ActionCode.COMPLETE
    COLLABORATION_OPEN = "collaboration_open", Stage.COLLABORATION, ActionCode.REMIX

    CURATORS_UNASSIGNED = "curators_unassigned", Stage.CURATION, ActionCode.ASSIGN
    REVIEWS_OUTSTANDING = "reviews_outstanding", Stage.CURATION, ActionCode.REVIEW
    CONTRIBUTIONS_BARRED = "contributions_barred", Stage.CURATION, ActionCode.ASSIGN
    SELECTION_UNPUBLISHED = "selection_unpublished", Stage.CURATION, ActionCode.PUBLISH

    NOTHING_CHOSEN = "nothing_chosen", Stage.CLIENT_DELIVERY, ActionCode.SEND_BACK
    NO_VERSION = "no_version", Stage.CLIENT_DELIVERY, ActionCode.MAKE_VERSION
    CHANGES_ASKED = "changes_asked", Stage.CLIENT_DELIVERY, ActionCode.MAKE_VERSION
    LICENCE_MISSING = "licence_missing", Stage.CLIENT_DELIVERY, ActionCode.LICENSE_OUTSIDE
    INTERNAL_APPROVAL = "internal_approval", Stage.CLIENT_DELIVERY, ActionCode.APPROVE_INTERNALLY
    DECISION = "decision", Stage.CLIENT_DELIVERY, ActionCode.DECIDE
    COMPONENT_TAKEN_DOWN = "component_taken_down", Stage.CLIENT_DELIVERY, ActionCode.MAKE_VERSION, ActionCode.SEND_BACK
    COMPONENT_UNSETTLED = "component_unsettled", Stage.CLIENT_DELIVERY, ActionCode.DECIDE_CLAIM
    COMPONENT_UNCONFIRMED = "component_unconfirmed", Stage.CLIENT_DELIVERY, ActionCode.MAKE_VERSION, ActionCode.SEND_BACK
    VERSION_MAKER_UNCONFIRMED = "version_maker_unconfirmed", Stage.CLIENT_DELIVERY, ActionCode.END_NAMINGS
    PACKAGE_STOPPED = "package_stopped", PAYOUT | {Stage.CLIENT_DELIVERY}, ActionCode.PACK_AGAIN
    PACKAGE = "package", PAYOUT | {Stage.CLIENT_DELIVERY}, BY_ITSELF

    CREDITS_UNCONFIRMED = "credits_unconfirmed", PAYOUT, ActionCode.END_NAMINGS
    POINTS_UNASSESSED = "points_unassessed", PAYOUT, ActionCode.ASSESS
    BEING_POSTED = "being_posted", PAYOUT, BY_ITSELF
    PROPOSAL_DUE = "proposal_due", PAYOUT, BY_ITSELF
    INPUTS_CHANGED = "inputs_changed", PAYOUT, ActionCode.PROPOSE
    COMMENTS_UNANSWERED = "comments_unanswered", PAYOUT, ActionCode.DISPOSE
    NOBODY_TO_PAY = "nobody_to_pay", PAYOUT, ActionCode.ASSESS
    WINDOW_OPEN = "window_open", PAYOUT, ActionCode.COMMENT
    FINALIZATION = "finalization", PAYOUT, ActionCode.FINALIZE


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that a gate still waits for: a sentence about something that someone can do.

    `instead` is what ends this one, where that is another action than the usual one of its code.
    """

    code: BlockerCode
    message: str
    since: datetime | None = None
    due: datetime | None = None
    params: dict[str, Any] = field(default_factory=dict)
    instead: ActionCode | None = None

    @property
    def action(self) -> ActionCode | None:
        """What ends it; None where only time or Callboard does."""
        return self.instead or next(iter(self.code.actions), None)

    @property
    def waits_for(self) -> Waited:
        """Who is to act."""
        return self.action.who if self.action else Waited.CALLBOARD

    @property
    def gate(self) -> str:
        """What it is known by in its campaign: its code, and the sign-off role that it concerns."""
        sign_off_role = self.params.get("sign_off_role")
        return f"{self.code}:{sign_off_role}" if sign_off_role else self.code.value
