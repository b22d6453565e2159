"""What a split is made of, read from the campaign's rows: lineage, version, points and rule as they stand now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.client_delivery.queries import makers_of
from campaigns.collaboration import models as collaboration
from campaigns.collaboration.lineage.queries import LineageRows, lineage_of
from campaigns.core.campaign import Deliverable
from campaigns.payout.assessments.queries import points_of
from campaigns.payout.models import Assessment, KillFee
from campaigns.payout.split import WHOLE, Composition, Inputs, LineageContribution, LineageSource, PayRule, trace


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that decides a split, of each edge who recorded and who confirmed it, and the hash of the lineage, as a package has it too."""

    inputs: Inputs
    edges: list[dict[str, Any]]
    lineage_sha256: str


def gather(session: Session, deliverable: Deliverable, points: Mapping[UUID, int], version_id: UUID | None, pool: int) -> Gathered:
    """`pool` over the contributions in `points`, and over the makers of the version where there is one, by the brief's rule."""
    brief = session.get_one(Brief, deliverable.campaign_id)
    rows = lineage_of(session, list(points))
    composition = Composition(_named(points), _named(makers_of(session, version_id)) if version_id else {})
    inputs = Inputs(trace(contributions_of(rows)), composition, rule_of(brief), pool, brief.currency)
    return Gathered(inputs, [_edge(source) for source in rows.sources], rows.sha256)


def gather_assessed(session: Session, deliverable: Deliverable, assessment: Assessment) -> Gathered:
    """What the deliverable's proposal would be computed from now."""
    points = {row.contribution_id: row.points for row in points_of(session, assessment)}
    return gather(session, deliverable, points, assessment.version_id, _pool(session, assessment))


def _pool(session: Session, assessment: Assessment) -> int:
    """What there is to share: the deliverable's price, or its kill fee where the campaign was cancelled."""
    if assessment.is_kill_fee:
        return session.get_one(KillFee, assessment.deliverable_id).amount
    return session.get_one(Deliverable, assessment.deliverable_id).price


def rule_of(brief: Brief) -> PayRule:
    """The brief's pay rule, in ten-thousandths."""
    assembly, contains, influenced_by = (int(fraction * WHOLE) for fraction in (brief.assembly, brief.contains, brief.influenced_by))
    return PayRule(assembly, contains, influenced_by, frozenset(str(person) for person in brief.staff_ids))


def contributions_of(rows: LineageRows) -> list[LineageContribution]:
    """The contributions as the split sees them, each with its confirmed sources."""
    sources: dict[UUID, list[LineageSource]] = {}
    for edge in rows.sources:
        sources.setdefault(edge.contribution_id, []).append(LineageSource(str(edge.source_id), edge.kind.value, edge.weight))
    return [
        LineageContribution(str(w.id), _named(w.makers), w.is_wrapper, tuple(sources.get(w.id, ()))) for w in rows.contributions.values()
    ]


def _named(shares: Mapping[UUID, int]) -> dict[str, int]:
    return {str(owner): own for owner, own in shares.items()}


def _edge(source: collaboration.Source) -> dict[str, Any]:
    return {
        "work": str(source.contribution_id),
        "source": str(source.source_id),
        "kind": source.kind.value,
        "weight": source.weight,
        "recorded_by": str(source.claimed_by),
        "recorded_as": source.claimed_as.value,
        "recorded_at": source.claimed_at.isoformat(),
        "confirmed_by": str(source.decided_by) if source.decided_by else None,
        "confirmed_as": source.decided_as.value if source.decided_as else None,
        "confirmed_at": source.decided_at.isoformat() if source.decided_at else None,
    }
