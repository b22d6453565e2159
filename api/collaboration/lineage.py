"""A contribution's lineage over HTTP: what it is built on and what is built on it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import By, FromRow, Tx
from api.open_call.contributions import CreditShown
from campaigns.collaboration.lineage import families
from campaigns.collaboration.lineage.families import Family, Relative
from campaigns.collaboration.lineage.queries import Direction
from campaigns.collaboration.models import SourceKind
from campaigns.open_call.media.formats import MediaKind

router = APIRouter(tags=["collaboration"])


class LineageEdgeShown(FromRow):
    contribution_id: UUID
    source_id: UUID
    kind: SourceKind
    weight: int


class RelativeShown(BaseModel):
    """A contribution in the lineage, `generation` steps away; of a withdrawn contribution, only the position is shown."""

    id: UUID
    generation: int
    title: str | None
    kind: MediaKind | None
    credits: list[CreditShown]

    @classmethod
    def of(cls, relative: Relative) -> "RelativeShown":
        contribution = relative.contribution
        return cls(
            id=relative.id, generation=relative.generation, title=contribution.title if contribution else None,
            kind=contribution.kind if contribution else None,
            credits=[CreditShown.model_validate(credit) for credit in relative.credits],
        )  # fmt: skip


class LineageShown(BaseModel):
    """One side of a contribution's lineage: the contributions, with itself at generation 0, and the confirmed links between them."""

    contributions: list[RelativeShown]
    edges: list[LineageEdgeShown]

    @classmethod
    def of(cls, found: Family) -> "LineageShown":
        return cls(
            contributions=[RelativeShown.of(r) for r in found.relatives], edges=[LineageEdgeShown.model_validate(s) for s in found.sources]
        )


@router.get("/contributions/{contribution_id}/lineage")
def show_lineage(contribution_id: UUID, session: Tx, by: By, direction: Annotated[Direction, Query()] = Direction.UP) -> LineageShown:
    """Show everything that the contribution is based on (`up`) or that is based on it (`down`), across all generations."""
    return LineageShown.of(families.family(session, contribution_id, direction, by=by))
