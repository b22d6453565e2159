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
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.payout.models import Proposal
from campaigns.payout.queries import names_of
from campaigns.payout.split import (
    ContributionCredit,
    Explanation,
    Lineage,
    LineageContribution,
    LineageSource,
    Split,
    Stream,
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
    and (edge ->> 'work', edge ->> 'source') in (select * from unnest(cast(:contributions as text[]), cast(:sources as text[])))
""")


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of a lineage: who recorded it and who confirmed it, as whom and when; `doubts` says what the rule does not undo."""

    contribution: UUID
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
    """Why a person gets what they get: one sentence, the arithmetic, the titles of its contributions and the edges of its paths."""

    sentence: str
    explanation: Explanation
    titles: Mapping[UUID, str]
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Rest:
    """Contributions of a line that are not shown one by one: how many, and their credit together."""

    contributions: int
    credit: int


@dataclass(frozen=True, slots=True)
class ExplanationPart:
    """Some of the contributions of a line, with at most so many of their paths; what is `larger` and `smaller` is summed up.

    `opened` says whose line it is and has the titles and edges of what is shown.
    """

    opened: Opened
    contributions: Sequence[ContributionCredit]
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
    return _opened(session, proposal, explanation, explanation.contributions)


def open_part(session: Session, proposal: Proposal, person_id: UUID, *, skip: int = 0, contributions: int, paths: int) -> ExplanationPart:
    """The explanation of a person's line with up to `contributions` of its contributions from the largest but `skip` on, each with up to
    `paths`."""
    explanation = explained(proposal, person_id)
    shown = [contribution.with_largest(paths) for contribution in explanation.contributions[skip : skip + contributions]]
    larger, smaller = _rest(explanation.contributions[:skip]), _rest(explanation.contributions[skip + contributions :])
    return ExplanationPart(_opened(session, proposal, explanation, shown), shown, larger, smaller)


def _rest(contributions: Sequence[ContributionCredit]) -> Rest:
    return Rest(len(contributions), sum(contribution.credit for contribution in contributions))


def _opened(session: Session, proposal: Proposal, explanation: Explanation, contributions: Sequence[ContributionCredit]) -> Opened:
    """The explanation with the titles and edges of these contributions."""
    titles, piece = shown_titles(session, _contributions_in(contributions) | _direct(explanation)), piece_of(session, proposal)
    sentence = first_line(
        explanation, proposal.currency, titles={str(contribution): title for contribution, title in titles.items()}, piece=piece
    )
    steps = {(step.contribution, step.source) for contribution in contributions for path in contribution.paths for step in path.steps}
    return Opened(sentence, explanation, titles, edges_among(session, proposal, steps))


def pairs_of(proposal: Proposal) -> Sequence[Pair]:
    """The newer and the older contribution of every edge of the proposal's lineage; first those that the rule does not undo."""
    return _pairs.get((proposal.inputs_hash, current_locale()), lambda: _pairs_in(proposal))


def _pairs_in(proposal: Proposal) -> Sequence[Pair]:
    doubts = doubts_of(proposal)
    pairs = (
        (contribution.id, source.contribution)
        for contribution in divided(proposal).inputs.lineage.contributions.values()
        for source in contribution.sources
    )
    return sorted(pairs, key=lambda pair: (pair not in doubts, pair))


def edges_among(session: Session, proposal: Proposal, pairs: Collection[Pair]) -> Sequence[Edge]:
    """The edges between these pairs of a newer and an older contribution; of a lineage of thousands only those leave the database."""
    if not pairs:
        return []
    contributions, sources = zip(*pairs, strict=True)
    frozen = session.scalars(EDGES_AMONG, {"proposal": proposal.id, "contributions": list(contributions), "sources": list(sources)}).all()
    return _edges(session, frozen, doubts_of(proposal))


def doubtful(lineage: Lineage) -> dict[Pair, list[str]]:
    """Edges around a wrapper of someone else put between two contributions of one maker, and those where a chain of own contributions
    changes the kind."""
    doubts: dict[Pair, list[str]] = {}
    for contribution in lineage.contributions.values():
        for source in contribution.sources:
            between = lineage.contributions[source.contribution]
            for further in between.sources:
                if doubt := _doubt(lineage, contribution, source, further):
                    for pair in ((contribution.id, between.id), (between.id, further.contribution)):
                        doubts.setdefault(pair, []).append(doubt)
    return {pair: list(dict.fromkeys(said)) for pair, said in doubts.items()}


def _doubt(lineage: Lineage, contribution: LineageContribution, source: LineageSource, further: LineageSource) -> str | None:
    between, last = lineage.contributions[source.contribution], lineage.contributions[further.contribution]
    if between.wrapper and not lineage.is_own(contribution, source) and last.makers.keys() == contribution.makers.keys():
        return _("Someone else's wrapper is between two contributions by the same people.")
    if lineage.is_own(contribution, source) and further.kind != source.kind:
        return _("The link type changes within a chain of contributions by the same people.")
    return None


def shown_titles(session: Session, contributions: Iterable[str]) -> dict[UUID, str]:
    """The titles of these contributions; one that was taken down goes by its id alone."""
    among = Contribution.id == any_(all_of([UUID(contribution) for contribution in contributions]))
    query = select(Contribution.id, Contribution.title).where(among, Contribution.state != ContributionState.WITHDRAWN)
    return dict(session.execute(query).all())


def piece_of(session: Session, proposal: Proposal) -> str:
    """What the deliverable is called in a sentence."""
    kinds = {"film": _("the film"), "picture": _("the picture"), "sound": _("the recording"), "text": _("the text")}
    return kinds.get(session.get_one(Deliverable, proposal.deliverable_id).kind, _("the deliverable"))


def _contributions_in(contributions: Sequence[ContributionCredit]) -> set[str]:
    paths = [path for credit in contributions for path in credit.paths]
    through = {step.source for path in paths for step in path.steps}
    return through | {path.component for path in paths} | {credit.contribution for credit in contributions}


def _direct(explanation: Explanation) -> set[str]:
    """The contribution that the line's sentence may name: the first that is itself in the piece."""
    return set([credit.contribution for credit in explanation.contributions if credit.direct][:1])


def _edges(session: Session, frozen: Sequence[Mapping[str, Any]], doubts: Mapping[Pair, Sequence[str]]) -> list[Edge]:
    names = names_of(session, {UUID(edge[by]) for edge in frozen for by in ("recorded_by", "confirmed_by") if edge[by]})
    edges = [_edge(edge, names, doubts.get((edge["work"], edge["source"]), [])) for edge in frozen]
    return sorted(edges, key=lambda edge: (not edge.doubts, edge.contribution, edge.source))


def _edge(frozen: Mapping[str, Any], names: Mapping[UUID, str], doubts: Sequence[str]) -> Edge:
    confirmed_by = frozen["confirmed_by"]
    return Edge(
        UUID(frozen["work"]), UUID(frozen["source"]), frozen["kind"], frozen["weight"],
        names[UUID(frozen["recorded_by"])], frozen["recorded_as"], frozen["recorded_at"],
        names[UUID(confirmed_by)] if confirmed_by else None, frozen["confirmed_as"], frozen["confirmed_at"], doubts,
    )  # fmt: skip
