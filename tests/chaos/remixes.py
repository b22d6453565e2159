"""What people do with contributions over HTTP: they build on each other's, confirm it, and the manager chooses and gives points."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from campaigns.client_delivery.makers.queries import unanswered_of
from campaigns.client_delivery.queries import components_of, latest_version
from campaigns.collaboration.models import Source, SourceState
from campaigns.core.campaign import Deliverable
from campaigns.curation.queries import standings
from campaigns.open_call.models import TAKES_PART, WAITING, Contribution, ContributionState
from campaigns.payout.assessments.queries import present_assessment
from tests import everyone
from tests.chaos.acts import confirm_makers, say
from tests.chaos.lineages import Planned
from tests.chaos.word import Word
from workers.transactions import unit_of_work

if TYPE_CHECKING:
    from tests.chaos.assignment import Assignment

NO_MIX = 2  # so many contributions are chosen where the plot says nothing


def build(assignment: "Assignment") -> bool:
    """Whoever builds on others' contributions sends theirs in once those take part; whether all that is to come is there and confirmed."""
    ids, there = assignment.contribution_ids, _states(assignment)
    for planned in assignment.mix.remixes:
        if all(there.get(ids.get(title)) is ContributionState.SCREENED_IN for title in planned.cites):
            _send(assignment, planned, ids)
    confirm_makers(assignment)
    _confirm_sources(assignment)
    words, states = assignment.spoken["remix"], set(_states(assignment).values())
    if states - {*WAITING, ContributionState.SCREENED_IN} or any(word.is_spent and not word.is_answered for word in words.values()):
        return True  # what was to be built on it comes never
    return len(words) == len(assignment.mix.remixes) and not states & {*WAITING}


def _send(assignment: "Assignment", planned: Planned, ids: dict[str, UUID]) -> None:
    cited = [{"source": str(ids[title]), "kind": kind} for title, kind in planned.cites.items()]
    body = {**planned.body(assignment.artists), "sources": cited}
    word = Word(assignment.artists[planned.by], f"/campaigns/{assignment.id}/remixes", body)
    if planned.title not in assignment.spoken["remix"]:
        assignment.contributions.append(word)
    say(assignment, "remix", planned.title, word)


def _states(assignment: "Assignment") -> dict[UUID | None, ContributionState]:
    """Where each contribution of the campaign stands."""
    query = select(Contribution.id, Contribution.state).where(Contribution.campaign_id == assignment.id)
    with unit_of_work() as session:
        return dict(session.execute(query).all())


def _confirm_sources(assignment: "Assignment") -> None:
    """Whoever's work is said to have led to another one that takes part confirms it."""
    newer, older = Contribution, aliased(Contribution)
    query = select(Source.contribution_id, Source.source_id, older.uploaded_by).join(newer, newer.id == Source.contribution_id)
    query = query.join(older, older.id == Source.source_id).where(newer.campaign_id == assignment.id, TAKES_PART)
    with unit_of_work() as session:
        found = session.execute(query.where(Source.state == SourceState.OPEN)).all()
    whose = {artist.person: artist for artist in assignment.artists}
    for contribution, source, maker in found:
        word = Word(whose[maker], f"/sources/{contribution}/{source}/confirm", {})
        say(assignment, "source's confirmation", (str(contribution), str(source)), word)


def choose(assignment: "Assignment", deliverable: Deliverable) -> None:
    """The manager publishes what the plot chooses, once all of it has been reviewed."""
    with unit_of_work() as session:
        standing = standings(session, [deliverable])[deliverable.id]
        usable = everyone.usable(session, assignment.all_)
    if not standing.rounds or standing.outstanding:
        return
    ids = assignment.contribution_ids
    chosen = [ids[title] for title in assignment.mix.points if ids.get(title) in usable] or usable[:NO_MIX]
    body = {
        "visit": deliverable.visit,
        "chosen": {str(contribution): "It moved us." for contribution in chosen},
        "common_reason": "Not this time.",
    }
    word = Word(assignment.all_.manager, f"/deliverables/{deliverable.id}/selection", body)
    say(assignment, "selection", (deliverable.id, deliverable.visit), word)


def confirm_version(assignment: "Assignment", deliverable: Deliverable) -> None:
    """Whoever is named as a maker of the latest version confirms it."""
    with unit_of_work() as session:
        version = latest_version(session, deliverable.id)
        assert version is not None
        asked = unanswered_of(session, version.id)
    for editor in [each for each in assignment.editors if each.person in asked]:
        say(assignment, "version maker's confirmation", (str(version.id),), Word(editor, f"/versions/{version.id}/confirmation", {}))


def assess(assignment: "Assignment", deliverable: Deliverable) -> None:
    """The manager gives the contributions in the approved version their points, which differ."""
    with unit_of_work() as session:
        assessment = present_assessment(session, deliverable)
        assert assessment is not None
        assert assessment.version_id is not None
        components = components_of(session, assessment.version_id)
    titles = {contribution: title for title, contribution in assignment.contribution_ids.items()}
    contributions = [
        {
            "contribution": str(contribution),
            "points": assignment.mix.points.get(titles.get(contribution, ""), 1),
            "reason": "It carries the story.",
        }
        for contribution in components
    ]
    word = Word(
        assignment.all_.manager,
        f"/deliverables/{deliverable.id}/assessment",
        {"visit": deliverable.visit, "contributions": contributions},
        method="PUT",
    )
    say(assignment, "assessment", (deliverable.id, deliverable.visit), word)
