"""Who is paid is named: a proposal becomes final beside a package whose credits were read from the same lineage."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Cut, Package
from campaigns.core.campaign import Track
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.payout.errors import CreditsOutdated
from campaigns.payout.models import Assessment, Proposal, ProposalState
from campaigns.payout.outdated import changed_since


@dataclass(frozen=True, slots=True)
class Miscredited:
    """A version whose package names others than its deliverable's open proposal pays, and why it was not made again, where that failed."""

    track_id: UUID
    campaign_id: UUID
    cut_id: UUID
    problem: str | None


def miscredited(session: Session, track_ids: Collection[UUID]) -> dict[UUID, Miscredited]:
    """The deliverables among these whose package is to be made again; where the lineage has changed since, a new proposal comes first."""
    found = {row.track_id: Miscredited(*row) for row in session.execute(_DIFFERENT.where(Track.id.in_(track_ids)))}
    return {track_id: each for track_id, each in found.items() if track_id not in changed_since(session, list(found))} if found else {}


def work_waiting(session: Session, campaign_ids: Collection[UUID]) -> set[UUID]:
    """The campaigns among these for which a package is to be made again."""
    tracks = session.scalars(_DIFFERENT.where(Track.campaign_id.in_(campaign_ids), Cut.package_problem.is_(None))).all()
    return {each.campaign_id for each in miscredited(session, tracks).values()} if tracks else set()


_DIFFERENT = (
    select(Track.id.label("track_id"), Track.campaign_id, Cut.id, Cut.package_problem)
    .join(Assessment, and_(Assessment.track_id == Track.id, Assessment.visit == Track.visit))
    .join(Proposal, and_(Proposal.track_id == Track.id, Proposal.state == ProposalState.OPEN))
    .join(Cut, Cut.id == Assessment.cut_id)
    .join(Package, Package.cut_id == Cut.id)
    .where(Track.stage == Stage.PAYOUT, Assessment.due_since.is_(None))
    .where(Proposal.lineage_sha256.is_distinct_from(Package.lineage_sha256))
)


def require_credited(session: Session, proposal: Proposal) -> None:
    """Raise CreditsOutdated where the package names others than the proposal pays."""
    if proposal.track_id in miscredited(session, [proposal.track_id]):
        raise CreditsOutdated(_("The package is made again first, so that its credits name everyone whom this proposal pays."))
