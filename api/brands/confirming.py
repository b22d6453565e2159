"""The link in the email to a brand's billing address: whoever has it says, by one click, who appoints for the brand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.auth import one_try
from api.brands.routes import AdministratorAsked
from api.deps import At, Tx
from api.reader import Visitor
from campaigns.core import administrators, billing
from campaigns.core.people import Person

router = APIRouter()
pages = APIRouter()
Secret = Annotated[str, Path(max_length=100)]


class Confirmation(BaseModel):
    secret: str = Field(max_length=100, description="The last part of the link in the email to the billing address.")


@router.post("/administrators/confirmation", dependencies=[Depends(one_try)])
def confirm_administrator(body: Confirmation, session: Tx, at: At) -> AdministratorAsked:
    """Confirm a brand administrator with the secret from the link sent to the brand's billing email."""
    return AdministratorAsked.of(administrators.confirm_administrator(session, body.secret, at=at))


@pages.get("/administrators/{secret}", response_class=HTMLResponse)
def ask_confirmation(secret: Secret, visitor: Visitor) -> HTMLResponse:
    """Ask for a click: mail scanners follow links, and must not appoint anyone."""
    asked, brand = administrators.asked_by_link(visitor.session, secret, was_used=True)
    person, asker = (visitor.session.get_one(Person, each) for each in (asked.person_id, asked.asked_by))
    is_done = asked.confirmed_at is not None
    return visitor.page(
        "brands/confirm.html", secret=secret, brand=brand, person=person, asker=asker, is_done=is_done,
        alike=administrators.alike(visitor.session, asked), silent=billing.why_silent(brand, visitor.at),
    )  # fmt: skip


@pages.post("/administrators/{secret}", dependencies=[Depends(one_try)])
def confirm(secret: Secret, visitor: Visitor) -> RedirectResponse:
    """Spend the link; its page says from now on that it was."""
    administrators.confirm_administrator(visitor.session, secret, at=visitor.at)
    return visitor.done(f"/administrators/{secret}")
