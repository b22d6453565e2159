"""Holds over HTTP: whose payments stand still, why, and until when."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from api.deps import At, By, FromRow, Listing, OnlyOnce, Page, Tx, page_of
from api.forms import ReasonForm
from campaigns.payout.holds import actions as hold_actions
from campaigns.payout.holds import queries as hold_queries
from campaigns.payout.holds.models import Hold

router = APIRouter(prefix="/payouts")


class HoldForm(ReasonForm):
    person: UUID


class HoldShown(FromRow):
    id: UUID
    person_id: UUID
    reason: str
    placed_at: datetime
    lifted_at: datetime | None

    @classmethod
    def of(cls, hold: Hold) -> "HoldShown":
        return cls.model_validate(hold)


class HoldListed(HoldShown):
    """An open hold, and the name of whom it keeps from being paid."""

    name: str
    placed_by: UUID | None = Field(description="Null if a refused payment placed the hold automatically.")


class HoldList(Listing):
    items: list[HoldListed]


@router.get("/holds")
def list_holds(session: Tx, by: By, page: Page) -> HoldList:
    """People whose payments are on hold, why, and since when, newest first."""
    found = hold_queries.holds(session, by=by, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row[0].id)
    return HoldList(
        items=[HoldListed(**HoldShown.of(hold).model_dump(), name=name, placed_by=hold.placed_by) for hold, name in shown], next=following
    )


@router.post("/holds", status_code=201, response_model=HoldShown)
def hold(body: HoldForm, session: Tx, by: By, at: At, once: OnlyOnce) -> HoldShown | Response:
    """Put a person's payments on hold. Earnings stay in their balance until the hold is lifted."""
    return once(lambda: HoldShown.of(hold_actions.hold_payments(session, body.person, body.reason, by=by, at=at)))


@router.delete("/holds/{person_id}")
def lift_hold(person_id: UUID, session: Tx, by: By, at: At) -> HoldShown:
    """Lift the hold. The person is paid from the next run on."""
    return HoldShown.of(hold_actions.lift_hold(session, person_id, by=by, at=at))
