"""Who was named as a maker and has not answered, and the makers as whoever sends a contribution knows them: by their addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import throttle
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.people import Actor, person_at
from campaigns.core.permissions import Permission
from campaigns.core.throttle import Rate
from campaigns.core.words import _
from campaigns.open_call.errors import UnknownMaker
from campaigns.open_call.models import Contribution, ContributionState, NamedMaker

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LONGEST_ADDRESS = 254
NAMED_BY_ONE = Rate(burst=20, every=timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Named:
    """Makers with their shares, and the addresses of those who were named by one."""

    shares: Mapping[UUID, int]
    addresses: Mapping[UUID, str]


def makers_at(session: Session, own_shares: int, others: Sequence[tuple[str, int]], *, by: Actor) -> Named:
    """The actor and those who made it with them; someone new becomes known, to whom the makers' email goes too.

    Nothing in the answer tells whether an address was known before. Raises UnknownMaker for what is no address or is named twice,
    TooMany for whoever names one address after another.
    """
    makers, addresses = {by.person: own_shares}, dict[UUID, str]()
    for typed, shares in others:
        address = typed.strip()
        if not ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
            raise UnknownMaker(_("“{address}” is not an email address. Use the form ana@example.org.", address=address), field="maker")
        throttle.take(session, f"makers named by {by.person}", NAMED_BY_ONE)
        maker = person_at(session, address)
        if maker.id in makers:
            raise UnknownMaker(_("{address} is listed twice or is your own address.", address=address), field="maker")
        makers[maker.id], addresses[maker.id] = shares, address
    return Named(makers, addresses)


UNANSWERED = NamedMaker.confirmed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A contribution, and how many were named as its makers and have not confirmed it."""

    contribution: Contribution
    count: int


def unanswered_of(session: Session, campaign_id: UUID, *, by: Actor, after: UUID | None = None, limit: int = 30) -> Sequence[Unanswered]:
    """The campaign's contributions that somebody was named a maker of who has not answered, oldest first; not who that is."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.END_NAMINGS, on=campaign)
    query = select(Contribution, func.count()).join(NamedMaker, NamedMaker.contribution_id == Contribution.id)
    query = query.where(Contribution.campaign_id == campaign_id, UNANSWERED, Contribution.state != ContributionState.WITHDRAWN)
    query = query.where(Contribution.id > after) if after else query
    return [Unanswered(*row) for row in session.execute(query.group_by(Contribution.id).order_by(Contribution.id).limit(limit))]


def asked_of(session: Session, *, by: Actor) -> list[Contribution]:
    """The contributions that the actor was named a maker of and has not answered for."""
    query = select(Contribution).join(NamedMaker, NamedMaker.contribution_id == Contribution.id).order_by(Contribution.id)
    query = query.join(Campaign, Campaign.id == Contribution.campaign_id).where(Campaign.done_at.is_(None), Campaign.settled_at.is_(None))
    return list(
        session.scalars(query.where(NamedMaker.person_id == by.person_id, UNANSWERED, Contribution.state != ContributionState.WITHDRAWN))
    )
