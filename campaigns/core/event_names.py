"""What can happen: each event is declared here once, with the emails that follow it and what the timeline says of it."""

from collections.abc import Mapping
from enum import Enum, StrEnum

from campaigns.core.lanes import FEW, Lane
from campaigns.core.words import said_later


class Emails(Enum):
    """What emails follow an event."""

    SILENT = "nobody is told"
    EMAILED = "some people are told"
    URGENT = "somebody waits for the email, or has to stop what it tells of: who gets in, and where money goes"
    TO_ALL = "everyone there is, which takes a minute"


LANES_OF = {
    Emails.SILENT: Lane.EVENTS,
    Emails.EMAILED: Lane.EVENTS,
    Emails.URGENT: Lane.SIGN_IN,
    Emails.TO_ALL: Lane.ANNOUNCEMENTS,
}
SILENT, EMAILED, URGENT, TO_ALL = Emails.SILENT, Emails.EMAILED, Emails.URGENT, Emails.TO_ALL
# It never happens to a campaign, so no timeline has it.
NOT_IN_A_CAMPAIGN = None


class EventName(StrEnum):
    """The name of an event, the `emails` that follow it, and its `sentence` in the timeline, after the name of whoever did it.

    Values are sealed in the chain, so they stay as they are. A sentence may name facts in {braces}.
    """

    emails: Emails
    sentence: str | None

    def __new__(cls, value: str, emails: Emails, sentence: str | None) -> "EventName":
        name = str.__new__(cls, value)
        name._value_ = value
        name.emails, name.sentence = emails, sentence
        return name

    @property
    def lane(self) -> Lane:
        """The lane in which the event waits to be told."""
        return LANES_OF[self.emails]

    def lane_of_email(self, recipients: int) -> Lane:
        """The lane of an email that tells `recipients` people of it."""
        if self.emails is Emails.URGENT:
            return Lane.SIGN_IN
        return Lane.EMAILS if recipients <= FEW else Lane.BULK_EMAILS

    BRIEF_CAMPAIGN_CREATED = "brief.campaign_created", SILENT, said_later("created the campaign")
    BRIEF_EDITED = "brief.edited", SILENT, said_later("edited the brief")
    BRIEF_READY = "brief.ready", EMAILED, said_later("marked the brief as ready to sign")
    BRIEF_SIGNATURES_FELL = "brief.signatures_fell", EMAILED, said_later("changed signed parts of the brief")
    BRIEF_DELIVERABLE_ADDED = "brief.deliverable_added", SILENT, said_later("added a deliverable")
    BRIEF_DELIVERABLE_EDITED = "brief.deliverable_edited", SILENT, said_later("changed a deliverable")
    BRIEF_DELIVERABLE_REMOVED = "brief.deliverable_removed", SILENT, said_later("removed a deliverable")
    BRIEF_INVOICE_ASKED = "brief.invoice_asked", SILENT, said_later("requested an invoice")
    BRIEF_INVOICE_SENT = "brief.invoice_sent", SILENT, said_later("sent the invoice")
    BRIEF_INVOICE_WITHDRAWN = "brief.invoice_withdrawn", SILENT, said_later("withdrew the invoice")
    BRIEF_INVOICE_CREDITED = "brief.invoice_credited", SILENT, said_later("credited the unpaid rest of the invoice")
    BRIEF_PAYMENT_RECEIVED = "brief.payment_received", SILENT, said_later("received a payment")
    BRIEF_RECEIPT_RECORDED = "brief.receipt_recorded", SILENT, said_later("recorded a payment")
    BRIEF_RECEIPT_CONFIRMED = "brief.receipt_confirmed", SILENT, said_later("confirmed a payment")
    BRIEF_ADVANCE_APPROVED = "brief.advance_approved", SILENT, said_later("approved an advance")
    BRIEF_REFUND_SCHEDULED = "brief.refund_promised", EMAILED, said_later("scheduled a refund to the brand")
    BRIEF_LAUNCHED = "brief.launched", TO_ALL, said_later("launched the campaign")
    BRIEF_DISPUTE_OPENED = "brief.dispute_opened", EMAILED, said_later("reported that a bank disputes a payment")
    BRIEF_DISPUTE_ANSWERED = "brief.dispute_answered", SILENT, said_later("submitted evidence about a disputed payment")
    BRIEF_DISPUTE_ACCEPTED = "brief.dispute_accepted", SILENT, said_later("accepted a dispute")
    BRIEF_DISPUTE_ANSWER_REFUSED = "brief.dispute_answer_refused", EMAILED, said_later("rejected our response to a dispute")
    BRIEF_DISPUTE_DUE_SOON = "brief.dispute_due_soon", EMAILED, said_later("is waiting for our response to a dispute")
    BRIEF_DISPUTE_WON = "brief.dispute_won", EMAILED, said_later("reported that a dispute was won")
    BRIEF_DISPUTE_LOST = "brief.dispute_lost", EMAILED, said_later("reported that a dispute was lost")
    BRIEF_DISPUTE_CLOSED = "brief.dispute_closed", EMAILED, said_later("reported that an inquiry was closed")
    BRIEF_DISPUTE_BORNE = "brief.dispute_borne", SILENT, said_later("wrote off the loss from a dispute")
    BRIEF_FRAUD_WARNED = "brief.fraud_warned", EMAILED, said_later("reported a bank's fraud warning about a payment")
    BRIEF_SIGNED = "brief.signed", SILENT, said_later("signed the brief for {sign_off_role}")
    BRIEF_INVOICE_PAID = "brief.invoice_paid", SILENT, said_later("reported that the invoice was paid")
    BRIEF_INVOICE_VOIDED = "brief.invoice_voided", SILENT, said_later("voided the invoice")
    BRIEF_INVOICE_UNCERTAIN = "brief.invoice_uncertain", EMAILED, said_later("did not say whether the invoice was created")
    BRIEF_INVOICE_REFUSED = "brief.invoice_refused", EMAILED, said_later("rejected the invoice")
    BRIEF_INVOICE_STILL_PAYABLE = "brief.invoice_still_payable", EMAILED, said_later("did not void the invoice")
    BRIEF_PAID_BEYOND_WHAT_WAS_ASKED = "brief.paid_beyond_what_was_asked", SILENT, said_later("received more than was requested")
    BRIEF_REFUND_BY_HAND_DUE = "brief.refund_by_hand_due", EMAILED, said_later("asked finance to send a refund by bank transfer")
    BRIEF_REFUND_ASKED = "brief.refund_asked", EMAILED, said_later("asked the brand for bank details for a refund")
    BRIEF_REFUND_ON_CASH = "brief.refund_on_cash", SILENT, said_later("moved a refund to the brand's cash balance")
    BRIEF_REFUND_SETTLED = "brief.refund_settled", SILENT, said_later("completed a refund")
    BRIEF_REFUND_STUCK = "brief.refund_stuck", EMAILED, said_later("could not send a refund to the brand's bank")
    BRIEF_REFUND_TRIED_AGAIN = "brief.refund_tried_again", SILENT, said_later("retried a refund")
    BRIEF_REFUND_UNCERTAIN = "brief.refund_uncertain", EMAILED, said_later("got no answer about a refund")

    CAMPAIGN_PAUSED = "campaign.paused", EMAILED, said_later("paused the campaign")
    CAMPAIGN_RESUMED = "campaign.resumed", EMAILED, said_later("resumed the campaign")
    CAMPAIGN_CANCELLATION_ASKED = "campaign.cancellation_asked", EMAILED, said_later("requested to cancel the campaign")
    CAMPAIGN_CANCELLATION_DROPPED = "campaign.cancellation_dropped", SILENT, said_later("dropped the cancellation request")
    CAMPAIGN_CANCELLED = "campaign.cancelled", EMAILED, said_later("canceled the campaign")
    CAMPAIGN_DONE = "campaign.done", SILENT, said_later("completed the campaign")
    CAMPAIGN_MOVED = "campaign.moved", SILENT, said_later("moved it from {frm} to {to}")
    CAMPAIGN_REMINDED = "campaign.nudged", EMAILED, said_later("reminded others")

    OPEN_CALL_OPENED = "open_call.opened", SILENT, said_later("opened the call")
    OPEN_CALL_EXTENDED = "open_call.extended", EMAILED, said_later("extended the call")
    OPEN_CALL_CONTRIBUTION_RECEIVED = "open_call.contribution_received", EMAILED, said_later("submitted a contribution")
    OPEN_CALL_CONTRIBUTION_WITHDRAWN = "open_call.contribution_withdrawn", EMAILED, said_later("withdrew a contribution")
    OPEN_CALL_MAKER_CONFIRMED = "open_call.maker_confirmed", SILENT, said_later("confirmed that they made a contribution")
    OPEN_CALL_NAMING_ENDED = "open_call.naming_ended", EMAILED, said_later("removed unconfirmed makers from a contribution")
    OPEN_CALL_CONTRIBUTIONS_PUBLISHED = "open_call.contributions_published", SILENT, said_later("published the contributions")
    OPEN_CALL_CONTRIBUTIONS_UNPUBLISHED = "open_call.contributions_unpublished", SILENT, said_later("unpublished the contributions")
    OPEN_CALL_SCREENED = "open_call.screened", EMAILED, said_later("screened a contribution")
    OPEN_CALL_SCREENING_TAKEN_BACK = "open_call.screening_taken_back", EMAILED, said_later("reversed a screening decision")
    OPEN_CALL_PREPARATION_ASKED = "open_call.preparation_asked", SILENT, said_later("restarted the processing of a contribution")
    OPEN_CALL_CONTRIBUTION_UNSHOWABLE = "open_call.work_unshowable", SILENT, said_later("could not process a contribution")
    OPEN_CALL_QUESTION_ASKED = "open_call.question_asked", EMAILED, said_later("asked a question about the call")
    OPEN_CALL_QUESTION_ANSWERED = "open_call.question_answered", EMAILED, said_later("answered a question about the call")

    COLLABORATION_REMIXED = "collaboration.remixed", SILENT, said_later("submitted a remix")
    COLLABORATION_CLOSE_SET = "collaboration.close_set", SILENT, said_later("set the collaboration deadline")
    COLLABORATION_EXTENDED = "collaboration.extended", EMAILED, said_later("extended collaboration")
    COLLABORATION_COMPLETED = "collaboration.completed", SILENT, said_later("closed collaboration")
    COLLABORATION_WRAPPER_FOUND = (
        "collaboration.wrapper_found",
        SILENT,
        said_later("decided whether a contribution adds something of its own"),
    )
    COLLABORATION_SOURCE_CLAIMED = "collaboration.source_claimed", EMAILED, said_later("claimed an influence")
    COLLABORATION_SOURCE_CONFIRMED = "collaboration.source_confirmed", EMAILED, said_later("confirmed an influence")
    COLLABORATION_SOURCE_DECLINED = "collaboration.source_declined", EMAILED, said_later("declined an influence")

    CURATION_RUBRIC_SET = "curation.rubric_set", SILENT, said_later("set the review criteria")
    CURATION_ASSIGNED = "curation.assigned", EMAILED, said_later("assigned reviews to curators")
    CURATION_REVIEWED = "curation.reviewed", SILENT, said_later("reviewed a contribution")
    CURATION_REVIEW_TAKEN_BACK = "curation.review_taken_back", SILENT, said_later("withdrew their review of a contribution")
    CURATION_CONFLICT_DECLARED = "curation.conflict_declared", SILENT, said_later("declared a conflict of interest")
    CURATION_DESK_CLEARED = "curation.desk_cleared", SILENT, said_later("removed a curator's pending reviews")
    CURATION_SELECTION_PUBLISHED = "curation.selection_published", EMAILED, said_later("published the selection")

    CLIENT_DELIVERY_MAKER_CONFIRMED = "client_delivery.maker_confirmed", SILENT, said_later("confirmed that they made a version")
    CLIENT_DELIVERY_MAKERS_TAKEN_BACK = "client_delivery.makers_taken_back", SILENT, said_later("removed unconfirmed makers from a version")
    CLIENT_DELIVERY_VERSION_MADE = "client_delivery.cut_made", EMAILED, said_later("uploaded a version")
    CLIENT_DELIVERY_LICENCE_DECLARED = "client_delivery.licence_declared", SILENT, said_later("updated the license of a third-party asset")
    CLIENT_DELIVERY_VERSION_READY = "client_delivery.version_ready", EMAILED, said_later("presented a version to the brand")
    CLIENT_DELIVERY_VERSION_UNSHOWABLE = (
        "client_delivery.version_unshowable",
        SILENT,
        said_later("could not create the web preview of a version"),
    )
    CLIENT_DELIVERY_PACKAGED = "client_delivery.packaged", SILENT, said_later("built the package")
    CLIENT_DELIVERY_PACKAGED_AGAIN = "client_delivery.packaged_again", EMAILED, said_later("rebuilt the package with the current credits")
    CLIENT_DELIVERY_PACKAGE_STOPPED = "client_delivery.package_stopped", SILENT, said_later("could not build the package")
    CLIENT_DELIVERY_PACKAGE_ASKED = "client_delivery.package_asked", SILENT, said_later("retried the package")
    CLIENT_DELIVERY_NOTED = "client_delivery.noted", SILENT, said_later("added a note to a version")
    CLIENT_DELIVERY_NOTE_DONE = "client_delivery.note_done", SILENT, said_later("marked a note as done")
    CLIENT_DELIVERY_NOTE_LET_GO = "client_delivery.note_let_go", SILENT, said_later("dismissed a note")
    CLIENT_DELIVERY_NOTE_REOPENED = "client_delivery.note_reopened", SILENT, said_later("reopened a note")
    CLIENT_DELIVERY_DECIDED = "client_delivery.decided", EMAILED, said_later("decided on a version")
    CLIENT_DELIVERY_NOTES_GATHERED = "client_delivery.notes_gathered", EMAILED, said_later("sent notes by email")

    PAYOUT_ASSESSED = "payout.assessed", SILENT, said_later("assigned the points")
    PAYOUT_PROPOSAL_ASKED = "payout.proposal_asked", SILENT, said_later("requested a new proposal")
    PAYOUT_PROPOSED = "payout.proposed", EMAILED, said_later("calculated a proposal")
    PAYOUT_COMMENTED = "payout.commented", SILENT, said_later("commented on the proposal")
    PAYOUT_COMMENT_ANSWERED = "payout.comment_answered", EMAILED, said_later("answered a comment")
    PAYOUT_FINALIZED = "payout.finalised", SILENT, said_later("finalized the proposal")
    PAYOUT_POSTED = "payout.posted", EMAILED, said_later("posted the proposal's amounts")
    PAYOUT_CANCELLATION_SETTLED = "payout.cancellation_settled", EMAILED, said_later("settled the last kill fee")
    PAYOUT_ACCOUNT_REQUESTED = "payout.account_promised", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ACCOUNT_ONBOARDING = "payout.account_onboarding", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ACCOUNT_ACTIVE = "payout.account_active", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_ACCOUNT_REFUSED = "payout.account_refused", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ACCOUNT_ASKED = "payout.account_asked", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_ACCOUNT_STOPPED = "payout.account_stopped", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_DESTINATION_OPENED = "payout.destination_opened", URGENT, NOT_IN_A_CAMPAIGN
    PAYOUT_DESTINATION_CHANGED = "payout.destination_changed", URGENT, NOT_IN_A_CAMPAIGN
    PAYOUT_COUNTRY_CHANGED = "payout.country_changed", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_COUNTRY_CONFIRMED = "payout.country_confirmed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_REACH_CHANGED = "payout.reach_changed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_KEPT_BACK = "payout.kept_back", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_ASKED = "payout.top_up_asked", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_PENDING = "payout.top_up_pending", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_SUCCEEDED = "payout.top_up_succeeded", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_FAILED = "payout.top_up_failed", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_CANCELED = "payout.top_up_canceled", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_TOP_UP_REVERSED = "payout.top_up_reversed", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_QUOTED = "payout.run_quoted", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_APPROVED = "payout.run_approved", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_RELEASED = "payout.run_released", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_DISCARDED = "payout.run_discarded", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_PAUSED = "payout.run_paused", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_RESUMED = "payout.run_resumed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RUN_CLOSED = "payout.run_closed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ITEMS_LEFT_OUT = "payout.items_left_out", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_CANNOT_PAY = "payout.cannot_pay", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_SENT = "payout.sent", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_ITEM_FAILED = "payout.item_failed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ARRIVED = "payout.arrived", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_BANK_RETURNED = "payout.bank_returned", EMAILED, NOT_IN_A_CAMPAIGN
    PAYOUT_RETURNED = "payout.returned", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_ADOPTED = "payout.adopted", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_PAYMENTS_HELD = "payout.payments_held", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_HOLD_LIFTED = "payout.hold_lifted", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_LIMITS_PROPOSED = "payout.limits_proposed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_LIMITS_CONFIRMED = "payout.limits_confirmed", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_RECONCILIATION_ASKED = "payout.reconciliation_asked", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_DISCREPANCY_FOUND = "payout.discrepancy_found", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_DISCREPANCY_RESOLVED = "payout.discrepancy_resolved", SILENT, NOT_IN_A_CAMPAIGN
    PAYOUT_REVERSAL_REFUSED = "payout.reversal_refused", EMAILED, NOT_IN_A_CAMPAIGN

    PEOPLE_ROLE_ENDED = "people.role_ended", SILENT, said_later("removed someone's role")
    PEOPLE_ROLE_COOLS = "people.role_cools", URGENT, said_later("confirmed someone's role")
    PEOPLE_ROLE_STOPPED = "people.role_stopped", URGENT, said_later("stopped someone's role")
    PEOPLE_ROLE_GRANTED = "people.role_granted", URGENT, said_later("gave someone the role of {role}")
    PEOPLE_ROLE_ASKED = "people.role_asked", URGENT, said_later("asked a second person to confirm giving someone the role of {role}")
    PEOPLE_TAKES_PART_AS_ARTIST = "people.takes_part_as_artist", SILENT, NOT_IN_A_CAMPAIGN
    PEOPLE_FEW_CHOSEN = "people.few_chosen", SILENT, NOT_IN_A_CAMPAIGN
    PEOPLE_FEW_ENDED = "people.few_ended", SILENT, NOT_IN_A_CAMPAIGN

    BRAND_CREATED = "brand.created", SILENT, NOT_IN_A_CAMPAIGN
    BRAND_CHANGED = "brand.changed", EMAILED, NOT_IN_A_CAMPAIGN
    BRAND_BILLING_OBJECTED = "brand.billing_objected", EMAILED, NOT_IN_A_CAMPAIGN
    BRAND_MERGED = "brand.merged", EMAILED, NOT_IN_A_CAMPAIGN
    BRAND_ADMINISTRATOR_ASKED = "brand.administrator_asked", EMAILED, NOT_IN_A_CAMPAIGN
    BRAND_ADMINISTRATOR_WITHDRAWN = "brand.administrator_withdrawn", SILENT, NOT_IN_A_CAMPAIGN
    BRAND_WEEK_BEGAN = "brand.week_began", EMAILED, NOT_IN_A_CAMPAIGN

    ACCESS_LINK_ASKED = "access.link_asked", URGENT, NOT_IN_A_CAMPAIGN
    ACCESS_FACTOR_ADDED = "access.factor_added", URGENT, NOT_IN_A_CAMPAIGN
    ACCESS_FACTOR_REMOVED = "access.factor_removed", URGENT, NOT_IN_A_CAMPAIGN
    ACCESS_TOKEN_CREATED = "access.token_created", URGENT, NOT_IN_A_CAMPAIGN

    INSTALLATION_ANCHORED = "house.anchored", EMAILED, NOT_IN_A_CAMPAIGN
    INSTALLATION_ANCHORS_BROKEN = "house.anchors_broken", EMAILED, NOT_IN_A_CAMPAIGN
    INSTALLATION_RESTORED = "house.restored", SILENT, NOT_IN_A_CAMPAIGN
    INSTALLATION_CAUGHT_UP = "house.caught_up", SILENT, NOT_IN_A_CAMPAIGN


# By value; names that are no longer recorded, but are in older chains, are not among them.
EVENTS: Mapping[str, EventName] = {name.value: name for name in EventName}
