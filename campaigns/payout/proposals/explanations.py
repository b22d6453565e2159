"""A line, opened: the paths that brought the credit, and who stands behind each edge of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import any_, select, text
from sqlalchemy.orm import Session

from campaigns.core.campaign import Deliverable
from campaigns.core.db import all_of
from campaigns.core.remembered import Remembered
from campaigns.core.words import _, current_locale
from campaigns.open_call.models import Contribution, WorkState
from campaigns.payout.models import Proposal
from campaigns.payout.queries import names_of
from campaigns.payout.split import (
    Explanation,
    Lineage,
    LineageContribution,
    LineageSource,
    Split,
    Stream,
    WorkCredit,
    explain,
    first_line,
    from_canonical,
    split,
    streams,
)

Pair = tuple[str, str]
EDGES_AMONG = text("""
    select edge from proposal p cross join lateral jsonb_array_elements(p.edges) edge
    where p.id = :proposal
    and (edge ->> 'work', edge ->> 'source') in (select * from unnest(cast(:works as text[]), cast(:sources as text[])))
""")


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of a lineage: who recorded it and who confirmed it, as whom and when; `doubts` says what the rule does not undo."""

    work: UUID
    source: UUID
    kind: str
    weight: int
    recorded_by: str
    recorded_as: str
    recorded_at: str
    confirmed_by: str | None
    confirmed_as: str | None
    confirmed_at: str | None
    doubts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a person gets what they get: one sentence, the arithmetic, the titles of its works and the edges of its paths."""

    sentence: str
    explanation: Explanation
    titles: Mapping[UUID, str]
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Rest:
    """Works of a line that are not shown one by one: how many, and their credit together."""

    works: int
    credit: int


@dataclass(frozen=True, slots=True)
class ExplanationPart:
    """Some of the works of a line, with at most so many of their paths; what is `larger` and `smaller` is summed up.

    `opened` says whose line it is and has the titles and edges of what is shown.
    """

    opened: Opened
    works: Sequence[WorkCredit]
    larger: Rest
    smaller: Rest


# A proposal's inputs are known by their hash; they are read from its row only where what comes of them is not known yet.
_splits = Remembered[Split](16)
_streams = Remembered[Sequence[Stream]](16)
_doubts = Remembered[Mapping[Pair, Sequence[str]]](16)
_explanations = Remembered[Explanation](64)
_pairs = Remembered[Sequence[Pair]](16)


def divided(proposal: Proposal) -> Split:
    """The split that the proposal's lines are: its inputs never change, so it is computed once for many readers."""
    return _splits.get(proposal.inputs_hash, lambda: split(from_canonical(proposal.inputs)))


def streams_of(proposal: Proposal, most: int) -> Sequence[Stream]:
    """What came through each of the proposal's largest components, up to `most`, and through the rest together."""
    return _streams.get((proposal.inputs_hash, most), lambda: streams(divided(proposal), most))


def doubts_of(proposal: Proposal) -> Mapping[Pair, Sequence[str]]:
    """What people must look at of each edge, in the reader's language; only the edges of which there is something to say."""
    return _doubts.get((proposal.inputs_hash, current_locale()), lambda: doubtful(divided(proposal).inputs.lineage))


def explained(proposal: Proposal, person_id: UUID) -> Explanation:
    """Why a person, of staff too or someone left out, gets what they get: computed from the frozen inputs, once for many readers."""
    return _explanations.get((proposal.inputs_hash, person_id), lambda: explain(divided(proposal), str(person_id)))


def open_line(session: Session, proposal: Proposal, person_id: UUID) -> Opened:
    """The explanation of a person's line, whole."""
    explanation = explained(proposal, person_id)
    return _opened(session, proposal, explanation, explanation.works)


def open_part(session: Session, proposal: Proposal, person_id: UUID, *, skip: int = 0, works: int, paths: int) -> ExplanationPart:
    """The explanation of a person's line with up to `works` of its works from the largest but `skip` on, each with up to `paths`."""
    explanation = explained(proposal, person_id)
    shown = [work.with_largest(paths) for work in explanation.works[skip : skip + works]]
    larger, smaller = _rest(explanation.works[:skip]), _rest(explanation.works[skip + works :])
    return ExplanationPart(_opened(session, proposal, explanation, shown), shown, larger, smaller)


def _rest(works: Sequence[WorkCredit]) -> Rest:
    return Rest(len(works), sum(work.credit for work in works))


def _opened(session: Session, proposal: Proposal, explanation: Explanation, works: Sequence[WorkCredit]) -> Opened:
    """The explanation with the titles and edges of these works."""
    titles, piece = shown_titles(session, _works_in(works) | _direct(explanation)), piece_of(session, proposal)
    sentence = first_line(explanation, proposal.currency, titles={str(work): title for work, title in titles.items()}, piece=piece)
    steps = {(step.work, step.source) for work in works for path in work.paths for step in path.steps}
    return Opened(sentence, explanation, titles, edges_among(session, proposal, steps))


def pairs_of(proposal: Proposal) -> Sequence[Pair]:
    """The newer and the older work of every edge of the proposal's lineage; first those that the rule does not undo."""
    return _pairs.get((proposal.inputs_hash, current_locale()), lambda: _pairs_in(proposal))


def _pairs_in(proposal: Proposal) -> Sequence[Pair]:
    doubts = doubts_of(proposal)
    pairs = ((work.id, source.work) for work in divided(proposal).inputs.lineage.works.values() for source in work.sources)
    return sorted(pairs, key=lambda pair: (pair not in doubts, pair))


def edges_among(session: Session, proposal: Proposal, pairs: Collection[Pair]) -> Sequence[Edge]:
    """The edges between these pairs of a newer and an older work; of a lineage of thousands only those leave the database."""
    if not pairs:
        return []
    works, sources = zip(*pairs, strict=True)
    frozen = session.scalars(EDGES_AMONG, {"proposal": proposal.id, "works": list(works), "sources": list(sources)}).all()
    return _edges(session, frozen, doubts_of(proposal))


def doubtful(lineage: Lineage) -> dict[Pair, list[str]]:
    """Edges around a wrapper of someone else put between two works of one maker, and those where a chain of own works changes the kind."""
    doubts: dict[Pair, list[str]] = {}
    for work in lineage.works.values():
        for source in work.sources:
            between = lineage.works[source.work]
            for further in between.sources:
                if doubt := _doubt(lineage, work, source, further):
                    for pair in ((work.id, between.id), (between.id, further.work)):
                        doubts.setdefault(pair, []).append(doubt)
    return {pair: list(dict.fromkeys(said)) for pair, said in doubts.items()}


def _doubt(lineage: Lineage, work: LineageContribution, source: LineageSource, further: LineageSource) -> str | None:
    between, last = lineage.works[source.work], lineage.works[further.work]
    if between.wrapper and not lineage.is_own(work, source) and last.makers.keys() == work.makers.keys():
        return _("Someone else's wrapper is between two works by the same people.")
    if lineage.is_own(work, source) and further.kind != source.kind:
        return _("The link type changes within a chain of works by the same people.")
    return None


def shown_titles(session: Session, works: Iterable[str]) -> dict[UUID, str]:
    """The titles of these works; one that was taken down goes by its id alone."""
    among = Contribution.id == any_(all_of([UUID(work) for work in works]))
    query = select(Contribution.id, Contribution.title).where(among, Contribution.state != WorkState.WITHDRAWN)
    return dict(session.execute(query).all())


def piece_of(session: Session, proposal: Proposal) -> str:
    """What the deliverable is called in a sentence."""
    kinds = {"film": _("the film"), "picture": _("the picture"), "sound": _("the recording"), "text": _("the text")}
    return kinds.get(session.get_one(Deliverable, proposal.deliverable_id).kind, _("the deliverable"))


def _works_in(works: Sequence[WorkCredit]) -> set[str]:
    paths = [path for credit in works for path in credit.paths]
    through = {step.source for path in paths for step in path.steps}
    return through | {path.component for path in paths} | {credit.work for credit in works}


def _direct(explanation: Explanation) -> set[str]:
    """The work that the line's sentence may name: the first that is itself in the piece."""
    return set([credit.work for credit in explanation.works if credit.direct][:1])


def _edges(session: Session, frozen: Sequence[Mapping[str, Any]], doubts: Mapping[Pair, Sequence[str]]) -> list[Edge]:
    names = names_of(session, {UUID(edge[by]) for edge in frozen for by in ("recorded_by", "confirmed_by") if edge[by]})
    edges = [_edge(edge, names, doubts.get((edge["work"], edge["source"]), [])) for edge in frozen]
    return sorted(edges, key=lambda edge: (not edge.doubts, edge.work, edge.source))


def _edge(frozen: Mapping[str, Any], names: Mapping[UUID, str], doubts: Sequence[str]) -> Edge:
    confirmed_by = frozen["confirmed_by"]
    return Edge(
        UUID(frozen["work"]), UUID(frozen["source"]), frozen["kind"], frozen["weight"],
        names[UUID(frozen["recorded_by"])], frozen["recorded_as"], frozen["recorded_at"],
        names[UUID(confirmed_by)] if confirmed_by else None, frozen["confirmed_as"], frozen["confirmed_at"], doubts,
    )  # fmt: skip
