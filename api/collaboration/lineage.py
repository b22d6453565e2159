"""A work's lineage over HTTP: what it is built on and what is built on it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import By, FromRow, Tx
from api.open_call.works import CreditShown
from campaigns.collaboration.lineage import families
from campaigns.collaboration.lineage.families import Family, Relative
from campaigns.collaboration.lineage.queries import Direction
from campaigns.collaboration.models import SourceKind
from campaigns.open_call.media.formats import MediaKind

router = APIRouter(tags=["collaboration"])


class LineageEdgeShown(FromRow):
    work_id: UUID
    source_id: UUID
    kind: SourceKind
    weight: int


class RelativeShown(BaseModel):
    """A work in the lineage, `generation` steps away; of a withdrawn work, only the position is shown."""

    id: UUID
    generation: int
    title: str | None
    kind: MediaKind | None
    credits: list[CreditShown]

    @classmethod
    def of(cls, relative: Relative) -> "RelativeShown":
        work = relative.work
        return cls(
            id=relative.id, generation=relative.generation, title=work.title if work else None, kind=work.kind if work else None,
            credits=[CreditShown.model_validate(credit) for credit in relative.credits],
        )  # fmt: skip


class LineageShown(BaseModel):
    """One side of a work's lineage: the works, with itself at generation 0, and the confirmed links between them."""

    works: list[RelativeShown]
    edges: list[LineageEdgeShown]

    @classmethod
    def of(cls, found: Family) -> "LineageShown":
        return cls(works=[RelativeShown.of(r) for r in found.relatives], edges=[LineageEdgeShown.model_validate(s) for s in found.sources])


@router.get("/works/{work_id}/lineage")
def show_lineage(work_id: UUID, session: Tx, by: By, direction: Annotated[Direction, Query()] = Direction.UP) -> LineageShown:
    """Show everything that the work is based on (`up`) or that is based on it (`down`), across all generations."""
    return LineageShown.of(families.family(session, work_id, direction, by=by))
