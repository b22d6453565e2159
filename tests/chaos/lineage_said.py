"""What people said of their contributions and the manager of them, as the rows have it: a lost edge changes the split and its check
alike."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component, Version, VersionMaker
from campaigns.collaboration.models import Source, SourceState
from campaigns.core.campaign import Deliverable
from campaigns.curation.models import SelectionOutcome
from campaigns.open_call.models import Contribution, Maker, NamedMaker
from campaigns.payout.models import Points
from tests.chaos.assignment import Assignment
from tests.chaos.counting import Harms, once
from tests.chaos.lineages import CONTAINS
from tests.chaos.word import Word

Things = Iterator[tuple[tuple[Any, ...], Word]]


def harms_of_the_lineage(session: Session, assignment: Assignment) -> Harms:
    """Each edge, maker, wrapper, chosen contribution, component and point that was said and answered is there once, and no other."""
    for what, (said, query) in looked_at(assignment).items():
        yield from once(what, dict(said), Counter(tuple(row) for row in session.execute(query)))


def looked_at(assignment: Assignment) -> dict[str, tuple[Things, Select[Any]]]:
    """What was said, each beside the rows that have to have it."""
    contributions = select(Contribution.id).where(Contribution.campaign_id == assignment.id)
    deliverables = select(Deliverable.id).where(Deliverable.campaign_id == assignment.id)
    edges = select(Source.contribution_id, Source.source_id).where(Source.contribution_id.in_(contributions))
    makers = select(Maker.contribution_id, Maker.person_id).where(Maker.contribution_id.in_(contributions))
    named = select(NamedMaker.contribution_id, NamedMaker.person_id).where(NamedMaker.contribution_id.in_(contributions))
    of_versions = select(Version.deliverable_id, Version.visit).where(Version.deliverable_id.in_(deliverables))
    with_makers, with_contributions = of_versions.join(VersionMaker), of_versions.join(Component)
    chosen = select(SelectionOutcome.deliverable_id, SelectionOutcome.visit, SelectionOutcome.contribution_id).where(
        SelectionOutcome.deliverable_id.in_(deliverables), SelectionOutcome.chosen
    )
    points = select(Points.deliverable_id, Points.visit, Points.contribution_id, Points.points).where(
        Points.deliverable_id.in_(deliverables)
    )
    return {
        "source": (sources(assignment), edges.add_columns(Source.kind, Source.weight)),
        "source that counts": (counting(assignment), edges.where(Source.state == SourceState.CONFIRMED)),
        "maker": (made(assignment), makers.add_columns(Maker.shares)),
        "maker who has confirmed it": (confirmed(assignment), named.where(NamedMaker.confirmed_at.is_not(None))),
        "wrapper": (wrappers(assignment), contributions.where(Contribution.is_wrapper)),
        "maker of a version": (version_makers(assignment), with_makers.add_columns(VersionMaker.person_id, VersionMaker.shares)),
        "component": (components(assignment), with_contributions.add_columns(Component.contribution_id)),
        "chosen contribution": (selected(assignment), chosen),
        "points": (assessed(assignment), points),
    }


def sent(assignment: Assignment) -> Iterator[tuple[UUID, Word]]:
    """Each contribution of which the API has told the id."""
    return ((UUID(str(word.answer["id"])), word) for word in assignment.contributions if word.is_answered)


def sources(assignment: Assignment) -> Things:
    for contribution, word in sent(assignment):
        yield from (((contribution, UUID(cited["source"]), cited["kind"], 1), word) for cited in word.body.get("sources", ()))


def counting(assignment: Assignment) -> Things:
    """What a contribution contains counts at once, what influenced it from its confirmation on."""
    for (contribution, source, kind, _weight), word in sources(assignment):
        confirmation = word if kind == CONTAINS else assignment.spoken["source's confirmation"].get((str(contribution), str(source)))
        if confirmation:
            yield (contribution, source), confirmation


def made(assignment: Assignment) -> Things:
    """By whom, with their shares; who names nobody has made it alone."""
    for contribution, word in sent(assignment):
        makers = word.body.get("makers") or {str(word.by.person): 1}
        yield from (((contribution, UUID(maker), shares), word) for maker, shares in makers.items())


def confirmed(assignment: Assignment) -> Things:
    return (((UUID(contribution), word.by.person), word) for (contribution,), word in assignment.spoken["maker's confirmation"].items())


def wrappers(assignment: Assignment) -> Things:
    return (((contribution,), word) for contribution, word in sent(assignment) if word.body.get("is_wrapper"))


def version_makers(assignment: Assignment) -> Things:
    for visit, word in assignment.spoken["version"].items():
        yield from (((*visit, UUID(maker), shares), word) for maker, shares in word.body["makers"].items())


def components(assignment: Assignment) -> Things:
    for visit, word in assignment.spoken["version"].items():
        yield from (((*visit, UUID(contribution)), word) for contribution in word.body["components"])


def selected(assignment: Assignment) -> Things:
    for visit, word in assignment.spoken["selection"].items():
        yield from (((*visit, UUID(contribution)), word) for contribution in word.body["chosen"])


def assessed(assignment: Assignment) -> Things:
    for visit, word in assignment.spoken["assessment"].items():
        yield from (((*visit, UUID(given["contribution"]), given["points"]), word) for given in word.body["contributions"])
