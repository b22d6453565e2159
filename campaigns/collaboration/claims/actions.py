"""Sources that are claimed after the upload, confirmed or declined by the other side, and decided by curators."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.collaboration.errors import (
    AlreadyDecided,
    ClaimsClosed,
    NewerSource,
    NotInvolved,
    NotTheOtherSide,
    OwnInterest,
    PairCitedTwice,
    SourceElsewhere,
    SourceNotTakingPart,
    WeightOutOfRange,
)
from campaigns.collaboration.models import MOST_WEIGHT, Party, Source, SourceKind, SourceState, WrapperFinding
from campaigns.collaboration.queries import deciders, find_source, has_interest, makers_of, side_of
from campaigns.core import events
from campaigns.core.campaign import find_campaign
from campaigns.core.errors import ReasonMissing
from campaigns.core.event_names import EventName
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.open_call.queries import contribution as seen
from campaigns.open_call.queries import find_contribution

SETTLED = {
    SourceState.CONFIRMED: EventName.COLLABORATION_SOURCE_CONFIRMED,
    SourceState.DECLINED: EventName.COLLABORATION_SOURCE_DECLINED,
}


def claim(session: Session, contribution_id: UUID, source_id: UUID, kind: SourceKind, *, by: Actor, at: datetime) -> Source:
    """Say that the older contribution is in the newer one or led to it; it counts once the other side, or a curator, has confirmed it."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    by.require(Permission.CITE, on=contribution)
    party = _claimant(session, contribution, source_id, by)
    _require_unsettled(session, contribution, by)
    older = _source_of(session, contribution, source_id, by=by)
    if session.get(Source, (contribution.id, older.id)):
        raise PairCitedTwice(_("This contribution already cites that source. A source can be cited only once."), field="source")
    source = Source(contribution_id=contribution.id, source_id=older.id, kind=kind, weight=1, state=SourceState.OPEN)
    source.claimed_by, source.claimed_as, source.claimed_at = by.person, party, at
    session.add(source)
    session.flush()
    _record(session, EventName.COLLABORATION_SOURCE_CLAIMED, source, contribution, by=by, at=at)
    return source


def _require_unsettled(session: Session, contribution: Contribution, by: Actor) -> None:
    if not find_campaign(session, contribution.campaign_id, by=by).is_unsettled:
        raise ClaimsClosed(_("The campaign has ended, so claims can no longer change."))


def _source_of(session: Session, contribution: Contribution, source_id: UUID, *, by: Actor) -> Contribution:
    if source_id >= contribution.id:
        raise NewerSource(_("A source must be an older contribution. This one is newer, or is the contribution itself."), field="source")
    older = find_contribution(session, source_id, by=by)
    if older.campaign_id != contribution.campaign_id:
        raise SourceElsewhere(_("The two contributions belong to different campaigns."), field="source")
    for one in (contribution, older):
        if one.state is not ContributionState.SCREENED_IN:
            title = seen(session, one.id, by=by).title  # which, for those who judge, names nobody
            raise SourceNotTakingPart(_("“{title}” is not an accepted contribution, so it cannot have or be a source.", title=title))
    return older


def _claimant(session: Session, contribution: Contribution, source_id: UUID, by: Actor) -> Party:
    """For whom the actor claims; asked before anything is said of the source, which so far is only an id that they sent."""
    makers = makers_of(session, [contribution.id, source_id])
    party = side_of(by, makers[contribution.id], makers[source_id])
    if party is not None:
        return party
    if by.may(Permission.DECIDE_SOURCE, on=contribution):
        return Party.CURATOR
    raise NotInvolved(_("Only the makers of the two contributions or a curator can claim that one is a source of the other."))


def confirm(session: Session, contribution_id: UUID, source_id: UUID, *, by: Actor, at: datetime) -> Source:
    """Confirm a claim in the name of the other side: from now on it counts."""
    source, contribution = _open_claim(session, contribution_id, source_id, by=by)
    return _settle(session, source, contribution, SourceState.CONFIRMED, _other_side(source), None, by=by, at=at)


def decline(session: Session, contribution_id: UUID, source_id: UUID, reason: str, *, by: Actor, at: datetime) -> Source:
    """Decline a claim in the name of the other side; a curator may still decide it anew."""
    source, contribution = _open_claim(session, contribution_id, source_id, by=by)
    return _settle(session, source, contribution, SourceState.DECLINED, _other_side(source), _said(reason), by=by, at=at)


def decide(
    session: Session,
    contribution_id: UUID,
    source_id: UUID,
    counts: bool,
    reason: str,
    *,
    weight: int | None = None,
    by: Actor,
    at: datetime,
) -> Source:
    """Decide, as a curator who made neither contribution, whether an edge counts, and with what weight; this stands above what its sides
    said."""
    source, contribution = find_source(session, contribution_id, source_id, Permission.DECIDE_SOURCE, by=by)
    _require_disinterested(session, [contribution_id, source_id], by)
    _require_unsettled(session, contribution, by)
    if weight is not None and not 1 <= weight <= MOST_WEIGHT:
        raise WeightOutOfRange(_("The weight must be a whole number from 1 to {most}.", most=MOST_WEIGHT), field="weight")
    said, state = _said(reason), SourceState.CONFIRMED if counts else SourceState.DECLINED
    decided = (source.state, source.decided_as, source.decided_by, source.reason, source.weight)
    if decided == (state, Party.CURATOR, by.person, said, weight or source.weight):
        return source
    source.weight = weight or source.weight
    return _settle(session, source, contribution, state, Party.CURATOR, said, by=by, at=at)


def find_wrapper(session: Session, contribution_id: UUID, is_wrapper: bool, reason: str, *, by: Actor, at: datetime) -> WrapperFinding:
    """Find, as a curator who did not make it, whether a contribution adds anything of its own; this stands above what its maker said."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    by.require(Permission.DECIDE_SOURCE, on=contribution)
    _require_disinterested(session, [contribution_id], by)
    _require_unsettled(session, contribution, by)
    said, before = _said(reason), session.get(WrapperFinding, contribution.id)
    if before is not None and (before.is_wrapper, before.reason, before.found_by) == (is_wrapper, said, by.person):
        return before
    finding = session.merge(
        WrapperFinding(contribution_id=contribution.id, is_wrapper=is_wrapper, reason=said, found_by=by.person, found_at=at)
    )
    session.flush()
    events.record(
        session, EventName.COLLABORATION_WRAPPER_FOUND, by=by, at=at, campaign_id=contribution.campaign_id, reason=finding.reason,
        work=str(contribution.id), is_wrapper=is_wrapper,
    )  # fmt: skip
    return finding


def _open_claim(session: Session, contribution_id: UUID, source_id: UUID, *, by: Actor) -> tuple[Source, Contribution]:
    """The claim, held until the transaction ends, which the actor may answer in the name of the other side."""
    source, contribution = find_source(session, contribution_id, source_id, Permission.CITE, by=by)
    if by.person not in deciders(source, makers_of(session, [contribution_id, source_id])):
        raise NotTheOtherSide(_("Only the makers of the other contribution can answer this claim, or a curator if there are none."))
    _require_unsettled(session, contribution, by)
    if source.state is not SourceState.OPEN:
        raise AlreadyDecided(_("This claim has already been decided. Only a curator can change the decision."))
    return source, contribution


def _other_side(source: Source) -> Party:
    return Party.SOURCE if source.claimed_as is Party.CONTRIBUTION else Party.CONTRIBUTION


def _require_disinterested(session: Session, contribution_ids: list[UUID], by: Actor) -> None:
    if has_interest(session, contribution_ids, by=by):
        raise OwnInterest(_("You made one of these contributions, so another curator must decide."))


def _settle(
    session: Session,
    source: Source,
    contribution: Contribution,
    state: SourceState,
    party: Party,
    reason: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Source:
    source.state, source.decided_as, source.decided_by, source.decided_at, source.reason = state, party, by.person, at, reason
    session.flush()
    _record(session, SETTLED[state], source, contribution, by=by, at=at)
    return source


def _record(session: Session, name: EventName, source: Source, contribution: Contribution, *, by: Actor, at: datetime) -> None:
    events.record(
        session, name, by=by, at=at, campaign_id=contribution.campaign_id, reason=source.reason,
        work=str(source.contribution_id), source=str(source.source_id), kind=source.kind.value, weight=source.weight,
        party=(source.decided_as or source.claimed_as).value,
    )  # fmt: skip


def _said(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(_("Say why; the makers of both contributions will read it."), field="reason")
    return reason.strip()
