"""Cancelling a campaign, as a page: what it does and costs now, who asks for it, and the second person's answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.forms import ReasonForm
from api.lifecycle.cancelling import CancellationConfirmation, asked_of
from api.reader import SignedIn
from campaigns.administration import cancellations
from campaigns.brief.queries import written_brief
from campaigns.core.cancellations import find_cancellation
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.payout.kill_fees.queries import bases_of

pages = APIRouter()


@pages.get("/campaigns/{campaign_id}/cancel")
def ask_cancel(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """What cancelling would cost and do now, and who asks for it."""
    shown = cancellations.preview(reader.session, campaign_id, by=reader.by)
    written, asked = written_brief(reader.session, campaign_id), find_cancellation(reader.session, campaign_id)
    may_confirm = asked is not None and reader.by.may(Permission.CONFIRM_CANCEL, on=written.campaign)
    return reader.page(
        "lifecycle/cancel.html",
        campaign=written.campaign,
        written=written,
        preview=shown,
        bases=bases_of(reader.session, campaign_id, shown.owed, by=reader.by),
        asked=asked_of(reader.session, asked),
        may_ask=asked is None and reader.by.may(Permission.CANCEL, on=written.campaign),
        may_confirm=may_confirm and asked is not None and asked.asked_by != reader.by.person,
    )


@pages.post("/campaigns/{campaign_id}/cancel")
def cancel(campaign_id: UUID, form: Annotated[ReasonForm, Form()], reader: SignedIn) -> RedirectResponse:
    """End the partnership, or ask another person to confirm that it ends."""
    campaign = cancellations.cancel(reader.session, campaign_id, form.reason, by=reader.by, at=reader.at)
    if campaign.cancelled_at:
        return reader.done(f"/campaigns/{campaign_id}", _("Campaign canceled. Everyone in it is notified, with your reason."))
    return reader.done(f"/campaigns/{campaign_id}/cancel", _("Another person has to confirm. They are notified by email."))


@pages.post("/campaigns/{campaign_id}/cancel/confirm")
def confirm(campaign_id: UUID, form: Annotated[CancellationConfirmation, Form()], reader: SignedIn) -> RedirectResponse:
    """End the partnership, as the second person."""
    cancellations.confirm_cancel(reader.session, campaign_id, form.preview, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("Campaign canceled. Everyone in it is notified, with the reason."))


@pages.post("/campaigns/{campaign_id}/cancel/keep")
def keep(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Keep the campaign after all."""
    cancellations.keep_campaign(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("The campaign continues. The cancellation request was dropped."))
