"""What a dispute puts at stake in its campaign: what of it waits on people's accounts, and what was paid already and is our risk."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.payout.runs.withheld import WITHHELD_OF_CAMPAIGNS

OF_CAMPAIGN = text(f"""
    with {WITHHELD_OF_CAMPAIGNS} select
        coalesce((select amount from taken where (owner_id, currency) = (:campaign, :currency)), 0) as taken,
        coalesce((select sum(short) from short_campaign where (campaign_id, currency) = (:campaign, :currency)), 0) as short,
        coalesce((select sum(amount) from withheld_of_campaign where (campaign_id, currency) = (:campaign, :currency)), 0) as withheld,
        (select count(*) from withheld_of_campaign where (campaign_id, currency) = (:campaign, :currency)) as people
""")  # nosec B608  # noqa: S608 - the part is a constant


@dataclass(frozen=True, slots=True)
class Stake:
    """Of what banks have taken from a campaign, minor units: `held` was there, `withheld` waits for so many people, `exposed` is out."""

    taken: int
    held: int
    withheld: int
    people: int
    exposed: int


def stake_of(session: Session, campaign_id: UUID, currency: str, *, by: Actor) -> Stake:
    """How what banks have taken of a campaign's money is spread."""
    by.require(Permission.VIEW_MONEY)
    row = session.execute(OF_CAMPAIGN, {"campaign": campaign_id, "currency": currency}).one()
    taken, short, withheld = int(row.taken), int(row.short), int(row.withheld)
    return Stake(taken, taken - short, withheld, int(row.people), short - withheld)
