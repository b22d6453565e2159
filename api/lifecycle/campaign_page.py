"""One campaign: where each deliverable stands, what it waits for, its way against its dates, and what happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlalchemy import select

from api.deps import page_of
from api.lifecycle.pictures import against_its_dates, sparkline
from api.lifecycle.told import in_runs, told
from api.reader import Reader, SignedIn
from api.spreadsheet import spreadsheet
from campaigns.brief import queries as brief_queries
from campaigns.core import audit
from campaigns.core.campaign import Campaign, Deliverable, StageVisit, deliverables_of, find_campaign, stage_of
from campaigns.core.cancellations import find_cancellation
from campaigns.core.people import Brand, Person, Scoped
from campaigns.core.permissions import Permission
from campaigns.core.stages import ORDER, Stage
from campaigns.open_call.call.queries import arrivals
from campaigns.open_call.queries import judges_blind
from campaigns.oversight import gates
from campaigns.oversight.gates import BlockerAction, Gate
from workers.transactions import unit_of_work

pages = APIRouter()
FACTS = 40
FACTS_AT_ONCE = 500
HEADER = ("number", "when", "who", "what", "deliverable", "reason", "hash")


@dataclass(frozen=True, slots=True)
class Door:
    """A gate as one reader meets it: where they can open it themselves, and who would get a reminder from them."""

    gate: Gate
    act: BlockerAction | None
    to_remind: int
    names: bool

    @property
    def address(self) -> str | None:
        return self.act.of(self.gate.campaign_id) if self.act else None


@pages.get("/campaigns/{campaign_id}")
def show_campaign(campaign_id: UUID, reader: SignedIn, before: Annotated[int | None, Query(ge=1, lt=2**63)] = None) -> Response:
    """The campaign's own page; who has no part in running it is led to its call."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    of_all = deliverables_of(reader.session, campaign.id)
    deliverables = [deliverable for deliverable in of_all if reader.by.may(Permission.VIEW_CAMPAIGN, on=deliverable)]
    if not deliverables and not reader.by.may(Permission.VIEW_CAMPAIGN, on=campaign):
        return RedirectResponse(f"/calls/{campaign.id}", 303)
    stage = stage_of(of_all)
    go_live_at, slack_days = brief_queries.slack(reader.session, campaign, stage, at=reader.at)
    return reader.page(
        "lifecycle/campaign.html",
        campaign=campaign,
        brand=reader.session.get_one(Brand, campaign.brand_id),
        owner=reader.session.get_one(Person, campaign.owner_id),
        stage=stage,
        deliverables=deliverables,
        returned={t.id for t in deliverables if t.is_live and t.visit > ORDER.index(t.stage) + 1},
        go_live_at=go_live_at,
        slack_days=slack_days,
        doors=_doors(campaign, deliverables, reader),
        cancellation=find_cancellation(reader.session, campaign.id) if campaign.is_live else None,
        may=_deeds(campaign, stage, reader),
        completable={t.id for t in deliverables if campaign.is_live and reader.by.may(Permission.CLOSE_COLLABORATION, on=t)},
        **_pictures(campaign, deliverables, reader),
        **_timeline(campaign, deliverables, before, reader),
    )


def _doors(campaign: Campaign, deliverables: Sequence[Deliverable], reader: Reader) -> list[Door]:
    """The gates of the campaign as a whole, and those that hold one of these deliverables."""
    seen = {deliverable.id for deliverable in deliverables}
    found = gates.gates(reader.session, campaign, at=reader.at)
    return [
        door_of(gate, reader) for gate in found if not gate.deliverables or seen & {deliverable.id for deliverable in gate.deliverables}
    ]


def door_of(gate: Gate, reader: Reader) -> Door:
    """The gate for this reader, by the deliverables that it holds."""
    act, by = gate.act, reader.by
    campaign = reader.session.get_one(Campaign, gate.campaign_id)
    things: Sequence[Scoped] = (campaign, *gate.deliverables)
    mine = act is not None and any(by.may(act.permission, on=thing) for thing in things)
    to_remind = len(gate.to_remind(by)) if by.may(Permission.REMIND, on=campaign) else 0
    return Door(gate, act if mine else None, to_remind, by.may(Permission.VIEW_TIMELINE, on=campaign))


def _deeds(campaign: Campaign, stage: Stage, reader: Reader) -> dict[str, bool]:
    """What the reader may do with the campaign as a whole now."""
    taking_contributions = stage in (Stage.OPEN_CALL, Stage.COLLABORATION)
    return {
        "pause": campaign.is_live and reader.by.may(Permission.PAUSE, on=campaign),
        "cancel": campaign.is_live and reader.by.may(Permission.CANCEL, on=campaign),
        "confirm_cancel": campaign.is_live and reader.by.may(Permission.CONFIRM_CANCEL, on=campaign),
        "extend": taking_contributions and reader.by.may(Permission.EXTEND_CALL, on=campaign),
        "send_back": campaign.is_live and reader.by.may(Permission.SEND_BACK, on=campaign),
    }


def _pictures(campaign: Campaign, deliverables: Sequence[Deliverable], reader: Reader) -> dict[str, Any]:
    query = (
        select(StageVisit)
        .where(StageVisit.deliverable_id.in_([t.id for t in deliverables]))
        .order_by(StageVisit.deliverable_id, StageVisit.number)
    )
    visits = reader.session.scalars(query).all()
    plan = brief_queries.plan_back(reader.session, campaign, at=reader.at)
    arrived = arrivals(reader.session, [campaign.id])[campaign.id] if campaign.launched_at else {}
    entered: dict[str, datetime] = {}
    for visit in sorted(visits, key=lambda visit: visit.entered_at):
        entered.setdefault(visit.stage.value, visit.entered_at)
    dates = {gate.gate: gate.planned_at for gate in reversed(plan)}
    return {
        "plan": plan[::-1],
        "entered": entered,
        "against": against_its_dates(campaign, deliverables, visits, dates, at=reader.at),
        "arrived": arrived,
        "spark_points": sparkline(arrived, at=reader.at),
    }


def _timeline(campaign: Campaign, deliverables: Sequence[Deliverable], before: int | None, reader: Reader) -> dict[str, Any]:
    if not reader.by.may(Permission.VIEW_TIMELINE, on=campaign):
        return {"timeline": None, "older": None}
    facts = audit.timeline(reader.session, campaign.id, before=before, limit=FACTS + 1)
    shown, following = page_of(facts, FACTS, lambda row: row.number)
    lines = told(shown, deliverables, blind=judges_blind(reader.by, campaign))
    return {"timeline": in_runs(lines), "older": following}


@pages.get("/campaigns/{campaign_id}/timeline.csv")
def download_timeline(campaign_id: UUID, reader: SignedIn) -> StreamingResponse:
    """Everything that happened, newest first, with the hashes that chain it."""
    campaign = find_campaign(reader.session, campaign_id, by=reader.by)
    reader.by.require(Permission.VIEW_TIMELINE, on=campaign)
    deliverables, blind = deliverables_of(reader.session, campaign.id), judges_blind(reader.by, campaign)
    return spreadsheet(f"timeline-{campaign.number}", HEADER, _facts(campaign.id, deliverables, blind))


def _facts(campaign_id: UUID, deliverables: Sequence[Deliverable], blind: bool) -> Iterator[tuple[Any, ...]]:
    """Read while it is sent, some at a time: the request's own transaction is over by then."""
    before: int | None = None
    while True:
        with unit_of_work() as session:
            facts = audit.timeline(session, campaign_id, before=before, limit=FACTS_AT_ONCE)
        for fact, line in zip(facts, told(facts, deliverables, blind=blind), strict=True):
            yield line.number, line.at, line.actor, line.sentence, line.deliverable, line.reason, fact.hash
        if len(facts) < FACTS_AT_ONCE:
            return
        before = facts[-1].number
