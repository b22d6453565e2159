"""Business time, which an operator may move forward in a sandbox."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import By, Tx
from api.scopes import needs_scope
from campaigns.core import clock
from campaigns.core.errors import Refusal
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings

router = APIRouter(tags=["clock"], dependencies=[needs_scope("campaign")])


class ClockFixed(Refusal):
    """Business time cannot be moved here."""


class ClockShown(BaseModel):
    """Business time, and how far it is ahead of real time; `movable` only in a sandbox."""

    business_now: datetime
    ahead_seconds: float
    movable: bool


class Jump(BaseModel):
    days: float = Field(0, ge=0, le=400, examples=[14])
    hours: float = Field(0, ge=0, le=24, examples=[0])


@router.get("/clock")
def show_clock(session: Tx) -> ClockShown:
    """Show the business time."""
    ahead = clock.offset(session).total_seconds()
    return ClockShown(business_now=clock.business_now(session), ahead_seconds=ahead, movable=settings().clock_is_movable)


@router.post("/clock")
def move_clock(body: Jump, session: Tx, by: By) -> ClockShown:
    """Move business time forward; everything that falls due in between happens at once."""
    try:
        if settings().clock_is_movable or not by.may(Permission.OPERATE):
            by.require(Permission.OPERATE)
        clock.move_clock(session, timedelta(days=body.days, hours=body.hours))  # which refuses at once where it cannot be moved
    except clock.ClockNotMovable as fixed:
        raise ClockFixed(str(fixed), field="days") from fixed
    return show_clock(session)
