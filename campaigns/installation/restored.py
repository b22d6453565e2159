"""What a restored backup cannot know: whatever was on its way when it was taken may have arrived since, and is treated as if it had."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.brief.models import Invoice, RefundPart
from campaigns.core import clock, events
from campaigns.core.access import SignInLink, WebSession
from campaigns.core.emails import Email, EmailChunk
from campaigns.core.event_names import EventName
from campaigns.core.flow_processes import FlowProcess
from campaigns.core.heartbeat import Heartbeat
from campaigns.core.people import SYSTEM
from campaigns.core.restoration import Restoration
from campaigns.open_call.models import Upload
from campaigns.open_call.uploads import UNFINISHED
from campaigns.payout.runs.models import Payout, PayoutRun
from campaigns.payout.runs.states import OPEN_STATES


def take_up(session: Session, backup: str, taken_at: datetime) -> Restoration:
    """Take up a database restored from `backup`: nothing goes out before we have heard what happened since `taken_at`."""
    now = clock.process_now()
    then = taken_at + clock.offset(session)
    doubt_money(session, then)
    doubt_emails(session, then)
    for gone in (SignInLink, WebSession, Heartbeat, FlowProcess):
        session.execute(delete(gone))
    # Their bytes lay outside the storage.
    session.execute(delete(Upload).where(Upload.state.in_(UNFINISHED)))
    restoration = Restoration(backup=backup, taken_at=then, restored_at=now)
    session.add(restoration)
    at = clock.business_now(session)
    events.record(session, EventName.INSTALLATION_RESTORED, by=SYSTEM, at=at, backup=backup, taken_at=taken_at.isoformat())
    return restoration


def doubt_money(session: Session, taken_at: datetime) -> None:
    """Whatever was to be sent may have been, from `taken_at` on, business time: within a day under its key, later only after a look."""
    released = select(PayoutRun.id).where(PayoutRun.released_at.is_not(None))
    on_its_way = (Payout.state.in_(OPEN_STATES), Payout.run_id.in_(released))
    session.execute(update(Payout).where(*on_its_way).values(first_sent_at=_first(Payout.first_sent_at, taken_at)))
    for asked in (Invoice, RefundPart):
        session.execute(update(asked).where(asked.state == "promised").values(tried_at=_first(asked.tried_at, taken_at)))


def doubt_emails(session: Session, taken_at: datetime) -> None:
    """An email that was to go out goes out and stays uncertain, for it may come twice; an announcement to many is not sent again."""
    promised = update(Email).where(Email.state == "promised", Email.sends == 0)
    session.execute(promised.values(sends=1, tried_at=taken_at))
    announced = update(EmailChunk).where(EmailChunk.state == "promised")
    session.execute(announced.values(state="unknown", tried_at=taken_at))


def _first(moment: InstrumentedAttribute[datetime | None], taken_at: datetime) -> ColumnElement[datetime]:
    return func.coalesce(moment, taken_at)
