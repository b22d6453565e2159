"""What became of a campaign's letters."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import By, Listing, Page, Tx
from api.scopes import needs_scope
from campaigns.core import mail
from campaigns.core.campaign import find_campaign
from campaigns.core.mail import Mail, MailState
from campaigns.core.people import Person
from campaigns.open_call.crediting import name_told
from campaigns.open_call.queries import judges_blind

router = APIRouter(tags=["campaign"], dependencies=[needs_scope("campaign")])


class LetterShown(BaseModel):
    """One email: an `uncertain` one may have arrived twice or never; `reason` is why one was dropped or failed."""

    id: UUID
    notice: str = Field(examples=["version_ready"])
    to: str | None = Field(description="Null in an announcement, which goes to everyone, and for blind reviewers.", examples=["Ada Okafor"])
    state: MailState
    reason: str | None = Field(examples=["550 5.1.1 The mailbox does not exist"])
    promised_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, letter: Mail, name: str | None) -> "LetterShown":
        # A mail server may repeat the address, which is the reader's own affair.
        reason = letter.reason and letter.reason.replace(letter.address, "…")
        return cls(
            id=letter.id, notice=letter.notice, to=name, state=letter.state, reason=reason,
            promised_at=letter.promised_at, settled_at=letter.settled_at,
        )  # fmt: skip


class LetterList(Listing):
    items: list[LetterShown]


@router.get("/campaigns/{campaign_id}/letters")
def list_letters(
    campaign_id: UUID,
    session: Tx,
    by: By,
    page: Page,
    state: Annotated[MailState | None, Query(description="Only emails in this state.")] = None,
) -> LetterList:
    """List the campaign's emails, whom each is for and its state, for those who run the campaign; newest first."""
    campaign = find_campaign(session, campaign_id, by=by)
    name = name_told(Person, by, campaign.id)
    found = mail.letters_of(session, campaign, name=name, state=state, after=page.after, limit=page.one_more, by=by)
    blind = judges_blind(by, campaign)
    items = [LetterShown.of(letter, None if blind else name) for letter, name in found[: page.limit]]
    return LetterList(items=items, next=items[-1].id if len(found) > page.limit else None)
