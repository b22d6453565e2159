"""When a deliverable's payout ends, or the kill fee of a cancelled one: once its proposal is final and posted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core.blockers import Blocker, BlockerCode
from campaigns.core.campaign import Deliverable
from campaigns.core.stages import Stage
from campaigns.core.words import _, n_
from campaigns.open_call.rules import moment_in
from campaigns.payout.models import Proposal, ProposalState
from campaigns.payout.proposals.rules import Miscredited, changed_since, miscredited, unconfirmed, unconfirmed_sentence
from campaigns.payout.queries import PayoutVisit, standings

FINALIZERS = 2


def blockers(session: Session, deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these deliverables still waits for in its present visit."""
    ids = [deliverable.id for deliverable in deliverables]
    found, changed, outdated = standings(session, deliverables), changed_since(session, ids), miscredited(session, ids)
    unnamed = unconfirmed(session, ids)
    return {
        deliverable.id: [
            *_credits(deliverable, outdated.get(deliverable.id), found.get(deliverable.id)),
            *_unconfirmed(unnamed.get(deliverable.id, []), found.get(deliverable.id)),
            *_waits(deliverable, found.get(deliverable.id), changed.get(deliverable.id), at),
        ]
        for deliverable in deliverables
    }


def _credits(deliverable: Deliverable, outdated: Miscredited | None, standing: PayoutVisit | None) -> list[Blocker]:
    """The package names whom the proposal pays, before anyone says that it is final, and says what was taken down since."""
    if outdated is None:
        return []
    since = standing.proposal.opened_at if standing and standing.proposal else deliverable.entered_at
    if outdated.problem:
        return [Blocker(BlockerCode.PACKAGE_STOPPED, outdated.problem, since)]
    message = _("The package is being rebuilt so that its credits name everyone who is paid and state what was withdrawn.")
    return [Blocker(BlockerCode.PACKAGE, message, since)]


def _unconfirmed(titles: Sequence[str], standing: PayoutVisit | None) -> list[Blocker]:
    """Everyone who is paid is named by their own word."""
    if not titles or standing is None or standing.proposal is None:
        return []
    message = unconfirmed_sentence(titles)
    return [Blocker(BlockerCode.CREDITS_UNCONFIRMED, message, standing.proposal.opened_at, params={"titles": titles})]


def _waits(deliverable: Deliverable, standing: PayoutVisit | None, changed_at: datetime | None, at: datetime) -> list[Blocker]:
    if standing is None and deliverable.stage is Stage.CANCELLED:
        return []
    if standing is None or standing.assessment.assessed_at is None:
        message = _("The manager must assign points to each contribution in the approved version.")
        return [Blocker(BlockerCode.POINTS_UNASSESSED, message, deliverable.entered_at)]
    proposal = standing.proposal
    if proposal is not None and proposal.state is ProposalState.FINAL:
        return [] if proposal.posted_at else [_posting(proposal)]
    waits = [*_computing(standing), *_comments(standing)]
    if proposal is None:
        return waits
    if changed_at is not None and not standing.assessment.due_since:
        return [_outdated(proposal, changed_at), *waits]
    return [*waits, *_final_words(standing, proposal, standing.paused_at or at)]


def _posting(proposal: Proposal) -> Blocker:
    return Blocker(BlockerCode.BEING_POSTED, _("The proposal is final; its amounts are being posted."), proposal.final_at)


def _computing(standing: PayoutVisit) -> list[Blocker]:
    due_since = standing.assessment.due_since
    return [Blocker(BlockerCode.PROPOSAL_DUE, _("The proposal is being calculated."), due_since)] if due_since else []


def _outdated(proposal: Proposal, changed_at: datetime) -> Blocker:
    message = _("The lineage has changed since version {number} was calculated. Request a new version.", number=proposal.number)
    return Blocker(BlockerCode.INPUTS_CHANGED, message, changed_at, params={"number": proposal.number})


def _comments(standing: PayoutVisit) -> list[Blocker]:
    if not standing.unanswered:
        return []
    message = n_("{count} comment is unanswered.", "{count} comments are unanswered.", standing.unanswered)
    return [Blocker(BlockerCode.COMMENTS_UNANSWERED, message, standing.unanswered_since, params={"count": standing.unanswered})]


def _final_words(standing: PayoutVisit, proposal: Proposal, at: datetime) -> list[Blocker]:
    if not standing.lines and not proposal.is_kill_fee:
        message = _("Everyone in the lineage is staff, so nobody can be paid. Correct the points or the lineage.")
        return [Blocker(BlockerCode.NOBODY_TO_PAY, message, proposal.opened_at)]
    if at < proposal.closes_at:
        until = moment_in(standing.time_zone, proposal.closes_at)
        message = _("Every contributor may comment on the proposal until {moment}.", moment=until)
        return [Blocker(BlockerCode.WINDOW_OPEN, message, proposal.opened_at, proposal.closes_at)]
    message = _("Finalized by {count} of {needed} people.", count=standing.finalized, needed=FINALIZERS)
    return [Blocker(BlockerCode.FINALIZATION, message, proposal.closes_at, params={"count": standing.finalized})]
