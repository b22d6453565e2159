"""Where a campaign stands: each deliverable with what it waits for, and whether go-live still holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief import queries as brief_queries
from campaigns.brief import rules as brief_rules
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, stage_of
from campaigns.core.stages import Stage


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """The campaign's stage and, for each deliverable in order, what it waits for, or before its first the brief; slack may be negative."""

    stage: Stage
    deliverables: list[tuple[Deliverable, list[Blocker]]]
    before_deliverables: list[Blocker]
    go_live_at: datetime | None
    slack_days: int | None


def standing(session: Session, campaign: Campaign, *, at: datetime) -> CampaignStatus:
    """Where this campaign stands now."""
    deliverables = deliverables_of(session, campaign.id)
    waits = lifecycle.blockers(session, deliverables, at=at)
    go_live_at, slack_days = brief_queries.slack(session, campaign, stage_of(deliverables), at=at)
    before = [] if deliverables or not campaign.is_live else brief_rules.waits(session, [campaign.id], at=at)[campaign.id]
    return CampaignStatus(stage_of(deliverables), [(t, waits.get(t.id, [])) for t in deliverables], before, go_live_at, slack_days)
