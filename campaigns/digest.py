"""The Monday digest: where a brand's campaigns stand, asked for once a week in each person's own morning."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.models import Brief
from campaigns.core import events
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import CLOCK, Brand, Person, RoleGrant
from campaigns.core.permissions import BRAND_ROLES
from campaigns.core.weeks import WeekTold

HOUR = 8
MONDAY = 1
BRANDS_SIDE = frozenset({"brand", *(role.value for role in BRAND_ROLES)})
OF_A_BRAND = (RoleGrant.role.in_(BRAND_ROLES), or_(RoleGrant.brand_id.is_not(None), RoleGrant.campaign_id.is_not(None)))


@dataclass(frozen=True, slots=True)
class CampaignDigest:
    """A campaign as the digest tells of it: what waits for the brand, and what for others, each with its deliverable."""

    campaign: Campaign
    brand: str
    go_live_at: datetime | None
    for_brand: Sequence[tuple[Deliverable, Blocker]]
    for_others: Sequence[tuple[Deliverable, Blocker]]


def begin_week(session: Session, *, at: datetime) -> list[UUID]:
    """Record that the week begins for the brands' people whose Monday morning it is, for each of them once."""
    query = select(Person.time_zone).join(RoleGrant, RoleGrant.person_id == Person.id).where(*OF_A_BRAND).distinct()
    zones = {zone: day for zone in session.scalars(query) if (day := _monday(zone, at))}
    if not zones:
        return []
    # Wherever it is Monday on earth at one moment, it is the same Monday.
    people = _untold(session, zones, next(iter(zones.values())))
    if people:
        events.record(session, EventName.BRAND_WEEK_BEGAN, by=CLOCK, at=at, people=[str(person_id) for person_id in people])
    return people


def _monday(zone: str, at: datetime) -> date | None:
    """The day there, if it is a Monday from eight o'clock on."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date() if local.isoweekday() == MONDAY and local.hour >= HOUR else None


def _untold(session: Session, zones: Collection[str], monday: date) -> list[UUID]:
    theirs = select(Person.id).join(RoleGrant, RoleGrant.person_id == Person.id).where(*OF_A_BRAND, Person.time_zone.in_(zones)).distinct()
    told = select(WeekTold.person_id).where(WeekTold.monday >= monday)
    people = sorted(session.scalars(theirs.where(Person.id.not_in(told))))
    if not people:
        return []
    new = insert(WeekTold).values([{"person_id": person_id, "monday": monday} for person_id in people])
    later = new.on_conflict_do_update(index_elements=["person_id"], set_={"monday": monday}, where=WeekTold.monday < monday)
    return sorted(session.scalars(later.returning(WeekTold.person_id)))


def where_things_stand(session: Session, people: Collection[UUID], *, at: datetime) -> dict[UUID, list[CampaignDigest]]:
    """The live campaigns of the brands of each of these people, oldest first; the number of queries does not grow."""
    grants = session.scalars(select(RoleGrant).where(*OF_A_BRAND, RoleGrant.person_id.in_(people))).all()
    told = _told(session, grants, at)
    return {
        person_id: [each for each in told if any(_reaches(g, each.campaign) for g in grants if g.person_id == person_id)]
        for person_id in people
    }


def _reaches(grant: RoleGrant, campaign: Campaign) -> bool:
    return grant.brand_id in (None, campaign.brand_id) and grant.campaign_id in (None, campaign.id)


def _told(session: Session, grants: Collection[RoleGrant], at: datetime) -> list[CampaignDigest]:
    reach = or_(Campaign.brand_id.in_([g.brand_id for g in grants]), Campaign.id.in_([g.campaign_id for g in grants]))
    live = (Campaign.done_at.is_(None), Campaign.cancelled_at.is_(None), reach)
    query = select(Campaign, Brand.name, Brief.go_live_at).join(Brand, Brand.id == Campaign.brand_id)
    rows = session.execute(query.outerjoin(Brief, Brief.campaign_id == Campaign.id).where(*live).order_by(Campaign.id)).all()
    of_them = (
        select(Deliverable)
        .where(Deliverable.campaign_id.in_([row[0].id for row in rows]))
        .order_by(Deliverable.campaign_id, Deliverable.number)
    )
    deliverables = session.scalars(of_them).all()
    waits = lifecycle.blockers(session, deliverables, at=at)
    return [_of(campaign, brand, go_live_at, deliverables, waits) for campaign, brand, go_live_at in rows]


def _of(
    campaign: Campaign, brand: str, go_live_at: datetime | None, deliverables: Sequence[Deliverable], waits: Mapping[UUID, list[Blocker]]
) -> CampaignDigest:
    theirs = [
        (deliverable, wait)
        for deliverable in deliverables
        if deliverable.campaign_id == campaign.id
        for wait in waits.get(deliverable.id, ())
    ]
    for_brand = [each for each in theirs if each[1].waits_for in BRANDS_SIDE]
    return CampaignDigest(campaign, brand, go_live_at, for_brand, [each for each in theirs if each not in for_brand])
