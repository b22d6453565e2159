"""What people earned and is not covered any more because a bank has taken the brand's payment back, and what that puts at stake."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.core.people import Actor
from campaigns.core.permissions import Permission

UNPAID = """('ready', 'sending', 'unknown')"""
# By campaign and currency, what a bank has taken beyond what is still held: `short`, and the account that it was held on.
SHORT_CAMPAIGNS = """
    taken as materialized (
        select a.owner_id, a.currency, sum(b.debits - b.credits) as amount
        from account a join balance b on b.account_id = a.id
        where a.kind in ('disputed', 'unrecovered') group by a.owner_id, a.currency having sum(b.debits - b.credits) > 0
    ), short_campaign as materialized (
        select taken.owner_id as campaign_id, taken.currency, h.id as held_id, taken.amount - (b.credits - b.debits) as short
        from taken join account h on (h.kind, h.owner_id, h.currency) = ('held', taken.owner_id, taken.currency)
        join balance b on b.account_id = h.id where taken.amount > b.credits - b.debits
    )
"""
# What each person earned of them and has not been paid: `unpaid`, of which `amount` is withheld.
WITHHELD_OF_CAMPAIGNS = f"""
    {SHORT_CAMPAIGNS}, share as materialized (
        select s.campaign_id, s.currency, s.short, p.owner_id as person_id, e.amount, b.credits - b.debits + coalesce((
                select sum(i.amount) from payout i
                where i.person_id = p.owner_id and i.currency = p.currency and i.state in {UNPAID}
            ), 0) as unpaid, coalesce((
                select sum(l.amount) from entry l join account source on source.id = l.debit_id and source.kind = 'held'
                where l.credit_id = e.credit_id and l.number > e.number
            ), 0) as later
        from short_campaign s join entry e on e.debit_id = s.held_id join account p on p.id = e.credit_id and p.kind = 'payee'
        join balance b on b.account_id = p.id
    ), still as (
        select campaign_id, currency, short, person_id, sum(least(greatest(unpaid - later, 0), amount)) as unpaid
        from share group by campaign_id, currency, short, person_id
    ), withheld_of_campaign as materialized (
        select campaign_id, currency, person_id, short, unpaid, cast(
            least(unpaid, ceil(cast(short as numeric) * unpaid / sum(unpaid) over (partition by campaign_id, currency))) as bigint
        ) as amount
        from still where unpaid > 0
    )
"""  # nosec B608  # noqa: S608 - the parts are constants
WITHHELD = f"""
    {WITHHELD_OF_CAMPAIGNS}, withheld as materialized (
        select person_id, currency, cast(sum(amount) as bigint) as amount from withheld_of_campaign group by person_id, currency
    )
"""  # nosec B608  # noqa: S608 - the part is a constant


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
