"""What waits for one, what one was told, what one looks for, and where one is signed in; for programs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import At, By, Listing, Page, Tx, page_of
from api.everyone import need_places, session_places
from api.everyone.browsers import browser_name
from api.everyone.need_places import NeedPage
from api.everyone.notification_pages import secret_notifications
from api.everyone.session_places import SessionPage
from api.forms import Day
from api.scopes import needs_scope
from campaigns.core import access
from campaigns.core.dismissals import bring_back
from campaigns.core.emails import emails_to
from campaigns.core.stages import Stage
from campaigns.open_call.media.formats import MediaKind
from campaigns.oversight.needs import dismiss, needs
from campaigns.oversight.searches import search
from notifications.sender import EmailKind
from notifications.unsubscribing import subscribe, subscriptions

router = APIRouter(dependencies=[needs_scope("account")])


class NeedShown(BaseModel):
    """One thing that needs you; `address` is the page to do it on."""

    notification: str
    code: str
    message: str
    address: str
    since: datetime | None
    due: datetime | None
    campaign: UUID | None
    deliverables: list[UUID]


class NeedList(BaseModel):
    items: list[NeedShown]
    next: str | None = None


class NotificationNamed(BaseModel):
    """A task by its `notification`, or an email by “email ” and its id."""

    notification: str = Field(max_length=160, examples=["email 01937a5c-2f4e-7c3a-9b1d-5e6f7a8b9c0d"])


class DismissalForm(NotificationNamed):
    until: Day | None = Field(
        default=None, description="A day within the next month to snooze until; without one, the email is done.", examples=["2026-12-01"]
    )


class ReceivedEmailShown(BaseModel):
    id: UUID
    notification: str
    subject: str
    text: str
    enqueued_at: datetime
    campaign: str | None


class ReceivedEmailList(Listing):
    items: list[ReceivedEmailShown]


class SubscriptionShown(BaseModel):
    """A kind of email that you can unsubscribe from, and whether you get it."""

    kind: EmailKind = Field(examples=["digest"])
    is_on: bool


class CampaignFound(BaseModel):
    id: UUID
    number: int | None = Field(description="For staff only.")
    title: str
    brand: str
    stage: Stage


class ContributionFound(BaseModel):
    id: UUID
    title: str
    kind: MediaKind
    campaign: str
    makers: list[str]


class PersonFound(BaseModel):
    """A person, for staff who work on all campaigns."""

    id: UUID
    name: str
    email: str
    roles: list[str]


class Findings(BaseModel):
    """Search results, best first, at most twenty of each kind."""

    campaigns: list[CampaignFound]
    contributions: list[ContributionFound]
    people: list[PersonFound]


class SessionShown(BaseModel):
    """A browser in which you are signed in, by its `key`; `proven_at` is when you last used a passkey or a code there."""

    key: str
    browser: str
    place: str | None
    created_at: datetime
    last_seen_at: datetime
    proven_at: datetime | None


class SessionList(BaseModel):
    items: list[SessionShown]
    next: str | None = None


class SubscriptionList(Listing):
    items: list[SubscriptionShown]


@router.get("/me/needs", tags=["people"])
def list_needs(session: Tx, by: By, at: At, page: NeedPage) -> NeedList:
    """List what needs you now and is not snoozed, across all campaigns; earliest due date first."""
    found = need_places.behind(page.after, needs(session, by=by, at=at))
    shown, following = page_of(found, page.limit, need_places.place_of)
    items = [
        NeedShown(
            notification=need.notification, code=need.code, message=need.message, address=need.address, since=need.since, due=need.due,
            campaign=need.campaign.id if need.campaign else None, deliverables=[deliverable.id for deliverable in need.deliverables],
        )
        for need in shown
    ]  # fmt: skip
    return NeedList(items=items, next=following)


@router.put("/me/notifications/dismissed", status_code=204, tags=["people"])
def dismiss_notification(asked: DismissalForm, session: Tx, by: By, at: At) -> None:
    """Snooze a notification until the morning of a day, or mark an email as done. What needs you returns automatically."""
    dismiss(session, asked.notification, asked.until, by=by, at=at)


@router.put("/me/notifications/back", status_code=204, tags=["people"])
def bring_notification_back(asked: NotificationNamed, session: Tx, by: By) -> None:
    """Return a snoozed or done notification to the list."""
    bring_back(session, asked.notification, by=by)


@router.get("/me/emails", tags=["people"])
def list_emails(session: Tx, by: By, page: Page) -> ReceivedEmailList:
    """List the emails that you were sent, newest first, except those that contain a secret."""
    found = emails_to(session, by=by, but=secret_notifications(), after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda told: told.id)
    return ReceivedEmailList(items=[ReceivedEmailShown.model_validate(told, from_attributes=True) for told in shown], next=following)


@router.get("/me/subscriptions", tags=["people"], dependencies=[needs_scope("profile")])
def list_subscriptions(session: Tx, by: By) -> SubscriptionList:
    """List the kinds of emails that you can unsubscribe from, and whether you get them."""
    return SubscriptionList(items=[SubscriptionShown(kind=kind, is_on=is_on) for kind, is_on in subscriptions(session, by=by).items()])


@router.put("/me/subscriptions/{kind}", status_code=204, tags=["people"], dependencies=[needs_scope("profile")])
def get_emails(kind: str, session: Tx, by: By, at: At) -> None:
    """Subscribe to emails of this kind."""
    subscribe(session, kind, True, by=by, at=at)


@router.delete("/me/subscriptions/{kind}", status_code=204, tags=["people"], dependencies=[needs_scope("profile")])
def do_without(kind: str, session: Tx, by: By, at: At) -> None:
    """Unsubscribe from emails of this kind; you always get those about what needs you, your contributions and your money."""
    subscribe(session, kind, False, by=by, at=at)


@router.get("/search", tags=["people"], dependencies=[needs_scope("campaign")])
def find(session: Tx, by: By, q: Annotated[str, Query(max_length=200, description="At least two characters.")] = "") -> Findings:
    """Find campaigns, contributions and people by name, among those that you can see."""
    return Findings.model_validate(search(session, q, by=by), from_attributes=True)


@router.get("/sessions", tags=["sign-in"])
def list_sessions(session: Tx, by: By, page: SessionPage) -> SessionList:
    """List the browsers in which you are signed in, most recent sign-in first."""
    found = access.sessions(session, by=by, after=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, session_places.place_of)
    return SessionList(
        items=[
            SessionShown(
                key=s.digest, browser=browser_name(s.agent), place=s.place, created_at=s.created_at,
                last_seen_at=s.last_seen_at, proven_at=s.proven_at,
            )
            for s in shown
        ],
        next=following,
    )  # fmt: skip


@router.delete("/sessions/{key}", status_code=204, tags=["sign-in"])
def end_session(key: str, session: Tx, by: By) -> None:
    """Sign out one of your browsers."""
    access.end_session(session, key, by=by)
