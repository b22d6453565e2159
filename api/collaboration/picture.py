"""A lineage as a picture: each contribution in its place, each line as what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.collaboration.layout import layout
from campaigns.collaboration.lineage.families import Relative
from campaigns.collaboration.lineage.neighborhoods import Neighbourhood
from campaigns.collaboration.models import SourceKind
from campaigns.open_call.queries import Shown


@dataclass(frozen=True, slots=True)
class Place:
    """A contribution and the upper left corner of its box; `thumbnail` is the address of what it looks like, where it looks like
    anything."""

    relative: Relative
    x: float
    y: float
    thumbnail: str | None


@dataclass(frozen=True, slots=True)
class EdgePath:
    """The way from an older contribution to a newer one, as an SVG path."""

    path: str
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class LineageDiagram:
    """A lineage, drawn from left to right, the older contributions first."""

    places: Sequence[Place]
    lines: Sequence[EdgePath]
    width: float
    height: float


def picture_of(around: Neighbourhood, renditions: Mapping[UUID, Sequence[Shown]]) -> LineageDiagram | None:
    """The picture of these contributions; None where there is but one, or where it could not be laid out and the list must do."""
    number: dict[UUID, int] = {relative.id: place for place, relative in enumerate(around.relatives)}
    edges = {(number[source.source_id], number[source.contribution_id]): source.kind for source in around.sources}
    laid = layout(len(number), tuple(edges)) if edges else None
    if laid is None:
        return None
    seen = {contribution_id: each.url for contribution_id, shown in renditions.items() for each in shown if each.role == "thumbnail"}
    places = [Place(relative, *corner, seen.get(relative.id)) for relative, corner in zip(around.relatives, laid.corners, strict=True)]
    return LineageDiagram(places, [EdgePath(laid.paths[edge], kind) for edge, kind in edges.items()], laid.width, laid.height)
