"""Who judges works blind reads nowhere else whose they are, whatever other role they have, until all is chosen."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.people import Actor
from campaigns.core.stages import ORDER, Stage
from campaigns.core.words import _
from campaigns.curation.errors import SeesNoNames
from campaigns.open_call.queries import judges_blind


def judges_still(session: Session, deliverables: Sequence[Deliverable], *, by: Actor) -> bool:
    """Whether the actor curates in the campaign of these deliverables, be it one of them, while any of its own is before its selection."""
    judged = (Deliverable.campaign_id == deliverables[0].campaign_id, Deliverable.stage.in_(ORDER[: ORDER.index(Stage.CLIENT_DELIVERY)]))
    return judges_blind(by, deliverables[0]) and bool(session.scalar(select(exists().where(*judged))))


def require_sighted(session: Session, deliverables: Sequence[Deliverable], *, by: Actor) -> None:
    """Raise SeesNoNames while the actor still judges works of these deliverables' campaign."""
    if judges_still(session, deliverables, by=by):
        raise SeesNoNames(_("You still review works of this campaign blind. You can see this after the last selection."))
