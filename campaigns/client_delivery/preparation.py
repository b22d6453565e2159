"""What a browser shows of a version, made as it is of a work, and recorded once; the version's own file is what is approved."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Cut, CutRendition, Showing
from campaigns.core import events
from campaigns.core.campaign import Deliverable
from campaigns.core.people import HOUSE
from campaigns.open_call.preparation import Original, Prepared


def original_of(session: Session, cut_id: UUID) -> Original:
    """What the version's renditions are made from; the names in it stay."""
    cut = session.get_one(Cut, cut_id)
    return Original(cut_id, cut.sha256, cut.mime)


def record(session: Session, cut_id: UUID, prepared: Prepared, *, at: datetime) -> Cut:
    """Record what came of it, once. A failure shows itself in the room, beside the file."""
    cut = session.get_one(Cut, cut_id, with_for_update=True, populate_existing=True)
    if cut.showing is not Showing.PENDING:
        return cut
    session.add_all(CutRendition(cut_id=cut_id, **asdict(kept)) for kept in prepared.renditions)
    cut.showing = Showing.READY
    if prepared.problem is not None:
        cut.showing, cut.show_problem = Showing.FAILED, prepared.problem
        deliverable = session.get_one(Deliverable, cut.deliverable_id)
        events.record(
            session, "client_delivery.version_unshowable", by=HOUSE, at=at,
            campaign_id=deliverable.campaign_id, deliverable_id=deliverable.id,
            reason=prepared.problem, cut=str(cut_id), number=cut.number,
        )  # fmt: skip
    session.flush()
    return cut
