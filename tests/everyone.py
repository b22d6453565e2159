"""Everyone in a campaign doing what its blockers ask of them: a deed for each sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.actions import edit_brief, launch
from campaigns.brief.funding.actions import confirm_receipt, record_receipt
from campaigns.brief.queries import cover, written_brief
from campaigns.brief.signatures.actions import sign
from campaigns.client_delivery.models import Verdict, Version
from campaigns.client_delivery.queries import components_of, find_version_details, latest_version
from campaigns.client_delivery.versions.actions import approve_internally, decide, license_outside, make_version
from campaigns.collaboration.actions import complete
from campaigns.collaboration.lineage.obstacles import obstacles_in
from campaigns.core.blockers import ActionCode, Blocker, BlockerCode
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.people import SYSTEM, Actor, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import desk
from campaigns.curation.queries import contributions_taking_part
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.rubrics.actions import rubric
from campaigns.curation.selections.actions import publish
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.open_call import uploads
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.screening.actions import screen
from campaigns.payout.assessments.actions import Impact, assess
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.errors import InputsChanged
from campaigns.payout.finalizations.actions import finalize
from campaigns.payout.models import Comment, Disposition, Proposal
from campaigns.payout.proposals.actions import dispose, propose_again
from campaigns.payout.queries import standing_proposal
from tests.called_off import call_off
from tests.factories import Partnership, brief_text, person, someone


@dataclass
class Cast:
    """A campaign with everyone who acts in it, at the moment that it is for them."""

    made: Partnership
    artist: Actor
    other_artist: Actor
    curator: Actor
    editor: Actor
    approver: Actor
    second: Actor
    at: datetime

    @property
    def manager(self) -> Actor:
        return self.made.manager

    def deliverables(self, session: Session) -> list[Deliverable]:
        """The deliverables that still have a way to go."""
        return [t for t in deliverables_of(session, self.made.id) if t.is_live]

    def waits(self, session: Session) -> dict[UUID, list[Blocker]]:
        return lifecycle.blockers(session, self.deliverables(session), at=self.at)

    def is_astir(self, session: Session) -> bool:
        return bool(lifecycle.astir(session, [self.made.id], at=self.at))


def cast(session: Session, made: Partnership, *, at: datetime) -> Cast:
    """Someone for each role that the campaign needs."""
    here = Scope(campaign_id=made.id)
    return Cast(
        made=made,
        artist=person(session, "Ana"),
        other_artist=person(session, "Ben"),
        curator=someone(session, Role.CURATOR, "Cleo", on=here),
        editor=someone(session, Role.EDITOR, "Edda", on=here),
        approver=someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id)),
        second=someone(session, Role.FINANCE, "Flo"),
        at=at,
    )


def _write(session: Session, all_: Cast, _deliverable: Deliverable, _wait: Blocker) -> None:
    edit_brief(session, all_.made.id, brief_text(all_.at), by=all_.manager, at=all_.at)


def _sign(session: Session, all_: Cast, _deliverable: Deliverable, wait: Blocker) -> None:
    sign_off_role = wait.params["sign_off_role"]
    sign(session, all_.made.id, sign_off_role, written_brief(session, all_.made.id).hash, by=all_.made.signers[sign_off_role], at=all_.at)


def _fund(session: Session, all_: Cast, _deliverable: Deliverable, _wait: Blocker) -> None:
    missing = cover(session, written_brief(session, all_.made.id)).missing
    receipt = record_receipt(session, all_.made.id, missing, "WIRE", all_.at.date(), by=all_.manager, at=all_.at)
    confirm_receipt(session, all_.made.id, receipt.id, by=all_.made.finance, at=all_.at)


def _launch(session: Session, all_: Cast, _deliverable: Deliverable, _wait: Blocker) -> None:
    launch(session, all_.made.id, by=all_.manager, at=all_.at)


def _wait_until_due(_session: Session, all_: Cast, _deliverable: Deliverable, wait: Blocker) -> None:
    assert wait.due is not None
    all_.at = max(all_.at, wait.due)


def _screen(session: Session, all_: Cast, _deliverable: Deliverable, wait: Blocker) -> None:
    state = ContributionState.UNSHOWABLE if wait.code == BlockerCode.CONTRIBUTIONS_UNSHOWABLE else ContributionState.READY
    waiting = select(Contribution.id).where(Contribution.campaign_id == all_.made.id, Contribution.state == state)
    for contribution_id in session.scalars(waiting).all():
        fits = state is ContributionState.READY
        screen(session, contribution_id, fits, None if fits else "Its file is broken.", by=all_.curator, at=all_.at)


def _complete(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    complete(session, deliverable.id, deliverable.visit, by=all_.manager, at=all_.at)


def _assign(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    assign(session, deliverable.id, [all_.curator.person], 1, by=all_.manager, at=all_.at)


def _review(session: Session, all_: Cast, _deliverable: Deliverable, _wait: Blocker) -> None:
    scores = {criterion.name: 4 for criterion in rubric(session, all_.made.id)}
    for assigned in desk(session, by=all_.curator):
        submit_review(session, assigned.assignment.id, scores, "It has a voice.", by=all_.curator, at=all_.at)


def _publish(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    chosen = dict.fromkeys(usable(session, all_)[:2], "It moved us.")
    publish(session, deliverable.id, deliverable.visit, chosen, {}, "Not this time.", by=all_.manager, at=all_.at)


def usable(session: Session, all_: Cast) -> list[UUID]:
    """The contributions that take part and have nothing in them that stands in the way."""
    contributions = contributions_taking_part(session, all_.made.id)
    stopped = obstacles_in(session, contributions)
    return sorted(contribution_id for contribution_id in contributions if not stopped[contribution_id])


def _do_without(session: Session, all_: Cast, deliverable: Deliverable, wait: Blocker) -> None:
    """What is in the version is gone: it is made anew, or goes back where the brand has approved it."""
    deed = _make_version if wait.action == ActionCode.MAKE_VERSION else _choose_again
    deed(session, all_, deliverable, wait)


def _choose_again(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    """What the manager does where nothing was chosen: choose again, or give up where there is nothing to choose from."""
    if usable(session, all_):
        lifecycle.send_back(session, deliverable.id, Stage.CURATION, deliverable.visit, "Look again.", by=all_.manager, at=all_.at)
    else:
        call_off(session, all_.made.id, "Nobody sent anything.", by=all_.manager, at=all_.at)


def material_of(session: Session, all_: Cast, deliverable: Deliverable) -> list[UUID]:
    """The contributions chosen for the deliverable that a version of it can be made of."""
    return sorted(chosen_contributions(session, deliverable.id).intersection(usable(session, all_)))


def _make_version(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    upload = uploads.take_text(session, "Once, in December.", "text/markdown", by=all_.editor)
    make_version(
        session, deliverable.id, upload.id, material_of(session, all_, deliverable), {all_.editor.person: 1}, by=all_.editor, at=all_.at
    )


def _license(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    details = find_version_details(session, _latest(session, deliverable).id, by=SYSTEM)
    for material in details.unlicensed:
        license_outside(session, details.version.id, material.id, "Invoice 7", by=all_.editor, at=all_.at)


def _present(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    approve_internally(session, _latest(session, deliverable).id, by=all_.manager, at=all_.at)


def _approve(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    answer(session, all_, deliverable, Verdict.APPROVED)


def answer(session: Session, all_: Cast, deliverable: Deliverable, verdict: Verdict) -> None:
    """What the brand says to the latest version."""
    seen = find_version_details(session, _latest(session, deliverable).id, by=all_.approver)
    decide(session, seen.version.id, verdict, seen.version.sha256, seen.parts_sha256, "Brighter.", by=all_.approver, at=all_.at)


def _latest(session: Session, deliverable: Deliverable) -> Version:
    latest = latest_version(session, deliverable.id)
    assert latest is not None
    return latest


def _assess(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    assessment = present_assessment(session, deliverable)
    assert assessment is not None
    assert assessment.version_id is not None
    impacts = [(contribution, Impact(5, "It carries the story.")) for contribution in components_of(session, assessment.version_id)]
    assess(session, deliverable.id, deliverable.visit, impacts, by=all_.manager, at=all_.at)


def _dispose(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    of_deliverable = select(Comment.id).join(Proposal).where(Proposal.deliverable_id == deliverable.id, Comment.disposition.is_(None))
    for comment_id in session.scalars(of_deliverable).all():
        dispose(session, comment_id, Disposition.DECLINED, "It is as it was.", by=all_.manager, at=all_.at)


def _finalize(session: Session, all_: Cast, deliverable: Deliverable, _wait: Blocker) -> None:
    proposal = standing_proposal(session, deliverable.id)
    assert proposal is not None
    try:
        for by in (all_.made.finance, all_.second):
            finalize(session, proposal.id, by=by, at=all_.at)
    except InputsChanged:  # its sentence says what to do
        propose_again(session, deliverable.id, "The lineage has changed.", by=all_.manager, at=all_.at)


def _resume(session: Session, all_: Cast, _deliverable: Deliverable, _wait: Blocker) -> None:
    lifecycle.resume(session, all_.made.id, by=all_.manager, at=all_.at)


Deed: TypeAlias = Callable[[Session, Cast, Deliverable, Blocker], None]

DEEDS: Mapping[str, Deed] = {
    "paused": _resume,
    "brief_incomplete": _write,
    "date_passed": _write,
    "unsigned": _sign,
    "uncovered": _fund,
    "not_launched": _launch,
    "call_open": _wait_until_due,
    "contributions_unshowable": _screen,
    "contributions_unscreened": _screen,
    "collaboration_open": _wait_until_due,
    "material_incomplete": _complete,
    "curators_unassigned": _assign,
    "reviews_outstanding": _review,
    "selection_unpublished": _publish,
    "nothing_chosen": _choose_again,
    "no_version": _make_version,
    "changes_asked": _make_version,
    "component_taken_down": _do_without,
    "licence_missing": _license,
    "internal_approval": _present,
    "decision": _approve,
    "points_unassessed": _assess,
    "comments_unanswered": _dispose,
    "window_open": _wait_until_due,
    "finalization": _finalize,
}


def do(session: Session, all_: Cast, deliverable: Deliverable, wait: Blocker) -> None:
    """Do what this blocker asks, in the name of whoever it waits for."""
    DEEDS[wait.code](session, all_, deliverable, wait)
