"""One thing that waits for somebody, and what waits for a second person or an operator beside all stages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import anchor_files, clock
from campaigns.core.appointing.queries import awaiting_confirmation
from campaigns.core.campaign import Campaign, Deliverable, in_reach_of
from campaigns.core.cancellations import Cancellation
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission
from campaigns.core.words import _, n_

BROKEN_ANCHORS_SHOWN_FOR = timedelta(days=14)


@dataclass
class Need:
    """One thing to do, at `address`; `deliverables` wait for it, `campaign` is None for what concerns no campaign."""

    code: str
    message: str
    address: str
    since: datetime | None = None
    due: datetime | None = None
    campaign: Campaign | None = None
    deliverables: list[Deliverable] = field(default_factory=list)
    gate: str = ""

    @property
    def notification(self) -> str:
        """What it is snoozed under."""
        return f"need {self.gate or self.code} {self.campaign.id if self.campaign else self.address}"


def needs_of(session: Session, by: Actor, _at: datetime) -> Iterator[Need]:
    """Roles and cancellations that the actor may confirm, and a broken anchor file."""
    count, since = awaiting_confirmation(session, by=by)
    if count:
        message = n_(
            "{count} role that involves money needs a second person.", "{count} roles that involve money need a second person.", count
        )
        yield Need("appointments", message, "/appointments", since)
    if by.may(Permission.OPERATE):
        yield from _anchors(session)
    if by.granting(Permission.CONFIRM_CANCEL):
        yield from _cancellations(session, by)


def _cancellations(session: Session, by: Actor) -> Iterator[Need]:
    """Requests to cancel a campaign that the actor may confirm: those of others."""
    query = (
        select(Campaign, Cancellation.asked_at)
        .join(Cancellation, Cancellation.campaign_id == Campaign.id)
        .where(Cancellation.confirmed_at.is_(None), Cancellation.dropped_at.is_(None), Cancellation.asked_by != by.person)
        .where(in_reach_of(by.granting(Permission.CONFIRM_CANCEL)), Campaign.done_at.is_(None))
    )
    for campaign, since in session.execute(query.order_by(Campaign.id)):
        message = _("Someone has asked to cancel this campaign; a second person has to confirm it or keep the campaign.")
        yield Need("cancellation", message, f"/campaigns/{campaign.id}/cancel", since, campaign=campaign)


def _anchors(session: Session) -> Iterator[Need]:
    """That the file of anchors had to be begun anew a short time ago."""
    file = anchor_files.present(session)
    if file and file.because and file.begun_at > clock.process_now() - BROKEN_ANCHORS_SHOWN_FOR:
        message = _("The anchor file was incomplete, so Callboard started a new one: compare the last entries with your daily emails.")
        yield Need("anchors", message, "/status/security", file.begun_at)
