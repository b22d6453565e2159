"""A claim as those see it whom it concerns: both works, what was said of them, and what the reader may say."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, any_, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from campaigns.collaboration.errors import NoSuchSource
from campaigns.collaboration.family import OpenClaim
from campaigns.collaboration.models import Party, Source, SourceState
from campaigns.collaboration.queries import concerns, deciders, has_interest, makers_of
from campaigns.core.campaign import Campaign, find_campaign, in_reach_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.crediting import CONFIRMED
from campaigns.open_call.models import TAKES_PART, Contribution, Maker, WorkState
from campaigns.open_call.queries import ContributionDetails, find_work, work


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One edge with both its works, the older None once it was taken down, and whether the reader may answer or decide."""

    source: Source
    campaign: Campaign
    work: ContributionDetails
    older: ContributionDetails | None
    can_answer: bool
    can_decide: bool


def claim_page(session: Session, work_id: UUID, source_id: UUID, *, by: Actor) -> ClaimPage:
    """The claim, for the makers of both works and for those who decide on sources here; raises NoSuchSource."""
    newer, source = find_work(session, work_id, by=by), session.get(Source, (work_id, source_id))
    if source is None or not concerns(session, newer, source_id, by=by):
        raise NoSuchSource(_("There is no such claim, or it is not about one of your works."))
    makers, decides = makers_of(session, [work_id, source_id]), by.may(Permission.DECIDE_SOURCE, on=newer)
    campaign = find_campaign(session, newer.campaign_id, by=by)
    return ClaimPage(
        source=source,
        campaign=campaign,
        work=work(session, work_id, by=by),
        older=work(session, source_id, by=by) if _is_there(session, source_id, by.person in makers[source_id]) else None,
        can_answer=campaign.is_unsettled and source.state is SourceState.OPEN and by.person in deciders(source, makers),
        can_decide=campaign.is_unsettled and decides and not has_interest(session, [work_id, source_id], by=by),
    )


def _is_there(session: Session, work_id: UUID, is_own: bool) -> bool:
    return is_own or session.get_one(Contribution, work_id).state is WorkState.SCREENED_IN


def claims_about(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[OpenClaim]:
    """Everything that was claimed of the actor's works, by whomever and however it stands, newest first; not what a licence settled."""
    newer, older = aliased(Contribution), aliased(Contribution)
    mine = select(Maker.contribution_id).where(Maker.person_id == by.person, CONFIRMED)
    theirs = union(*(select(Source.id).where(end.in_(mine)) for end in (Source.work_id, Source.source_id)))
    query = select(Source, newer, older).join(newer, newer.id == Source.work_id).join(older, older.id == Source.source_id)
    # Gathered first: one person's are few, and not to be met on the way through everybody's, newest first.
    query = query.where(Source.id == any_(func.array(theirs.scalar_subquery())), Source.decided_as.is_distinct_from(Party.LICENCE))
    query = query.where(
        *(or_(one.state == WorkState.SCREENED_IN, mine.where(Maker.contribution_id == one.id).exists()) for one in (newer, older))
    )
    query = query.where(Source.id < after) if after else query
    return [OpenClaim(*row) for row in session.execute(query.order_by(Source.id.desc()).limit(limit))]


def claims_to_decide(session: Session, *, by: Actor) -> Sequence[tuple[Campaign, int]]:
    """The live campaigns in which the actor decides on sources, with how many claims are open in each; most first."""
    grants = by.granting(Permission.DECIDE_SOURCE)
    return [(campaign, count) for campaign, count in session.execute(_open_counts().where(in_reach_of(grants)))] if grants else []


def _open_counts() -> Select[Campaign, int]:
    query = select(Campaign, func.count()).join(Contribution, Contribution.campaign_id == Campaign.id)
    query = query.join(Source, Source.work_id == Contribution.id).where(Source.state == SourceState.OPEN)
    query = query.where(TAKES_PART, Campaign.settled_at.is_(None), Campaign.done_at.is_(None))
    return query.group_by(Campaign.id).order_by(func.count().desc(), Campaign.id)
