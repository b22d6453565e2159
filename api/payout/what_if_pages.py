"""What would move if points or an edge were otherwise: asked in a form, shown person by person, and not stored."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field, model_validator

from api.forms import Chosen
from api.payout.proposal_pages import headed
from api.reader import Reader, SignedIn
from campaigns.core.campaign import Campaign
from campaigns.open_call.queries import own_titles
from campaigns.payout.models import Proposal
from campaigns.payout.proposals.changes import OtherEdge, what_if
from campaigns.payout.proposals.explanations import divided, shown_titles
from campaigns.payout.proposals.queries import find_proposal
from campaigns.payout.split import Kind

pages = APIRouter()
OWN = 100


class Otherwise(BaseModel, extra="allow"):
    """Points by contribution, in fields named `points.` and the contribution's id; and an edge, where both its contributions are chosen."""

    newer: Chosen = None
    older: Chosen = None
    kind: Kind = "contains"
    weight: int = Field(1, ge=0, le=1_000_000)
    points: dict[UUID, Annotated[int, Field(ge=1, le=1_000_000)]] = {}

    @model_validator(mode="before")
    @classmethod
    def gathered(cls, typed: dict[str, Any]) -> dict[str, Any]:
        points = {name.removeprefix("points."): value for name, value in typed.items() if name.startswith("points.") and value}
        return {name: value for name, value in typed.items() if not name.startswith("points")} | {"points": points}

    @property
    def edges(self) -> list[OtherEdge]:
        return [OtherEdge(self.newer, self.older, self.kind, self.weight)] if self.newer and self.older else []

    @property
    def as_query(self) -> str:
        points = {f"points.{contribution}": str(points) for contribution, points in self.points.items()}
        edge = {"newer": self.newer, "older": self.older, "kind": self.kind, "weight": self.weight} if self.edges else {}
        return urlencode(points | edge)


@pages.get("/proposals/{proposal_id}/what-if", response_class=HTMLResponse)
def show_what_if(proposal_id: UUID, asked: Annotated[Otherwise, Query()], reader: SignedIn) -> HTMLResponse:
    """The form, and what would move."""
    proposal, campaign, deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    is_asked = bool(asked.points or asked.edges)
    return reader.page(
        "payout/what_if.html",
        asked=asked,
        is_asked=is_asked,
        given={str(contribution): points for contribution, points in asked.points.items()},
        changes=what_if(reader.session, proposal, asked.points, asked.edges, by=reader.by) if is_asked else [],
        components=divided(proposal).inputs.composition.components,
        titles=_titles(proposal, campaign, reader),
        **headed(proposal, campaign, deliverable, reader),
    )


@pages.post("/proposals/{proposal_id}/what-if")
def ask_what_if(proposal_id: UUID, asked: Annotated[Otherwise, Form()], reader: SignedIn) -> RedirectResponse:
    """Ask; the answer has an address of its own, which can be shown to others."""
    proposal, _campaign, _deliverable = find_proposal(reader.session, proposal_id, by=reader.by)
    what_if(reader.session, proposal, asked.points, asked.edges, by=reader.by)
    return reader.done(f"/proposals/{proposal_id}/what-if?{asked.as_query}#moves")


def _titles(proposal: Proposal, campaign: Campaign, reader: Reader) -> dict[str, str]:
    """The contributions that an edge may be between: those of the lineage, and the reader's own."""
    known = shown_titles(reader.session, divided(proposal).inputs.lineage.contributions)
    mine = own_titles(reader.session, campaign.id, by=reader.by, limit=OWN)
    return {str(contribution): title for contribution, title in sorted({**known, **mine}.items(), key=lambda named: named[1].casefold())}
