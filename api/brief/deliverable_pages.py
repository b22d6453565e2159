"""What is to be delivered, piece by piece: added, written anew, taken out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.brief.steps import step_address
from api.everyone.choices import Choices
from api.reader import OnceForm, Reader, SignedIn
from campaigns.brief import queries
from campaigns.brief.deliverables import actions as deliverable_actions
from campaigns.brief.deliverables.actions import DeliverableOrder
from campaigns.core.money import exponent, minor_units
from campaigns.core.permissions import Permission
from campaigns.core.words import _

pages = APIRouter()


class PieceForm(BaseModel):
    """A deliverable as it is typed; the price in whole units of the brief's currency."""

    title: str = Field(max_length=160)
    kind: str = Field(max_length=20)
    format: str = Field(max_length=160)
    length: str = Field(max_length=80)
    price: str = Field(max_length=40)

    def wanted(self, currency: str) -> DeliverableOrder:
        """What it asks for, in minor units; raises InvalidAmount."""
        price = minor_units(self.price.strip(), currency, field="price")
        return DeliverableOrder(self.title, self.kind, self.format, self.length, price)


class NewPieceForm(OnceForm, PieceForm):
    """A deliverable that is not there yet."""


def kind_choices() -> Choices:
    """The kinds of deliverables, by their names."""
    return [("film", _("Film")), ("picture", _("Picture")), ("sound", _("Sound")), ("text", _("Text")), ("other", _("Other"))]


def typed_price(price: int, currency: str) -> str:
    """A price as it is typed: without its currency and separators."""
    decimals = exponent(currency)
    units, minor = divmod(price, 10**decimals)
    return f"{units}.{minor:0{decimals}}" if minor else str(units)


def _currency(campaign_id: UUID, reader: Reader) -> str:
    return queries.brief_for(reader.session, campaign_id, by=reader.by).brief.currency


@pages.post("/campaigns/{campaign_id}/brief/deliverables")
def add_piece(campaign_id: UUID, form: Annotated[NewPieceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Add something to deliver."""
    wanted = form.wanted(_currency(campaign_id, reader))

    def deed() -> tuple[str, str]:
        deliverable_actions.add_deliverable(reader.session, campaign_id, wanted, by=reader.by, at=reader.at)
        return step_address(campaign_id, "deliverables"), _("“{title}” has been added to the brief.", title=wanted.title.strip())

    return reader.once(form, deed)


@pages.get("/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}")
def show_piece(campaign_id: UUID, deliverable_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One deliverable, to be written anew or taken out."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    reader.by.require(Permission.EDIT_BRIEF, on=written.campaign)
    piece = deliverable_actions.deliverable_in(written, deliverable_id)
    return reader.page(
        "brief/deliverable.html",
        written=written,
        piece=piece,
        price=typed_price(piece.price, written.brief.currency),
        kinds=kind_choices(),
    )


@pages.post("/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}")
def write_piece(campaign_id: UUID, deliverable_id: UUID, form: Annotated[PieceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Write a deliverable anew."""
    wanted = form.wanted(_currency(campaign_id, reader))
    deliverable_actions.edit_deliverable(reader.session, campaign_id, deliverable_id, wanted, by=reader.by, at=reader.at)
    return reader.done(step_address(campaign_id, "deliverables"), _("Saved."))


@pages.post("/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}/remove")
def remove_piece(campaign_id: UUID, deliverable_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Take a deliverable out of the brief."""
    deliverable_actions.remove_deliverable(reader.session, campaign_id, deliverable_id, by=reader.by, at=reader.at)
    return reader.done(step_address(campaign_id, "deliverables"), _("The deliverable has been removed from the brief."))
