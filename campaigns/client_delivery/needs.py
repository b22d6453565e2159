"""What of a version or a package waits for its makers and for curators."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.client_delivery.makers.queries import versions_asked_of
from campaigns.client_delivery.packages.queries import unsettled_in_packages
from campaigns.core.needs import Need
from campaigns.core.people import Actor
from campaigns.core.words import n_

MOST_ASKED = 100


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """Versions that name the actor as a maker, and claims about delivered contributions that a curator decides."""
    if versions := versions_asked_of(session, by=by, limit=MOST_ASKED):
        message = n_(
            "{count} version names you as a maker: confirm or decline it.",
            "{count} versions name you as a maker: confirm or decline them.",
            len(versions),
        )
        yield Need("version_namings", message, "/me/versions", min(each.version.made_at for each in versions))
    for campaign, unsettled in unsettled_in_packages(session, by=by):
        message = n_(
            "{count} claim about a delivered contribution needs a curator.",
            "{count} claims about delivered contributions need a curator.",
            len(unsettled),
        )
        yield Need("delivered_unsettled", message, f"/campaigns/{campaign.id}/claims", campaign=campaign)
