"""What a browser shows of a version, made as it is of a contribution, and recorded once; the version's own file is what is approved."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Showing, Version, VersionRendition
from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.event_names import EventName
from campaigns.core.people import SYSTEM
from campaigns.open_call.renditions import Original, Prepared


def original_of(session: Session, version_id: UUID) -> Original:
    """What the version's renditions are made from; the names in it stay."""
    version = session.get_one(Version, version_id)
    return Original(version_id, version.sha256, version.mime)


def record(session: Session, version_id: UUID, prepared: Prepared, *, at: datetime) -> Version:
    """Record what came of it, once. A failure shows itself in the room, beside the file."""
    version = session.get_one(Version, version_id, with_for_update=True, populate_existing=True)
    if version.showing is not Showing.PENDING:
        return version
    session.add_all(VersionRendition(version_id=version_id, **asdict(kept)) for kept in prepared.renditions)
    version.showing = Showing.READY
    if prepared.problem is not None:
        version.showing, version.show_problem = Showing.FAILED, prepared.problem
        deliverable = session.get_one(Deliverable, version.deliverable_id)
        events.record(
            session, EventName.CLIENT_DELIVERY_VERSION_UNSHOWABLE, by=SYSTEM, at=at,
            campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
            reason=prepared.problem, cut=str(version_id), number=version.number,
        )  # fmt: skip
    session.flush()
    return version
