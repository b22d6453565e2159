"""What became of a campaign's emails."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import By, Listing, Page, Tx, page_of
from api.scopes import needs_scope
from campaigns.core import emails
from campaigns.core.campaign import find_campaign
from campaigns.core.emails import Email, EmailState
from campaigns.core.people import Person
from campaigns.open_call.credits import name_told
from campaigns.open_call.queries import judges_blind

router = APIRouter(tags=["campaign"], dependencies=[needs_scope("campaign")])


class EmailShown(BaseModel):
    """One email: an `uncertain` one may have arrived twice or never; `reason` is why one was dropped or failed."""

    id: UUID
    notification: str = Field(examples=["version_ready"])
    to: str | None = Field(description="Null in an announcement, which goes to everyone, and for blind reviewers.", examples=["Ada Okafor"])
    state: EmailState
    reason: str | None = Field(examples=["550 5.1.1 The mailbox does not exist"])
    enqueued_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, email: Email, name: str | None) -> "EmailShown":
        # A mail server may repeat the address, which is the reader's own affair.
        reason = email.reason and email.reason.replace(email.address, "…")
        return cls(
            id=email.id, notification=email.notification, to=name, state=email.state, reason=reason,
            enqueued_at=email.enqueued_at, settled_at=email.settled_at,
        )  # fmt: skip


class EmailList(Listing):
    items: list[EmailShown]


@router.get("/campaigns/{campaign_id}/emails")
def list_emails(
    campaign_id: UUID,
    session: Tx,
    by: By,
    page: Page,
    state: Annotated[EmailState | None, Query(description="Only emails in this state.")] = None,
) -> EmailList:
    """List the campaign's emails, whom each is for and its state, for those who run the campaign; newest first."""
    campaign = find_campaign(session, campaign_id, by=by)
    name = name_told(Person, by, campaign.id)
    found = emails.emails_of(session, campaign, name=name, state=state, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    blind = judges_blind(by, campaign)
    return EmailList(items=[EmailShown.of(email, None if blind else name) for email, name in shown], next=following)
