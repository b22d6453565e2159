"""The security log for programs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import By, Listing, Page, Tx, page_of
from campaigns.core import security_log
from campaigns.core.security_log import SecurityEntry, SecurityEventKind

router = APIRouter(tags=["operator"])


class SecurityEventShown(BaseModel):
    """One thing that happened, or that was tried so often within an hour; `place` is the address or network that it came from."""

    id: UUID
    kind: SecurityEventKind = Field(examples=["sign_in_failed"])
    at: datetime
    last_at: datetime
    times: int = Field(examples=[3])
    person: UUID | None
    email: str | None = Field(examples=["ana@example.org"])
    subject: str
    place: str = Field(examples=["203.0.113.7"])
    detail: str = Field(examples=["POST /sign-in/{secret}: NotSignedIn"])

    @classmethod
    def of(cls, entry: SecurityEntry, email: str | None) -> "SecurityEventShown":
        return cls(
            id=entry.id, kind=SecurityEventKind(entry.kind), at=entry.at, last_at=entry.last_at, times=entry.times, person=entry.person_id,
            email=email, subject=entry.subject, place=entry.place, detail=entry.detail,
        )  # fmt: skip


class SecurityLog(Listing):
    items: list[SecurityEventShown]


@router.get("/security-log")
def show_security_log(
    session: Tx, by: By, page: Page, kind: Annotated[SecurityEventKind | None, Query(description="Only entries of this kind.")] = None
) -> SecurityLog:
    """Sign-ins, failures, tokens, and refused actions, newest first, for operators. Entries are deleted after 90 days."""
    found = security_log.entries(session, kind=kind, after=page.after, limit=page.one_more, by=by)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return SecurityLog(items=[SecurityEventShown.of(entry, email) for entry, email in shown], next=following)
