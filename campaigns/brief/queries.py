"""What there is to see of a brief, and for whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from campaigns.brief.budgets import Budget, Cover, balances_of, budget_of, cover_of
from campaigns.brief.models import Advance, Brief, Invoice, Payment, Receipt, RefundPart, SignOff
from campaigns.brief.terms.contents import content_of, hash_of
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign, stage_of
from campaigns.core.db import given
from campaigns.core.people import Actor, Brand, RoleGrant
from campaigns.core.permissions import Permission, Role
from campaigns.core.stages import ORDER, Stage
from campaigns.ledger.accounts import Account, held, receivable, unrecovered

GO_LIVE = "go_live"
DAY = timedelta(days=1)
# By which date of the brief each stage's gate must open; a brief must be launched while its call could still be open.
PLANNED: Mapping[str, str] = {
    Stage.BRIEF: "call_closes_at",
    Stage.OPEN_CALL: "call_closes_at",
    Stage.COLLABORATION: "collaboration_closes_at",
    Stage.CURATION: "curation_due_at",
    Stage.CLIENT_DELIVERY: "delivery_due_at",
    GO_LIVE: "go_live_at",
}
Money = TypeVar("Money", Invoice, Payment, Receipt, Advance, RefundPart)


@dataclass(frozen=True, slots=True)
class PlannedGate:
    """A gate, or go-live: the whole days until it must open, below zero when late, and those it may slip before it meets the next."""

    gate: str
    planned_at: datetime
    slack_days: int
    room_days: int | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class GivenSignature:
    """A signature that was given, and whether who gave it signs for this sign-off role today."""

    given: SignOff
    is_signer: bool

    def holds(self, written: "WrittenBrief") -> bool:
        """Whether it counts: the brief is what was signed, and who signed could sign today, or could when it was launched."""
        return self.given.hash == written.hash and (self.is_signer or written.campaign.launched_at is not None)


@dataclass(frozen=True)
class WrittenBrief:
    """A campaign's brief as it stands, with its deliverables in their order."""

    campaign: Campaign
    brand: Brand
    brief: Brief
    deliverables: Sequence[Deliverable]

    @property
    def budget(self) -> Budget:
        return budget_of(self.brief, self.deliverables)

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything that binds."""
        return content_of(self.campaign, self.brief.brand_name or self.brand.name, self.brief, self.deliverables)

    @cached_property
    def hash(self) -> str:
        """What is signed."""
        return hash_of(self.content)


def written_briefs(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, WrittenBrief]:
    """The briefs of these campaigns, in two queries however many they are."""
    parts, heads = deliverables_by_campaign(session, campaign_ids), session.execute(_heads(), {"ids": list(campaign_ids)})
    return {campaign.id: WrittenBrief(campaign, brand, brief, parts.get(campaign.id, [])) for campaign, brand, brief in heads}


@lru_cache
def _heads() -> Select[Campaign, Brand, Brief]:
    query = select(Campaign, Brand, Brief).join(Brand, Brand.id == Campaign.brand_id).join(Brief, Brief.campaign_id == Campaign.id)
    return query.where(given(Campaign.id)).order_by(Campaign.id)


def deliverables_by_campaign(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[Deliverable]]:
    """The deliverables of these campaigns, each campaign's in their order."""
    found: dict[UUID, list[Deliverable]] = {}
    for deliverable in session.scalars(_parts(), {"ids": list(campaign_ids)}):
        found.setdefault(deliverable.campaign_id, []).append(deliverable)
    return found


@lru_cache
def _parts() -> Select[Deliverable]:
    return select(Deliverable).where(given(Deliverable.campaign_id)).order_by(Deliverable.campaign_id, Deliverable.number)


def written_brief(session: Session, campaign_id: UUID) -> WrittenBrief:
    """The campaign's brief as it stands, for whoever has found the campaign."""
    return written_briefs(session, [campaign_id])[campaign_id]


def brief_for(session: Session, campaign_id: UUID, *, by: Actor, lock: bool = False) -> WrittenBrief:
    """The brief for staff, the brand's people and finance; raises NotFound or Forbidden for everyone else."""
    campaign = find_campaign(session, campaign_id, by=by, lock=lock)
    by.require(Permission.VIEW_BRIEF, on=campaign)
    return written_brief(session, campaign_id)


def covers(session: Session, written: Collection[WrittenBrief]) -> dict[UUID, Cover]:
    """How far each of these briefs' budgets is covered."""
    found = balances_of(session, [w.campaign.id for w in written])
    return {w.campaign.id: cover_of(w.campaign, w.budget, found.get((w.campaign.id, w.brief.currency), {})) for w in written}


def cover(session: Session, written: WrittenBrief) -> Cover:
    """How far this brief's budget is covered."""
    return covers(session, [written])[written.campaign.id]


def sign_offs(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, list[GivenSignature]]:
    """Every signature that was ever given to these campaigns' briefs, oldest first."""
    found: dict[UUID, list[GivenSignature]] = {}
    for signed, is_signer in session.execute(_signed(), {"ids": list(campaign_ids)}):
        found.setdefault(signed.campaign_id, []).append(GivenSignature(signed, is_signer))
    return found


@lru_cache
def _signed() -> Select[SignOff, bool]:
    reach = (
        RoleGrant.brand_id.is_(None) | (RoleGrant.brand_id == Campaign.brand_id),
        RoleGrant.campaign_id.is_(None) | (RoleGrant.campaign_id == Campaign.id),
    )
    same = (RoleGrant.person_id == SignOff.person_id, RoleGrant.role == Role.SIGNER.value, RoleGrant.sign_off_role == SignOff.sign_off_role)
    query = select(SignOff, exists().where(*same, *reach)).join(Campaign, Campaign.id == SignOff.campaign_id)
    return query.where(given(SignOff.campaign_id)).order_by(SignOff.id)


def plan_back(session: Session, campaign: Campaign, *, at: datetime) -> list[PlannedGate]:
    """Every gate that has a date, from go-live back to the brief."""
    dates = dates_of(session, campaign)
    stage = stage_of(deliverables_of(session, campaign.id))
    gates: list[PlannedGate] = []
    after: datetime | None = None
    for gate, planned in reversed(dates.items()):
        room = _days(after - max(planned, at)) if after else None
        is_open = gate != GO_LIVE and ORDER.index(Stage(gate)) < ORDER.index(stage)
        gates.append(PlannedGate(gate, planned, _days(planned - at), room, is_open))
        after = planned
    return gates


def slack(session: Session, campaign: Campaign, stage: Stage, *, at: datetime) -> tuple[datetime | None, int | None]:
    """Go-live, and the whole days left until the gate of `stage` must open for it; below zero: late. None without a date."""
    dates = dates_of(session, campaign)
    planned = dates.get(stage) if stage in PLANNED else None
    return dates.get(GO_LIVE), _days(planned - at) if planned else None


def dates_of(session: Session, campaign: Campaign) -> dict[str, datetime]:
    """The date of each gate that has one, in the order of the mission."""
    brief = session.get_one(Brief, campaign.id)
    return {gate: planned for gate, name in PLANNED.items() if (planned := getattr(brief, name)) is not None}


def _days(span: timedelta) -> int:
    return span // DAY


def parts_of(session: Session, written: WrittenBrief, amount: int) -> Mapping[Account, int]:
    """Where money that comes in goes: it settles what is advanced first, then what was lost to a bank; the rest is held."""
    campaign_id, currency, covered = written.campaign.id, written.brief.currency, cover(session, written)
    settled = min(amount, covered.receivable)
    replaced = min(amount - settled, covered.unrecovered)
    parts = {receivable(campaign_id, currency): settled, unrecovered(campaign_id, currency): replaced}
    parts[held(campaign_id, currency)] = amount - settled - replaced
    return {account: part for account, part in parts.items() if part}


# Room for the brand to publish, ten days with a round of changes, a week to judge, a week of remixes.
DAYS_BEFORE_GO_LIVE: Mapping[str, int] = {
    "delivery_due_at": 4,
    "curation_due_at": 14,
    "collaboration_closes_at": 21,
    "call_closes_at": 28,
}


def planned_back(go_live_at: datetime) -> dict[str, datetime]:
    """The usual date of each gate, at the same time of the day as go-live in its zone."""
    return {name: go_live_at - timedelta(days=days) for name, days in DAYS_BEFORE_GO_LIVE.items()}
