"""The claims that wait for someone, and one claim as those see it whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, any_, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from campaigns.collaboration.errors import NoSuchSource
from campaigns.collaboration.lineage.families import Claims
from campaigns.collaboration.lineage.queries import Column
from campaigns.collaboration.models import IS_DISPUTED, IS_OPEN, Party, Source, SourceState
from campaigns.collaboration.queries import concerns, deciders, has_interest, makers_of
from campaigns.core.campaign import Campaign, find_campaign, in_reach_of
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.credits import CONFIRMED
from campaigns.open_call.models import TAKES_PART, Contribution, ContributionState, Maker
from campaigns.open_call.queries import ContributionDetails, contribution, find_contribution
from campaigns.open_call.screening.queries import BlindContribution, blind_contributions


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim that waits for someone's answer, with the two contributions that it is about."""

    source: Source
    contribution: Contribution
    older: Contribution


@dataclass(frozen=True, slots=True)
class BlindClaim:
    """A claim as curators see it: the two contributions without their makers."""

    source: Source
    contribution: BlindContribution
    older: BlindContribution


def claims_to_answer(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[OpenClaim]:
    """The open claims that the actor may confirm or decline, newest first."""
    contribution, older = aliased(Contribution), aliased(Contribution)
    mine = _made_by(by).where(CONFIRMED)
    asked_of = ((Source.source_id, Party.CONTRIBUTION), (Source.contribution_id, Party.SOURCE))
    still_open = Source.state == SourceState.OPEN
    other_side = union(*(select(Source.id).where(end.in_(mine), Source.claimed_as == party, still_open) for end, party in asked_of))
    different_people = or_(
        _someone_only_of(Source.contribution_id, Source.source_id), _someone_only_of(Source.source_id, Source.contribution_id)
    )
    query = _claims(contribution, older, IS_OPEN).where(Source.id.in_(other_side), different_people, Source.claimed_by != by.person)
    return [OpenClaim(*row) for row in session.execute(_page(query, after, limit))]


def open_claims(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> list[BlindClaim]:
    """The campaign's claims that are open, or stop a version because they are disputed, newest first and blind, for the curators.

    Those about one's own contributions are left out.
    """
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.DECIDE_SOURCE, on=campaign)
    contribution, older = aliased(Contribution), aliased(Contribution)
    mine = _made_by(by)
    query = _claims(contribution, older, or_(IS_OPEN, IS_DISPUTED)).where(
        contribution.campaign_id == campaign_id, Source.contribution_id.not_in(mine), Source.source_id.not_in(mine)
    )
    rows = session.execute(_page(query, after, limit)).all()
    contributions = {one.id: one for row in rows for one in row[1:]}
    blind = {one.id: one for one in blind_contributions(session, list(contributions.values()))}
    return [BlindClaim(source, blind[source.contribution_id], blind[source.source_id]) for source, _contribution, _older in rows]


def _claims(contribution: type[Contribution], older: type[Contribution], such: ColumnElement[bool]) -> Claims:
    query = (
        select(Source, contribution, older)
        .join(contribution, contribution.id == Source.contribution_id)
        .join(older, older.id == Source.source_id)
    )
    query = query.join(Campaign, Campaign.id == contribution.campaign_id).where(Campaign.settled_at.is_(None), Campaign.done_at.is_(None))
    return query.where(such, contribution.state == ContributionState.SCREENED_IN)


def _page(query: Claims, after: UUID | None, limit: int) -> Claims:
    query = query.where(Source.id < after) if after else query
    return query.order_by(Source.id.desc()).limit(limit)


def _made_by(by: Actor) -> Select[UUID]:
    return select(Maker.contribution_id).where(Maker.person_id == by.person)


def _someone_only_of(one: Column, other: Column) -> Exists:
    """Whether someone made the one contribution by their own word and not the other."""
    of_other = select(Maker.person_id).where(Maker.contribution_id == other, CONFIRMED).correlate(Source)
    return exists().where(Maker.contribution_id == one, CONFIRMED, Maker.person_id.not_in(of_other)).correlate(Source)


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One edge with both its contributions, the older None once it was taken down, and whether the reader may answer or decide."""

    source: Source
    campaign: Campaign
    contribution: ContributionDetails
    older: ContributionDetails | None
    can_answer: bool
    can_decide: bool


def claim_page(session: Session, contribution_id: UUID, source_id: UUID, *, by: Actor) -> ClaimPage:
    """The claim, for the makers of both contributions and for those who decide on sources here; raises NoSuchSource."""
    newer, source = find_contribution(session, contribution_id, by=by), session.get(Source, (contribution_id, source_id))
    if source is None or not concerns(session, newer, source_id, by=by):
        raise NoSuchSource(_("There is no such claim, or it is not about one of your contributions."))
    makers, decides = makers_of(session, [contribution_id, source_id]), by.may(Permission.DECIDE_SOURCE, on=newer)
    campaign = find_campaign(session, newer.campaign_id, by=by)
    return ClaimPage(
        source=source,
        campaign=campaign,
        contribution=contribution(session, contribution_id, by=by),
        older=contribution(session, source_id, by=by) if _is_there(session, source_id, by.person in makers[source_id]) else None,
        can_answer=campaign.is_unsettled and source.state is SourceState.OPEN and by.person in deciders(source, makers),
        can_decide=campaign.is_unsettled and decides and not has_interest(session, [contribution_id, source_id], by=by),
    )


def _is_there(session: Session, contribution_id: UUID, is_own: bool) -> bool:
    return is_own or session.get_one(Contribution, contribution_id).state is ContributionState.SCREENED_IN


def claims_about(session: Session, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[OpenClaim]:
    """Everything that was claimed of the actor's contributions, by whomever and however it stands, newest first; not what a licence
    settled."""
    newer, older = aliased(Contribution), aliased(Contribution)
    mine = select(Maker.contribution_id).where(Maker.person_id == by.person, CONFIRMED)
    theirs = union(*(select(Source.id).where(end.in_(mine)) for end in (Source.contribution_id, Source.source_id)))
    query = select(Source, newer, older).join(newer, newer.id == Source.contribution_id).join(older, older.id == Source.source_id)
    # Gathered first: one person's are few, and not to be met on the way through everybody's, newest first.
    query = query.where(Source.id == any_(func.array(theirs.scalar_subquery())), Source.decided_as.is_distinct_from(Party.LICENCE))
    query = query.where(
        *(or_(one.state == ContributionState.SCREENED_IN, mine.where(Maker.contribution_id == one.id).exists()) for one in (newer, older))
    )
    query = query.where(Source.id < after) if after else query
    return [OpenClaim(*row) for row in session.execute(query.order_by(Source.id.desc()).limit(limit))]


def claims_to_decide(session: Session, *, by: Actor) -> Sequence[tuple[Campaign, int]]:
    """The live campaigns in which the actor decides on sources, with how many claims are open in each; most first."""
    grants = by.granting(Permission.DECIDE_SOURCE)
    return [(campaign, count) for campaign, count in session.execute(_open_counts().where(in_reach_of(grants)))] if grants else []


def _open_counts() -> Select[Campaign, int]:
    query = select(Campaign, func.count()).join(Contribution, Contribution.campaign_id == Campaign.id)
    query = query.join(Source, Source.contribution_id == Contribution.id).where(Source.state == SourceState.OPEN)
    query = query.where(TAKES_PART, Campaign.settled_at.is_(None), Campaign.done_at.is_(None))
    return query.group_by(Campaign.id).order_by(func.count().desc(), Campaign.id)
