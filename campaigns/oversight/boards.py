"""All partnerships at a glance: where each stands and what it waits for, and four numbers for all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, ScalarSelect, and_, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief import board, rules
from campaigns.brief.board import BoardCampaign, Counts, Sought
from campaigns.core.blockers import Blocker, Waited
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.db import given
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.stages import ORDER, Stage
from campaigns.curation.models import DeskTally, ReviewRound
from campaigns.open_call.call.queries import arrivals, glimpses
from campaigns.open_call.models import WAITS, Contribution, ContributionState
from campaigns.payout.models import Proposal, ProposalState

DAY = timedelta(days=1)
BY_ITSELF = (Waited.ARTIST, Waited.CALLBOARD)
TAKING_CONTRIBUTIONS = (Stage.OPEN_CALL, Stage.COLLABORATION)
BEFORE_CONTRIBUTIONS = (Stage.BRIEF, Stage.OPEN_CALL, Stage.CANCELLED)
DELIVERABLES = select(Deliverable).where(given(Deliverable.campaign_id)).order_by(Deliverable.number)
TO_SCREEN = (ContributionState.READY, ContributionState.UNSHOWABLE)


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign on the board: the deliverables that are further on than it, what it waits for, and its contributions: by day, and to look
    at."""

    entry: BoardCampaign
    further: Sequence[Deliverable]
    waits: Sequence[Blocker]
    arrived: Mapping[date, int]
    glimpses: Sequence[str]
    slack_days: int | None

    @property
    def pressing(self) -> Blocker | None:
        """The wait to be told first: one that somebody can end before one that time ends."""
        return next((wait for wait in self.waits if wait.waits_for not in BY_ITSELF), self.waits[0] if self.waits else None)

    @property
    def is_late(self) -> bool:
        """Whether the date of its present gate has gone by while its clocks run."""
        return self.slack_days is not None and self.slack_days < 0 and self.entry.campaign.paused_at is None


@dataclass(frozen=True, slots=True)
class Shelf:
    """One column of the board."""

    stage: Stage
    total: int
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What stands out: contributions that wait to be screened or reviewed, and pools by currency that wait to be final."""

    counts: Counts
    to_judge: int
    to_finalize: Mapping[str, int]


def shelves(session: Session, sought: Sought, *, most: int, skip: int = 0, by: Actor, at: datetime) -> list[Shelf]:
    """The board of this actor, of each stage `most` without the first `skip`; the number of queries does not grow with it."""
    found = board.columns(session, sought, most=most, skip=skip, by=by, at=at)
    made = {card.entry.campaign.id: card for card in cards(session, [entry for column in found for entry in column.entries], by=by, at=at)}
    return [Shelf(column.stage, column.total, [made[entry.campaign.id] for entry in column.entries]) for column in found]


def cards(session: Session, entries: Sequence[BoardCampaign], *, by: Actor, at: datetime) -> list[Card]:
    """What there is to say to this actor of each of these campaigns, in which they work: of its deliverables, those that they may see."""
    ids = [entry.campaign.id for entry in entries]
    deliverables = [deliverable for deliverable in _deliverables(session, ids) if by.may(Permission.VIEW_CAMPAIGN, on=deliverable)]
    waits = waits_of(session, ids, deliverables, at=at)
    came = arrivals(session, [entry.campaign.id for entry in entries if entry.stage in TAKING_CONTRIBUTIONS])
    seen = glimpses(session, [entry.campaign.id for entry in entries if entry.stage not in BEFORE_CONTRIBUTIONS])
    of_campaign: dict[UUID, list[Deliverable]] = {}
    for deliverable in deliverables:
        of_campaign.setdefault(deliverable.campaign_id, []).append(deliverable)
    return [
        Card(
            entry,
            [t for t in of_campaign.get(entry.campaign.id, ()) if ORDER.index(t.stage) > ORDER.index(entry.stage)],
            waits.get(entry.campaign.id, []),
            came.get(entry.campaign.id, {}),
            seen.get(entry.campaign.id, []),
            (entry.must_open_at - at) // DAY if entry.must_open_at else None,
        )
        for entry in entries
    ]


def waits(session: Session, campaigns: Collection[Campaign], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """What each of these campaigns waits for, the same wait of several deliverables once."""
    ids = [campaign.id for campaign in campaigns]
    return waits_of(session, ids, _deliverables(session, ids), at=at)


def waits_of(session: Session, ids: Sequence[UUID], deliverables: Sequence[Deliverable], *, at: datetime) -> dict[UUID, list[Blocker]]:
    """As `waits`, for campaigns whose deliverables are known."""
    of_deliverables = lifecycle.blockers(session, deliverables, at=at)
    empty = set(ids) - {deliverable.campaign_id for deliverable in deliverables}
    found = rules.waits(session, sorted(empty), at=at) if empty else {}
    for deliverable in deliverables:
        told = found.setdefault(deliverable.campaign_id, [])
        told += [blocker for blocker in of_deliverables.get(deliverable.id, []) if blocker not in told]
    return found


def _deliverables(session: Session, ids: Collection[UUID]) -> Sequence[Deliverable]:
    return session.scalars(DELIVERABLES, {"ids": list(ids)}).all()


def pulse(session: Session, sought: Sought, *, by: Actor, at: datetime) -> Pulse:
    """The four numbers over all campaigns that are sought, in one query."""
    among = board.in_play(sought, by=by, at=at)
    query = board.counts(among, at=at).add_columns(_to_screen(among) + _to_review(among), _to_finalize(among))
    *counted, to_judge, pools = session.execute(query).one()
    return Pulse(Counts(*counted), to_judge, {currency: pools[currency] for currency in sorted(pools)})


def _to_screen(among: CTE) -> ScalarSelect[int]:
    waiting = select(func.count()).where(Contribution.campaign_id.in_(select(among.c.id)), WAITS)
    return waiting.where(Contribution.state.in_(TO_SCREEN)).scalar_subquery()


def _to_review(among: CTE) -> ScalarSelect[int]:
    present = and_(Deliverable.id == ReviewRound.deliverable_id, Deliverable.visit == ReviewRound.visit)
    query = (
        select(func.coalesce(func.sum(DeskTally.open), 0))
        .join(ReviewRound, ReviewRound.id == DeskTally.round_id)
        .join(Deliverable, present)
    )
    return query.where(Deliverable.campaign_id.in_(select(among.c.id)), Deliverable.stage == Stage.CURATION).scalar_subquery()


def _to_finalize(among: CTE) -> ScalarSelect[dict[str, int]]:
    pools = (
        select(Proposal.currency, func.sum(Proposal.pool).label("pool"))
        .join(Deliverable, Deliverable.id == Proposal.deliverable_id)
        .where(Deliverable.campaign_id.in_(select(among.c.id)), Deliverable.stage == Stage.PAYOUT, Proposal.state == ProposalState.OPEN)
        .group_by(Proposal.currency)
        .subquery()
    )
    by_currency = func.jsonb_object_agg(pools.c.currency, pools.c.pool, type_=JSONB)
    return select(func.coalesce(by_currency, literal({}, JSONB), type_=JSONB)).scalar_subquery()
