"""What of a lineage waits for the people of the contributions in it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.collaboration.claims.queries import claims_to_answer
from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.words import n_

MOST_ASKED = 100


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """Claimed influences that the actor confirms or declines for the other side, or decides."""
    asked = claims_to_answer(session, by=by, limit=MOST_ASKED)
    if asked:
        message = n_("{count} claimed influence needs your answer.", "{count} claimed influences need your answer.", len(asked))
        yield Need("claims", message, "/me/claims", min(each.source.claimed_at for each in asked))
