"""What is chosen for a deliverable, gathered contribution by contribution and published in one act with a reason for every contribution."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from campaigns.core import events
from campaigns.core.campaign import Deliverable, find_deliverable
from campaigns.core.errors import ReasonMissing, Stale
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.curation.assignments.actions import open_for_curation
from campaigns.curation.errors import ContributionNotTakingPart
from campaigns.curation.models import SelectedContribution, Selection, SelectionOutcome
from campaigns.curation.queries import contributions_taking_part
from campaigns.open_call.models import TAKES_PART, Contribution


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
    """Publish what this visit chooses and why; `common_reason` is for every contribution that `not_chosen` says nothing about.

    Nothing chosen is an outcome. The makers of each contribution read its reason.
    """
    deliverable = open_for_curation(session, deliverable_id, Permission.SELECT, by=by)
    if deliverable.visit != visit:
        raise Stale(_("This deliverable has moved since you opened it. Reload the page."))
    contributions = contributions_taking_part(session, deliverable.campaign_id)
    common = (common_reason or "").strip() or None
    outcomes = _outcomes(contributions, chosen, not_chosen, common)
    selection = Selection(deliverable_id=deliverable.id, visit=visit, common_reason=common, published_by=by.person, published_at=at)
    session.add(selection)
    session.flush()
    for outcome in outcomes:
        outcome.deliverable_id, outcome.visit = deliverable.id, visit
    session.add_all(outcomes)
    session.flush()
    _record(session, deliverable, outcomes, common, by=by, at=at)
    return selection


def _outcomes(
    contributions: Collection[UUID], chosen: Mapping[UUID, str], not_chosen: Mapping[UUID, str], common: str | None
) -> list[SelectionOutcome]:
    named = {*chosen, *not_chosen}
    if named - set(contributions) or chosen.keys() & not_chosen.keys():
        raise ContributionNotTakingPart(_("One of the contributions is not accepted in this campaign or is listed twice."), field="chosen")
    if not all(reason.strip() for reason in (*chosen.values(), *not_chosen.values())):
        raise ReasonMissing(_("Give a reason for each contribution listed. Its makers will read it."), field="chosen")
    if common is None and (set(contributions) - named or not chosen):
        raise ReasonMissing(
            _("Give a reason why the other contributions were not chosen. Their makers will read it."), field="common_reason"
        )
    return [_outcome(contribution, chosen, not_chosen, common or "") for contribution in sorted(contributions)]


def _outcome(contribution: UUID, chosen: Mapping[UUID, str], not_chosen: Mapping[UUID, str], common: str) -> SelectionOutcome:
    if contribution in chosen:
        return SelectionOutcome(contribution_id=contribution, chosen=True, reason=chosen[contribution].strip())
    return SelectionOutcome(contribution_id=contribution, chosen=False, reason=not_chosen.get(contribution, common).strip())


def _record(
    session: Session, deliverable: Deliverable, outcomes: Collection[SelectionOutcome], common: str | None, *, by: Actor, at: datetime
) -> None:
    chosen = [str(outcome.contribution_id) for outcome in outcomes if outcome.chosen]
    events.record(
        session, EventName.CURATION_SELECTION_PUBLISHED, by=by, at=at,
        campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id, reason=common,
        visit=deliverable.visit, chosen=chosen, not_chosen=len(outcomes) - len(chosen),
    )  # fmt: skip


def select_for(
    session: Session, deliverable_id: UUID, contribution_id: UUID, chosen: bool, reason: str, *, by: Actor, at: datetime
) -> SelectedContribution:
    """Mean to choose the work for the deliverable, or not, with the reason that its makers will read; said again, the last word counts."""
    deliverable = open_for_curation(session, deliverable_id, Permission.SELECT, by=by)
    if not session.scalar(select(Contribution.id).where(Contribution.id == contribution_id, *_takes_part(deliverable))):
        raise ContributionNotTakingPart(_("This contribution is not, or is no longer, accepted in this campaign."), field="contribution")
    if not reason.strip():
        raise ReasonMissing(_("Give a reason. The makers will read it."), field="reason")
    before = session.get(SelectedContribution, (deliverable.id, deliverable.visit, contribution_id))
    if before is not None and (before.chosen, before.reason, before.selected_by) == (chosen, reason.strip(), by.person):
        return before
    said = SelectedContribution(
        deliverable_id=deliverable.id,
        visit=deliverable.visit,
        contribution_id=contribution_id,
        chosen=chosen,
        reason=reason.strip(),
        selected_by=by.person,
        selected_at=at,
    )
    said = session.merge(said)
    session.flush()
    return said


def deselect(session: Session, deliverable_id: UUID, contribution_id: UUID, *, by: Actor) -> None:
    """Say nothing of one's own about the contribution any more; what was not said is not missed."""
    deliverable = open_for_curation(session, deliverable_id, Permission.SELECT, by=by)
    said = session.get(SelectedContribution, (deliverable.id, deliverable.visit, contribution_id))
    if said is not None:
        session.delete(said)
        session.flush()


def selected(session: Session, deliverable_id: UUID, *, by: Actor) -> Mapping[UUID, SelectedContribution]:
    """What is meant to be said in the present visit, by contribution, of those that still take part: for whoever chooses."""
    return {
        said.contribution_id: said
        for said in session.scalars(_present(session, deliverable_id, by).order_by(SelectedContribution.contribution_id))
    }


def selected_newest_first(
    session: Session, deliverable_id: UUID, *, by: Actor, after: UUID | None = None, limit: int
) -> Sequence[SelectedContribution]:
    """The same, newest contribution first, up to `limit` of contributions older than `after`."""
    query = _present(session, deliverable_id, by).order_by(SelectedContribution.contribution_id.desc()).limit(limit)
    return session.scalars(query.where(SelectedContribution.contribution_id < after) if after else query).all()


def _present(session: Session, deliverable_id: UUID, by: Actor) -> Select[SelectedContribution]:
    deliverable = find_deliverable(session, deliverable_id, by=by)
    by.require(Permission.SELECT, on=deliverable)
    query = (
        select(SelectedContribution)
        .join(Contribution, Contribution.id == SelectedContribution.contribution_id)
        .where(SelectedContribution.deliverable_id == deliverable.id, SelectedContribution.visit == deliverable.visit)
    )
    return query.where(*_takes_part(deliverable))


def selected_counts(session: Session, deliverables: Collection[Deliverable]) -> Mapping[UUID, int]:
    """How many contributions are meant to be chosen in the present visit of each of these deliverables; only those with some."""
    query = select(SelectedContribution.deliverable_id, func.count()).join(
        Deliverable, and_(Deliverable.id == SelectedContribution.deliverable_id, Deliverable.visit == SelectedContribution.visit)
    )
    query = query.join(Contribution, Contribution.id == SelectedContribution.contribution_id).where(SelectedContribution.chosen, TAKES_PART)
    return dict(
        session.execute(query.where(Deliverable.id.in_([t.id for t in deliverables])).group_by(SelectedContribution.deliverable_id)).all()
    )


def seal(said: Mapping[UUID, SelectedContribution]) -> str:
    """What was selected as one short word, by which it shows whether it is still what someone saw."""
    words = [[str(contribution_id), each.chosen, each.reason] for contribution_id, each in sorted(said.items())]
    return sha256(json.dumps(words).encode()).hexdigest()


def publish_selected(
    session: Session, deliverable_id: UUID, visit: int, seen: str, common_reason: str, *, by: Actor, at: datetime
) -> Selection:
    """Publish what was selected, in one act; `common_reason` is for every contribution that was not.

    `seen` is the seal of the selected contributions that the actor read; raises Stale where another has selected since.
    """
    deliverable = find_deliverable(session, deliverable_id, by=by, lock=True)
    said = selected(session, deliverable.id, by=by)
    if deliverable.visit == visit and not session.get(Selection, (deliverable.id, visit)) and seal(said) != seen:
        raise Stale(_("Someone else has changed the selection since you opened it. Check the current draft below, then publish again."))
    chosen = {contribution_id: each.reason for contribution_id, each in said.items() if each.chosen}
    not_chosen = {contribution_id: each.reason for contribution_id, each in said.items() if not each.chosen}
    return publish(session, deliverable_id, visit, chosen, not_chosen, common_reason, by=by, at=at)


def _takes_part(deliverable: Deliverable) -> tuple[ColumnElement[bool], ...]:
    return Contribution.campaign_id == deliverable.campaign_id, TAKES_PART
