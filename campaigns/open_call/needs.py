"""What of a call waits for its manager, and for whoever is named as a maker."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.words import n_
from campaigns.open_call.makers.queries import asked_of
from campaigns.open_call.questions.queries import waiting_for


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """Questions about the calls of the actor's own campaigns, and contributions that name the actor as a maker."""
    for campaign, count, since in waiting_for(session, by=by):
        message = n_("{count} question about the call needs an answer.", "{count} questions about the call need an answer.", count)
        yield Need("questions", message, f"/calls/{campaign.id}#questions", since, campaign=campaign)
    if named := asked_of(session, by=by):
        message = n_(
            "{count} contribution names you as a maker: confirm or decline it.",
            "{count} contributions name you as a maker: confirm or decline them.",
            len(named),
        )
        yield Need("namings", message, f"/me/contributions/{named[0].id}", named[0].received_at)
