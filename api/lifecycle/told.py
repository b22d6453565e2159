"""The timeline in words: what each fact says of whoever did it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from api.wording import role_name, stage_name
from campaigns.client_delivery.models import Verdict
from campaigns.collaboration.models import Party
from campaigns.core.campaign import Track
from campaigns.core.events import Event
from campaigns.core.stages import Cause
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
class Told:
    """One line of the timeline: who did what to which deliverable, when and why."""

    number: int
    name: str
    at: datetime
    actor: str
    sentence: str
    deliverable: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One line, or many of one kind, newest first, told as one."""

    lines: Sequence[Told]
    sentence: str | None

    @property
    def first(self) -> Told:
        return self.lines[0]


def told(facts: Sequence[Event], tracks: Sequence[Track], *, blind: bool) -> list[Told]:
    """These facts in words; for who judges blind, without the names of makers."""
    titles = {track.id: track.title for track in tracks}
    return [_told(fact, titles, blind) for fact in facts]


def in_runs(lines: Sequence[Told]) -> list[Run]:
    """The lines, with those put together that follow each other and are of one kind, or say the same of several deliverables."""
    runs: list[Run] = []
    for name, group in groupby(lines, key=lambda line: line.name):
        alike = list(group)
        together = _together(name, len(alike)) if len(alike) >= MANY else None
        runs += [Run(alike, together)] if together else [Run([line], None) for line in _merged(alike)]
    return runs


def _merged(lines: Sequence[Told]) -> list[Told]:
    """What was done alike to several deliverables as one line that names them all."""
    merged: list[Told] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last and line.deliverable and (last.actor, last.sentence, last.reason) == (line.actor, line.sentence, line.reason):
            merged[-1] = replace(last, deliverable=f"{line.deliverable}, {last.deliverable}")
        else:
            merged.append(line)
    return merged


def _told(fact: Event, titles: Mapping[UUID, str], blind: bool) -> Told:
    title = titles.get(fact.track_id) if fact.track_id else None
    return Told(fact.number, fact.name, fact.at, actor_of(fact, blind=blind), sentence(fact), title, _reason(fact))


def _reason(fact: Event) -> str | None:
    """Why, as far as there is more to say of it than that a gate was open."""
    if fact.facts.get("cause") == Cause.PROPOSAL_FINAL:
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
        return _("signed the brief for {hat}", hat=about["hat"])
    if fact.name == "client_delivery.decided":
        if about["verdict"] == Verdict.APPROVED:
            return _("approved version {number}", number=about["number"])
        return _("asked for changes to version {number}", number=about["number"])
    if fact.name == "people.role_granted":
        return _("gave someone the role of {role}", role=role_name(about["role"]).lower())
    if fact.name == "people.role_asked":
        return _("asked for a second person, to give someone the role of {role}", role=role_name(about["role"]).lower())
    if fact.name == "client_delivery.notes_gathered":
        return n_("sent {count} note on by letter", "sent {count} notes on by letter", len(about["notes"]))
    if fact.name == "campaign.nudged":
        return n_("reminded {count} person", "reminded {count} people", len(about["people"]))
    return None


def _of_the_brief() -> dict[str, str]:
    return {
        "brief.campaign_created": _("began the campaign"),
        "brief.edited": _("wrote in the brief"),
        "brief.ready": _("made the brief ready to sign"),
        "brief.signatures_fell": _("changed words that were signed"),
        "brief.deliverable_added": _("added a deliverable"),
        "brief.deliverable_edited": _("changed a deliverable"),
        "brief.deliverable_removed": _("took a deliverable out"),
        "brief.invoice_asked": _("asked for an invoice"),
        "brief.invoice_sent": _("sent the invoice"),
        "brief.invoice_withdrawn": _("withdrew the invoice"),
        "brief.invoice_credited": _("took back the unpaid rest of the invoice"),
        "brief.payment_received": _("received a payment"),
        "brief.receipt_recorded": _("wrote down a receipt of money"),
        "brief.receipt_confirmed": _("confirmed a receipt of money"),
        "brief.advance_approved": _("approved an advance"),
        "brief.refund_promised": _("promised money back to the brand"),
        "brief.launched": _("launched it"),
        **_of_disputes(),
        "people.role_ended": _("ended someone's role"),
        "people.role_cools": _("confirmed someone's role"),
        "people.role_stopped": _("stopped someone's role"),
    }


def _of_disputes() -> dict[str, str]:
    return {
        "brief.dispute_opened": _("told that a bank disputes a payment"),
        "brief.dispute_answered": _("handed in evidence about a disputed payment"),
        "brief.dispute_accepted": _("accepted a dispute"),
        "brief.dispute_answer_refused": _("did not take our answer to a dispute"),
        "brief.dispute_due_soon": _("is waiting for our answer to a dispute"),
        "brief.dispute_won": _("told that a dispute is won"),
        "brief.dispute_lost": _("told that a dispute is lost"),
        "brief.dispute_closed": _("told that an inquiry is closed"),
        "brief.dispute_borne": _("wrote off what a dispute lost"),
        "brief.fraud_warned": _("told that a bank warns of a payment"),
    }


def _of_works() -> dict[str, str]:
    return {
        "campaign.paused": _("paused it"),
        "campaign.resumed": _("ended the pause"),
        "campaign.cancellation_asked": _("asked for it to be cancelled"),
        "campaign.cancellation_dropped": _("kept it from being cancelled"),
        "campaign.cancelled": _("cancelled it"),
        "campaign.done": _("closed it: everything is done"),
        "open_call.opened": _("opened the call"),
        "open_call.extended": _("moved the close of the call on"),
        "open_call.contribution_received": _("sent in a work"),
        "open_call.contribution_withdrawn": _("took their work down"),
        "open_call.maker_confirmed": _("confirmed that they made a work"),
        "client_delivery.maker_confirmed": _("confirmed that they made a version"),
        "client_delivery.makers_taken_back": _("took back who was named as a maker of a version and had not confirmed it"),
        "open_call.naming_ended": _("took back who was named as a maker of a work and had not confirmed it"),
        "open_call.contributions_published": _("published the contributions"),
        "open_call.contributions_unpublished": _("stopped publishing the contributions"),
        "open_call.screened": _("screened a work"),
        "open_call.screening_taken_back": _("took a decision on a work back"),
        "open_call.preparation_asked": _("had a work made ready again"),
        "open_call.work_unshowable": _("could not make a work ready"),
        "open_call.question_asked": _("asked a question about the call"),
        "open_call.question_answered": _("answered a question about the call"),
        "collaboration.remixed": _("built a work on others"),
        "collaboration.close_set": _("set when collaboration closes"),
        "collaboration.extended": _("moved the close of collaboration on"),
        "collaboration.completed": _("said that the material is complete"),
        "collaboration.wrapper_found": _("decided whether a work adds something of its own"),
        "collaboration.source_claimed": _("claimed an influence"),
        "collaboration.source_confirmed": _("confirmed an influence"),
        "collaboration.source_declined": _("declined an influence"),
        "curation.rubric_set": _("set what works are judged by"),
        "curation.assigned": _("asked curators for reviews"),
        "curation.reviewed": _("reviewed a work"),
        "curation.review_taken_back": _("took their review of a work back"),
        "curation.conflict_declared": _("declared a conflict"),
        "curation.desk_cleared": _("took what was not judged yet off a desk"),
        "curation.selection_published": _("published the selection"),
    }


def _of_the_end() -> dict[str, str]:
    return {
        "client_delivery.cut_made": _("made a version"),
        "client_delivery.licence_declared": _("declared a licence for material from outside"),
        "client_delivery.version_ready": _("approved a version for the brand to see"),
        "client_delivery.version_unshowable": _("could not make a version ready to look at"),
        "client_delivery.packaged": _("made the package"),
        "client_delivery.packaged_again": _("made the package again, with the present credits"),
        "client_delivery.package_stopped": _("stopped the package"),
        "client_delivery.package_asked": _("had the package made again"),
        "client_delivery.noted": _("wrote a note on a version"),
        "client_delivery.note_done": _("said that a note is done"),
        "client_delivery.note_let_go": _("let a note go"),
        "client_delivery.note_reopened": _("opened a note again"),
        "payout.assessed": _("assessed the points"),
        "payout.proposal_asked": _("asked for a new proposal"),
        "payout.proposed": _("computed a proposal"),
        "payout.commented": _("commented on the proposal"),
        "payout.comment_answered": _("answered a comment"),
        "payout.finalised": _("said that the proposal is final"),
        "payout.posted": _("posted the proposal's amounts"),
        "payout.kill_fees_posted": _("posted the kill fees"),
        "payout.cancellation_settled": _("settled the last kill fee"),
    }


def _together(name: str, count: int) -> str | None:
    """Many facts of a kind in one sentence; None where each stands for itself."""
    match name:
        case "open_call.contribution_received":
            return n_("{count} work came in", "{count} works came in", count)
        case "open_call.screened":
            return n_("{count} work was screened", "{count} works were screened", count)
        case "collaboration.remixed":
            return n_("{count} work was built on others", "{count} works were built on others", count)
        case "curation.reviewed":
            return n_("{count} review was written", "{count} reviews were written", count)
        case "collaboration.source_claimed" | "collaboration.source_confirmed" | "collaboration.source_declined":
            return n_("{count} influence was claimed or answered", "{count} influences were claimed or answered", count)
        case "brief.edited":
            return n_("the brief was changed {count} time", "the brief was changed {count} times", count)
        case _:
            return None
