"""The makers of a work as the one who sends it knows them: by their addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.core import throttle
from campaigns.core.people import Actor, person_at
from campaigns.core.throttle import Rate
from campaigns.core.words import _
from campaigns.open_call.errors import UnknownMaker

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
