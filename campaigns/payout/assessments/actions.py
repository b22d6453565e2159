"""The points: the published assessment of each component's impact in the piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.queries import components_of
from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import ReasonMissing, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.payout.assessments.queries import present_assessment
from campaigns.payout.errors import (
    AlreadyFinal,
    ComponentMissing,
    NotAComponent,
    NothingApproved,
    NotInPayout,
    PointsFixed,
    PointsOutOfRange,
)
from campaigns.payout.models import MOST_POINTS, Assessment, Points, ProposalState
from campaigns.payout.queries import find_payout, standing_proposal


@dataclass(frozen=True, slots=True)
class Impact:
    """What a component is worth in the piece, from 1 up, and why."""

    points: int
    reason: str


def assess(
    session: Session, deliverable_id: UUID, visit: int, impacts: Sequence[tuple[UUID, Impact]], *, by: Actor, at: datetime
) -> Assessment:
    """Say what each component of the approved version is worth in it, all of them; assessed anew until a proposal is final."""
    deliverable, assessment = open_assessment(session, deliverable_id, Permission.ASSESS, by=by)
    if assessment.is_kill_fee:
        raise PointsFixed(_("The campaign was canceled. A kill fee counts every contribution equally, so there are no points to assign."))
    if assessment.visit != visit:
        raise Stale(_("This deliverable has changed since you opened it. Reload the page."))
    components = components_of(session, assessment.version_id) if assessment.version_id else ()
    _require_components(set(components), [contribution for contribution, _impact in impacts])
    for number, (_contribution, impact) in enumerate(impacts):
        _require_sound(impact, f"contributions.{number}")
    if _is_so(session, assessment, impacts, by):
        return assessment
    _replace(session, assessment, impacts)
    assessment.assessed_by, assessment.assessed_at = by.person, at
    ask_for_proposal(assessment, _("Points were assigned."), at=at)
    session.flush()
    events.record(
        session, EventName.PAYOUT_ASSESSED, by=by, at=at, campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id, visit=visit,
        points={str(contribution): impact.points for contribution, impact in impacts},
    )  # fmt: skip
    return assessment


def open_assessment(session: Session, deliverable_id: UUID, permission: Permission, *, by: Actor) -> tuple[Deliverable, Assessment]:
    """The deliverable and the assessment of its present visit, of whose campaign nothing else changes until the transaction ends.

    Raises NotInPayout, NothingApproved, AlreadyFinal.
    """
    _campaign, deliverable = find_payout(session, deliverable_id, by=by, lock=True)
    by.require(permission, on=deliverable)
    assessment = present_assessment(session, deliverable)
    _require_in_payout(deliverable, assessment)
    if assessment is None:
        raise NothingApproved(_("No version of this deliverable has been approved, so there is nothing to split."))
    require_not_final(session, deliverable.id)
    return deliverable, assessment


def ask_for_proposal(assessment: Assessment, because: str, *, at: datetime) -> None:
    """Have a proposal computed from what is known now."""
    assessment.due_since, assessment.due_because = at, because


def require_not_final(session: Session, deliverable_id: UUID) -> None:
    """Raise AlreadyFinal once a proposal is final."""
    standing = standing_proposal(session, deliverable_id)
    if standing is not None and standing.state is ProposalState.FINAL:
        raise AlreadyFinal(_("The proposal is final and can no longer change."))


def _require_in_payout(deliverable: Deliverable, assessment: Assessment | None) -> None:
    owes_kill_fee = assessment is not None and assessment.is_kill_fee
    if deliverable.stage is not Stage.PAYOUT and not owes_kill_fee:
        raise NotInPayout(_("This deliverable is in {stage}, not in payout.", stage=deliverable.stage.value))


def _require_components(components: set[UUID], given: Sequence[UUID]) -> None:
    if set(given) - components or len(set(given)) < len(given):
        raise NotAComponent(_("A listed contribution is not in the approved version or is listed twice."), field="contributions")
    if missing := len(components.difference(given)):
        raise ComponentMissing(
            _("Every contribution in the approved version needs points; {count} have none.", count=missing), field="contributions"
        )


def _require_sound(impact: Impact, place: str) -> None:
    if not 1 <= impact.points <= MOST_POINTS:
        raise PointsOutOfRange(_("Points must be whole numbers from 1 to {most}.", most=MOST_POINTS), field=f"{place}.points")
    if not impact.reason.strip():
        raise ReasonMissing(
            _("Give a reason for each contribution's points. Everyone in the campaign can read it."), field=f"{place}.reason"
        )


def _is_so(session: Session, assessment: Assessment, impacts: Sequence[tuple[UUID, Impact]], by: Actor) -> bool:
    """Whether the actor has given these very points already."""
    of_visit = {"deliverable_id": assessment.deliverable_id, "visit": assessment.visit}
    stand = session.execute(select(Points.contribution_id, Points.points, Points.reason).filter_by(**of_visit))
    given = {(contribution, impact.points, impact.reason.strip()) for contribution, impact in impacts}
    return assessment.assessed_by == by.person and {tuple(row) for row in stand} == given


def _replace(session: Session, assessment: Assessment, impacts: Sequence[tuple[UUID, Impact]]) -> None:
    of_visit = {"deliverable_id": assessment.deliverable_id, "visit": assessment.visit}
    session.execute(delete(Points).filter_by(**of_visit))
    session.add_all(
        Points(**of_visit, contribution_id=contribution, points=i.points, reason=i.reason.strip()) for contribution, i in impacts
    )
