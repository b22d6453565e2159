"""What is chosen for a deliverable, published in one act with a reason for every work."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import ReasonMissing, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.assigning import open_for_curation
from campaigns.curation.errors import WorkNotTakingPart
from campaigns.curation.models import Outcome, Selection
from campaigns.curation.queries import works_taking_part


def publish(
    session: Session,
    deliverable_id: UUID,
    visit: int,
    chosen: Mapping[UUID, str],
    not_chosen: Mapping[UUID, str],
    common_reason: str | None = None,
    *,
    by: Actor,
    at: datetime,
) -> Selection:
    """Publish what this visit chooses and why; `common_reason` is for every work that `not_chosen` says nothing about.

    Nothing chosen is an outcome. The makers of each work read its reason.
    """
    deliverable = open_for_curation(session, deliverable_id, Permission.SELECT, by=by)
    if deliverable.visit != visit:
        raise Stale(_("This deliverable has moved since you opened it. Reload the page."))
    works = works_taking_part(session, deliverable.campaign_id)
    common = (common_reason or "").strip() or None
    outcomes = _outcomes(works, chosen, not_chosen, common)
    selection = Selection(deliverable_id=deliverable.id, visit=visit, common_reason=common, published_by=by.person, published_at=at)
    session.add(selection)
    session.flush()
    for outcome in outcomes:
        outcome.deliverable_id, outcome.visit = deliverable.id, visit
    session.add_all(outcomes)
    session.flush()
    _record(session, deliverable, outcomes, common, by=by, at=at)
    return selection


def _outcomes(works: Collection[UUID], chosen: Mapping[UUID, str], not_chosen: Mapping[UUID, str], common: str | None) -> list[Outcome]:
    named = {*chosen, *not_chosen}
    if named - set(works) or chosen.keys() & not_chosen.keys():
        raise WorkNotTakingPart(_("One of the works is not accepted in this campaign or is listed twice."), field="chosen")
    if not all(reason.strip() for reason in (*chosen.values(), *not_chosen.values())):
        raise ReasonMissing(_("Give a reason for each work listed. Its makers will read it."), field="chosen")
    if common is None and (set(works) - named or not chosen):
        raise ReasonMissing(_("Give a reason why the other works were not chosen. Their makers will read it."), field="common_reason")
    return [_outcome(work, chosen, not_chosen, common or "") for work in sorted(works)]


def _outcome(work: UUID, chosen: Mapping[UUID, str], not_chosen: Mapping[UUID, str], common: str) -> Outcome:
    if work in chosen:
        return Outcome(work_id=work, chosen=True, reason=chosen[work].strip())
    return Outcome(work_id=work, chosen=False, reason=not_chosen.get(work, common).strip())


def _record(
    session: Session, deliverable: Deliverable, outcomes: Collection[Outcome], common: str | None, *, by: Actor, at: datetime
) -> None:
    chosen = [str(outcome.work_id) for outcome in outcomes if outcome.chosen]
    events.record(
        session, EventName.CURATION_SELECTION_PUBLISHED, by=by, at=at,
        campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id, reason=common,
        visit=deliverable.visit, chosen=chosen, not_chosen=len(outcomes) - len(chosen),
    )  # fmt: skip
