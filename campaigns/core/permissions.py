"""Who may do what: one vocabulary, one table."""

from enum import StrEnum


class Role(StrEnum):
    """A person's role for a campaign, a brand or the platform; everyone signed in is a member, and an artist if they joined as one."""

    MEMBER = "member"
    ARTIST = "artist"
    MANAGER = "manager"
    CURATOR = "curator"
    LEADER = "leader"
    EDITOR = "editor"
    SIGNER = "signer"
    APPROVER = "approver"
    BRAND_ADMINISTRATOR = "brand_administrator"
    FINANCE = "finance"
    OPERATOR = "operator"


# The brand's own roles; all others, but the member's and the artist's, are the staff's.
BRAND_ROLES = frozenset({Role.SIGNER, Role.APPROVER, Role.BRAND_ADMINISTRATOR})
STAFF_ROLES = frozenset(Role) - BRAND_ROLES - {Role.MEMBER, Role.ARTIST}
# A role that touches money: finance, the operator who appoints it, and the manager who assesses and proposes.
MONEY_ROLES = frozenset({Role.FINANCE, Role.OPERATOR, Role.MANAGER})
# These see every campaign's call and the community's work only once they have said that they take part as artists, too.
NO_ARTISTS_BY_THEMSELVES = MONEY_ROLES | BRAND_ROLES


class Permission(StrEnum):
    """One act or one view; the part before the dot is also the scope that a token needs for it."""

    CREATE_CAMPAIGN = "brief.create_campaign"
    VIEW_BRIEF = "brief.view"
    EDIT_BRIEF = "brief.edit"
    SIGN_BRIEF = "brief.sign"
    FUND = "brief.fund"
    RECORD_RECEIPT = "brief.record_receipt"
    CONFIRM_RECEIPT = "brief.confirm_receipt"
    APPROVE_ADVANCE = "brief.approve_advance"
    LAUNCH = "brief.launch"
    GRANT_ROLES = "brief.grant_roles"

    VIEW_BRAND = "brand.view"
    EDIT_BRAND = "brand.edit"
    MERGE_BRANDS = "brand.merge"
    ASK_ADMINISTRATOR = "brand.ask_administrator"
    APPOINT_FOR_BRAND = "brand.appoint"

    CONTRIBUTE = "open_call.contribute"
    SCREEN = "open_call.screen"
    END_NAMINGS = "open_call.end_namings"
    EXTEND_CALL = "open_call.extend"
    PUBLISH_CONTRIBUTIONS = "open_call.publish_contributions"
    ASK = "open_call.ask"
    ANSWER = "open_call.answer"

    CITE = "collaboration.cite"
    DECIDE_SOURCE = "collaboration.decide_source"
    CLOSE_COLLABORATION = "collaboration.close"

    ASSIGN_CURATORS = "curation.assign"
    REVIEW = "curation.review"
    SELECT = "curation.select"
    VIEW_SELECTION = "curation.view_selection"

    MAKE_VERSION = "client_delivery.make_version"
    VIEW_VERSIONS = "client_delivery.view"
    ANNOTATE = "client_delivery.annotate"
    APPROVE_INTERNALLY = "client_delivery.approve_internally"
    DECIDE_VERSION = "client_delivery.decide"
    VIEW_PACKAGE = "client_delivery.view_package"
    SEND_BACK = "client_delivery.send_back"

    ASSESS = "payout.assess"
    VIEW_PROPOSAL = "payout.view"
    PROPOSE = "payout.propose"
    COMMENT = "payout.comment"
    DISPOSE = "payout.dispose"
    FINALIZE = "payout.finalize"
    VIEW_MONEY = "payout.view_money"
    RELEASE_RUN = "payout.release_run"
    ANSWER_DISPUTE = "payout.answer_dispute"
    BEAR_LOSS = "payout.bear_loss"
    SET_LIMITS = "payout.set_limits"
    RECEIVE = "payout.receive"

    VIEW_CAMPAIGN = "campaign.view"
    VIEW_TIMELINE = "campaign.view_timeline"
    REMIND = "campaign.remind"
    PAUSE = "campaign.pause"
    CANCEL = "campaign.cancel"
    CONFIRM_CANCEL = "campaign.confirm_cancel"
    OPERATE = "campaign.operate"
    VIEW_STATUS = "campaign.view_status"
    VIEW_ROLES = "campaign.view_roles"
    CONFIRM_ROLE = "campaign.confirm_role"
    STOP_ROLE = "campaign.stop_role"

    CHANGE_PROFILE = "profile.change"


# Of a token: all of it; or what one is signed in with, told and asked to do; or a part of the contribution, as the permissions call it.
EVERYTHING, ACCOUNT = "*", "account"
SCOPES = frozenset({EVERYTHING, ACCOUNT, *(permission.value.partition(".")[0] for permission in Permission)})


GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.CREATE_CAMPAIGN: frozenset({Role.MANAGER}),
    Permission.VIEW_BRIEF: frozenset({Role.MANAGER, Role.SIGNER, Role.APPROVER, Role.BRAND_ADMINISTRATOR, Role.FINANCE}),
    Permission.EDIT_BRIEF: frozenset({Role.MANAGER}),
    Permission.SIGN_BRIEF: frozenset({Role.SIGNER}),
    Permission.FUND: frozenset({Role.MANAGER, Role.FINANCE}),
    Permission.RECORD_RECEIPT: frozenset({Role.FINANCE, Role.MANAGER}),
    Permission.CONFIRM_RECEIPT: frozenset({Role.FINANCE}),
    Permission.APPROVE_ADVANCE: frozenset({Role.FINANCE}),
    Permission.LAUNCH: frozenset({Role.MANAGER}),
    Permission.GRANT_ROLES: frozenset({Role.MANAGER}),
    Permission.VIEW_BRAND: frozenset({Role.MANAGER, Role.OPERATOR, *BRAND_ROLES}),
    Permission.EDIT_BRAND: frozenset({Role.MANAGER, Role.OPERATOR, Role.BRAND_ADMINISTRATOR}),
    Permission.MERGE_BRANDS: frozenset({Role.MANAGER, Role.OPERATOR}),
    Permission.ASK_ADMINISTRATOR: frozenset({Role.MANAGER, Role.BRAND_ADMINISTRATOR}),
    Permission.APPOINT_FOR_BRAND: frozenset({Role.BRAND_ADMINISTRATOR}),
    Permission.CONTRIBUTE: frozenset({Role.ARTIST}),
    Permission.SCREEN: frozenset({Role.MANAGER, Role.CURATOR}),
    Permission.END_NAMINGS: frozenset({Role.MANAGER}),
    Permission.EXTEND_CALL: frozenset({Role.MANAGER}),
    Permission.PUBLISH_CONTRIBUTIONS: frozenset({Role.MANAGER}),
    Permission.ASK: frozenset({Role.ARTIST}),
    Permission.ANSWER: frozenset({Role.MANAGER}),
    Permission.CITE: frozenset({Role.ARTIST}),
    Permission.DECIDE_SOURCE: frozenset({Role.CURATOR}),
    Permission.CLOSE_COLLABORATION: frozenset({Role.MANAGER, Role.LEADER}),
    Permission.ASSIGN_CURATORS: frozenset({Role.MANAGER}),
    Permission.REVIEW: frozenset({Role.CURATOR}),
    Permission.SELECT: frozenset({Role.MANAGER}),
    Permission.VIEW_SELECTION: frozenset({Role.MANAGER, Role.LEADER, Role.EDITOR, Role.APPROVER}),
    Permission.MAKE_VERSION: frozenset({Role.MANAGER, Role.EDITOR}),
    Permission.VIEW_VERSIONS: frozenset({Role.MANAGER, Role.EDITOR, Role.APPROVER, Role.LEADER}),
    Permission.ANNOTATE: frozenset({Role.MANAGER, Role.EDITOR, Role.APPROVER, Role.LEADER}),
    Permission.APPROVE_INTERNALLY: frozenset({Role.MANAGER}),
    Permission.DECIDE_VERSION: frozenset({Role.APPROVER}),
    Permission.VIEW_PACKAGE: frozenset({Role.MANAGER, Role.APPROVER}),
    Permission.SEND_BACK: frozenset({Role.MANAGER}),
    Permission.ASSESS: frozenset({Role.MANAGER}),
    Permission.VIEW_PROPOSAL: frozenset({Role.MANAGER, Role.FINANCE, Role.LEADER, Role.EDITOR}),
    Permission.PROPOSE: frozenset({Role.MANAGER}),
    Permission.COMMENT: frozenset({Role.ARTIST}),
    Permission.DISPOSE: frozenset({Role.MANAGER}),
    Permission.FINALIZE: frozenset({Role.MANAGER, Role.FINANCE}),
    Permission.VIEW_MONEY: frozenset({Role.FINANCE}),
    Permission.RELEASE_RUN: frozenset({Role.FINANCE}),
    Permission.ANSWER_DISPUTE: frozenset({Role.FINANCE}),
    Permission.BEAR_LOSS: frozenset({Role.FINANCE}),
    Permission.SET_LIMITS: frozenset({Role.FINANCE}),
    Permission.RECEIVE: frozenset({Role.MEMBER}),
    Permission.VIEW_CAMPAIGN: frozenset({Role.MANAGER, Role.FINANCE, Role.OPERATOR, Role.CURATOR, Role.LEADER, Role.EDITOR, *BRAND_ROLES}),
    Permission.VIEW_TIMELINE: frozenset({Role.MANAGER, Role.FINANCE, Role.OPERATOR}),
    Permission.REMIND: frozenset({Role.MANAGER}),
    Permission.PAUSE: frozenset({Role.MANAGER}),
    Permission.CANCEL: frozenset({Role.MANAGER}),
    Permission.CONFIRM_CANCEL: frozenset({Role.MANAGER, Role.FINANCE}),
    Permission.OPERATE: frozenset({Role.OPERATOR}),
    Permission.VIEW_STATUS: frozenset({Role.OPERATOR}),
    Permission.VIEW_ROLES: frozenset({Role.MANAGER}),
    Permission.CONFIRM_ROLE: MONEY_ROLES,
    Permission.STOP_ROLE: MONEY_ROLES | BRAND_ROLES,
    Permission.CHANGE_PROFILE: frozenset({Role.MEMBER}),
}

APPROVES_MONEY = frozenset(
    {
        Permission.CONFIRM_RECEIPT,
        Permission.APPROVE_ADVANCE,
        Permission.FINALIZE,
        Permission.RELEASE_RUN,
        Permission.BEAR_LOSS,
        Permission.SET_LIMITS,
        Permission.CONFIRM_CANCEL,
    }
)

# What a proof is asked for where money is real: approving it, and deciding who may; of a brand, too, who speaks for it.
ASKS_FOR_PROOF = APPROVES_MONEY | {
    Permission.GRANT_ROLES,
    Permission.OPERATE,
    Permission.CANCEL,
    Permission.CONFIRM_ROLE,
    Permission.APPOINT_FOR_BRAND,
    Permission.ASK_ADMINISTRATOR,
    Permission.MERGE_BRANDS,
}
