"""The timeline in words: what each fact says of whoever did it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from api.wording import role_name, stage_name
from campaigns.client_delivery.models import Verdict
from campaigns.collaboration.models import Party
from campaigns.core.campaign import Deliverable
from campaigns.core.events import Event
from campaigns.core.stages import MoveCause
from campaigns.core.words import _, n_

MAKERS = frozenset(
    {
        "open_call.contribution_received",
        "open_call.contribution_withdrawn",
        "open_call.maker_confirmed",
        "open_call.naming_ended",
        "open_call.question_asked",
        "collaboration.remixed",
    }
)
MANY = 3
# What facts from before causes were codes have in the place of one, sealed in the chain as it is.
BEFORE_CAUSES = frozenset({"The gate opened."})


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the timeline: who did what to which deliverable, when and why."""

    number: int
    name: str
    at: datetime
    actor: str
    sentence: str
    deliverable: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class TimelineGroup:
    """One line, or many of one kind, newest first, told as one."""

    lines: Sequence[TimelineLine]
    sentence: str | None

    @property
    def first(self) -> TimelineLine:
        return self.lines[0]


def told(facts: Sequence[Event], deliverables: Sequence[Deliverable], *, blind: bool) -> list[TimelineLine]:
    """These facts in words; for who judges blind, without the names of makers."""
    titles = {deliverable.id: deliverable.title for deliverable in deliverables}
    return [_told(fact, titles, blind) for fact in facts]


def in_runs(lines: Sequence[TimelineLine]) -> list[TimelineGroup]:
    """The lines, with those put together that follow each other and are of one kind, or say the same of several deliverables."""
    runs: list[TimelineGroup] = []
    for name, group in groupby(lines, key=lambda line: line.name):
        alike = list(group)
        together = _together(name, len(alike)) if len(alike) >= MANY else None
        runs += [TimelineGroup(alike, together)] if together else [TimelineGroup([line], None) for line in _merged(alike)]
    return runs


def _merged(lines: Sequence[TimelineLine]) -> list[TimelineLine]:
    """What was done alike to several deliverables as one line that names them all."""
    merged: list[TimelineLine] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last and line.deliverable and (last.actor, last.sentence, last.reason) == (line.actor, line.sentence, line.reason):
            merged[-1] = replace(last, deliverable=f"{line.deliverable}, {last.deliverable}")
        else:
            merged.append(line)
    return merged


def _told(fact: Event, titles: Mapping[UUID, str], blind: bool) -> TimelineLine:
    title = titles.get(fact.deliverable_id) if fact.deliverable_id else None
    return TimelineLine(fact.number, fact.name, fact.at, actor_of(fact, blind=blind), sentence(fact), title, _reason(fact))


def _reason(fact: Event) -> str | None:
    """Why, as far as there is more to say of it than that a gate was open."""
    if fact.facts.get("cause") == MoveCause.PROPOSAL_FINAL:
        return _("Its proposal is final.")
    return None if fact.reason in BEFORE_CAUSES else fact.reason


def actor_of(fact: Event, *, blind: bool) -> str:
    """Who did it; for who judges blind, no maker of a work."""
    is_by_maker = fact.name in MAKERS or fact.facts.get("party") in (Party.WORK, Party.SOURCE)
    return _("Someone") if blind and is_by_maker else fact.actor_name


def sentence(fact: Event) -> str:
    """What was done, as it follows the name of who did it."""
    said = _said_of(fact) or (_of_the_brief() | _of_works() | _of_the_end()).get(fact.name)
    return said or fact.name.partition(".")[2].replace("_", " ")


def _said_of(fact: Event) -> str | None:
    """The sentence of a fact that says more than its name."""
    about = fact.facts
    if fact.name == "campaign.moved":
        return _("moved it from {frm} to {to}", frm=stage_name(about["frm"]), to=stage_name(about["to"]))
    if fact.name == "brief.signed":
        return _("signed the brief for {sign_off_role}", sign_off_role=about["hat"])
    if fact.name == "client_delivery.decided":
        if about["verdict"] == Verdict.APPROVED:
            return _("approved version {number}", number=about["number"])
        return _("requested changes to version {number}", number=about["number"])
    if fact.name == "people.role_granted":
        return _("gave someone the role of {role}", role=role_name(about["role"]).lower())
    if fact.name == "people.role_asked":
        return _("asked a second person to confirm giving someone the role of {role}", role=role_name(about["role"]).lower())
    if fact.name == "client_delivery.notes_gathered":
        return n_("sent {count} note by email", "sent {count} notes by email", len(about["notes"]))
    if fact.name == "campaign.nudged":
        return n_("reminded {count} person", "reminded {count} people", len(about["people"]))
    return None


def _of_the_brief() -> dict[str, str]:
    return {
        "brief.campaign_created": _("created the campaign"),
        "brief.edited": _("edited the brief"),
        "brief.ready": _("marked the brief as ready to sign"),
        "brief.signatures_fell": _("changed signed parts of the brief"),
        "brief.deliverable_added": _("added a deliverable"),
        "brief.deliverable_edited": _("changed a deliverable"),
        "brief.deliverable_removed": _("removed a deliverable"),
        "brief.invoice_asked": _("requested an invoice"),
        "brief.invoice_sent": _("sent the invoice"),
        "brief.invoice_withdrawn": _("withdrew the invoice"),
        "brief.invoice_credited": _("credited the unpaid rest of the invoice"),
        "brief.payment_received": _("received a payment"),
        "brief.receipt_recorded": _("recorded a payment"),
        "brief.receipt_confirmed": _("confirmed a payment"),
        "brief.advance_approved": _("approved an advance"),
        "brief.refund_promised": _("scheduled a refund to the brand"),
        "brief.launched": _("launched the campaign"),
        **_of_disputes(),
        "people.role_ended": _("removed someone's role"),
        "people.role_cools": _("confirmed someone's role"),
        "people.role_stopped": _("stopped someone's role"),
    }


def _of_disputes() -> dict[str, str]:
    return {
        "brief.dispute_opened": _("reported that a bank disputes a payment"),
        "brief.dispute_answered": _("submitted evidence about a disputed payment"),
        "brief.dispute_accepted": _("accepted a dispute"),
        "brief.dispute_answer_refused": _("rejected our response to a dispute"),
        "brief.dispute_due_soon": _("is waiting for our response to a dispute"),
        "brief.dispute_won": _("reported that a dispute was won"),
        "brief.dispute_lost": _("reported that a dispute was lost"),
        "brief.dispute_closed": _("reported that an inquiry was closed"),
        "brief.dispute_borne": _("wrote off the loss from a dispute"),
        "brief.fraud_warned": _("reported a bank's fraud warning about a payment"),
    }


def _of_works() -> dict[str, str]:
    return {
        "campaign.paused": _("paused the campaign"),
        "campaign.resumed": _("resumed the campaign"),
        "campaign.cancellation_asked": _("requested to cancel the campaign"),
        "campaign.cancellation_dropped": _("dropped the cancellation request"),
        "campaign.cancelled": _("canceled the campaign"),
        "campaign.done": _("completed the campaign"),
        "open_call.opened": _("opened the call"),
        "open_call.extended": _("extended the call"),
        "open_call.contribution_received": _("submitted a work"),
        "open_call.contribution_withdrawn": _("withdrew their work"),
        "open_call.maker_confirmed": _("confirmed that they made a work"),
        "client_delivery.maker_confirmed": _("confirmed that they made a version"),
        "client_delivery.makers_taken_back": _("removed unconfirmed makers from a version"),
        "open_call.naming_ended": _("removed unconfirmed makers from a work"),
        "open_call.contributions_published": _("published the contributions"),
        "open_call.contributions_unpublished": _("unpublished the contributions"),
        "open_call.screened": _("screened a work"),
        "open_call.screening_taken_back": _("reversed a screening decision"),
        "open_call.preparation_asked": _("restarted the processing of a work"),
        "open_call.work_unshowable": _("could not process a work"),
        "open_call.question_asked": _("asked a question about the call"),
        "open_call.question_answered": _("answered a question about the call"),
        "collaboration.remixed": _("submitted a remix"),
        "collaboration.close_set": _("set the collaboration deadline"),
        "collaboration.extended": _("extended collaboration"),
        "collaboration.completed": _("closed collaboration"),
        "collaboration.wrapper_found": _("decided whether a work adds something of its own"),
        "collaboration.source_claimed": _("claimed an influence"),
        "collaboration.source_confirmed": _("confirmed an influence"),
        "collaboration.source_declined": _("declined an influence"),
        "curation.rubric_set": _("set the review criteria"),
        "curation.assigned": _("assigned reviews to curators"),
        "curation.reviewed": _("reviewed a work"),
        "curation.review_taken_back": _("withdrew their review of a work"),
        "curation.conflict_declared": _("declared a conflict of interest"),
        "curation.desk_cleared": _("removed a curator's pending reviews"),
        "curation.selection_published": _("published the selection"),
    }


def _of_the_end() -> dict[str, str]:
    return {
        "client_delivery.cut_made": _("uploaded a version"),
        "client_delivery.licence_declared": _("updated the license of a third-party asset"),
        "client_delivery.version_ready": _("presented a version to the brand"),
        "client_delivery.version_unshowable": _("could not create the web preview of a version"),
        "client_delivery.packaged": _("built the package"),
        "client_delivery.packaged_again": _("rebuilt the package with the current credits"),
        "client_delivery.package_stopped": _("could not build the package"),
        "client_delivery.package_asked": _("retried the package"),
        "client_delivery.noted": _("added a note to a version"),
        "client_delivery.note_done": _("marked a note as done"),
        "client_delivery.note_let_go": _("dismissed a note"),
        "client_delivery.note_reopened": _("reopened a note"),
        "payout.assessed": _("assigned the points"),
        "payout.proposal_asked": _("requested a new proposal"),
        "payout.proposed": _("calculated a proposal"),
        "payout.commented": _("commented on the proposal"),
        "payout.comment_answered": _("answered a comment"),
        "payout.finalised": _("finalized the proposal"),
        "payout.posted": _("posted the proposal's amounts"),
        "payout.kill_fees_posted": _("posted the kill fees"),
        "payout.cancellation_settled": _("settled the last kill fee"),
    }


def _together(name: str, count: int) -> str | None:
    """Many facts of a kind in one sentence; None where each stands for itself."""
    match name:
        case "open_call.contribution_received":
            return n_("{count} work was submitted", "{count} works were submitted", count)
        case "open_call.screened":
            return n_("{count} work was screened", "{count} works were screened", count)
        case "collaboration.remixed":
            return n_("{count} remix was submitted", "{count} remixes were submitted", count)
        case "curation.reviewed":
            return n_("{count} review was written", "{count} reviews were written", count)
        case "collaboration.source_claimed" | "collaboration.source_confirmed" | "collaboration.source_declined":
            return n_("{count} influence was claimed or answered", "{count} influences were claimed or answered", count)
        case "brief.edited":
            return n_("the brief was edited {count} time", "the brief was edited {count} times", count)
        case _:
            return None
