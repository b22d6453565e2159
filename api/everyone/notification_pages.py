"""What waits for the reader, apart from what they were told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import Page, Paging, page_of
from api.formats import day, written_for
from api.problem_pages import own_address
from api.reader import Reader, SignedIn
from api.spreadsheet import spreadsheet
from campaigns.core.dismissals import bring_back
from campaigns.core.emails import ReceivedEmail, emails_to
from campaigns.core.needs import Need
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.oversight.needs import dismiss, needs, snoozed
from notifications.registry import NOTIFICATIONS

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class EmailItem:
    """An email, and where its link leads; its text without the link, and without what stands below every email."""

    told: ReceivedEmail
    text: str
    address: str | None

    @classmethod
    def of(cls, told: ReceivedEmail) -> "EmailItem":
        before, _link, _after = told.text.partition("\n--\n")
        paragraphs = [words for words in before.split("\n\n") if settings().public_url not in words]
        return cls(told, "\n\n".join(paragraphs).strip(), address_in(told.text))


class NotificationForm(BaseModel):
    """A notification, and the day on which it is shown again; without one, never."""

    notification: str = Field(max_length=160)
    until: date | None = None


@pages.get("/notifications", response_class=HTMLResponse)
def show_notifications(reader: SignedIn, page: Page) -> HTMLResponse:
    """What needs the reader, by campaign, and what is only for their information."""
    waiting = [] if page.after else needs(reader.session, by=reader.by, at=reader.at)
    emails, older = told(reader, page, dismissed=False)
    return reader.page(
        "everyone/notifications.html",
        groups=grouped(waiting),
        count=len(waiting),
        is_first=page.after is None,
        emails=emails,
        days=days_ahead(reader),
        next=older,
    )


@pages.get("/notifications/dismissed", response_class=HTMLResponse)
def show_dismissed(reader: SignedIn, page: Page) -> HTMLResponse:
    """What the reader has snoozed, and the emails that they have dismissed."""
    later = [] if page.after else snoozed(reader.session, by=reader.by, at=reader.at)
    emails, older = told(reader, page, dismissed=True)
    return reader.page("everyone/dismissed.html", later=later, emails=emails, next=older)


@pages.post("/notifications/dismissed")
def dismiss_notification(reader: SignedIn, form: Annotated[NotificationForm, Form()]) -> RedirectResponse:
    """Dismiss an email, or snooze a notification to a later day."""
    dismiss(reader.session, form.notification, form.until, by=reader.by, at=reader.at)
    with written_for(reader):
        said = _("Snoozed until {day}.", day=day(form.until).striptags()) if form.until else _("Archived.")
    return reader.done("/notifications", said)


@pages.post("/notifications/back")
def bring_notification_back(reader: SignedIn, form: Annotated[NotificationForm, Form()]) -> RedirectResponse:
    """Return a snoozed or done notification to the list."""
    bring_back(reader.session, form.notification, by=reader.by)
    return reader.done("/notifications/dismissed", _("It is back in your notifications."))


def told(reader: Reader, page: Paging[UUID], *, dismissed: bool) -> tuple[list[EmailItem], UUID | None]:
    """One page of emails to the reader, and the last one's id where older ones follow."""
    found = emails_to(
        reader.session, by=reader.by, but=secret_notifications(), dismissed=dismissed, at=reader.at, after=page.after, limit=page.one_more
    )
    shown, following = page_of(found, page.limit, lambda each: each.id)
    return [EmailItem.of(each) for each in shown], following


def days_ahead(reader: Reader) -> list[tuple[date, str]]:
    """To which days one snoozes a notification."""
    today = reader.at.astimezone(reader.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    named = ((today + timedelta(days=1), _("Tomorrow")), (today + timedelta(days=3), _("In three days")), (monday, _("Next Monday")))
    return list({each: (each, name) for each, name in reversed(named)}.values())[::-1]


@pages.get("/notifications/count")
def count_needs(reader: SignedIn) -> dict[str, int]:
    """How many things wait for the reader now, for the bar of the page that they look at."""
    return {"needed": len(needs(reader.session, by=reader.by, at=reader.at))}


@pages.get("/notifications.csv")
def download_emails(reader: SignedIn) -> StreamingResponse:
    """Every email that the reader was sent."""
    emails = emails_to(reader.session, by=reader.by, but=secret_notifications())
    header = (_("When"), _("Campaign"), _("Subject"), _("Email"))
    return spreadsheet("emails", header, ((told.enqueued_at, told.campaign, told.subject, told.text) for told in emails))


def grouped(waiting: Sequence[Need]) -> list[tuple[str | None, list[Need]]]:
    """The needs by campaign, in the order of each one's first; None for what concerns the platform or the reader alone."""
    groups: dict[str | None, list[Need]] = {}
    for need in waiting:
        groups.setdefault(need.campaign.title if need.campaign else None, []).append(need)
    return list(groups.items())


def secret_notifications() -> frozenset[str]:
    """The notifications whose emails carry a secret, and are not shown again."""
    return frozenset(notification.name for notification in NOTIFICATIONS.values() if notification.secret)


def address_in(text: str) -> str | None:
    """Where the email's link leads, as an address of ours."""
    found = re.search(re.escape(settings().public_url) + r"(/\S*)", text)
    return own_address(unquote(found[1])) if found else None
