"""The assessment of a deliverable, and each contribution that it is about with its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Component
from campaigns.core.campaign import Campaign, Deliverable
from campaigns.core.people import Actor, Person
from campaigns.core.words import _
from campaigns.open_call.credits import name_told
from campaigns.open_call.models import Contribution, ContributionState, Maker
from campaigns.payout.errors import NoSuchProposal
from campaigns.payout.models import Assessment, Points
from campaigns.payout.queries import find_payout, titles_of


@dataclass(frozen=True, slots=True)
class Assessable:
    """A contribution in the approved version, by its makers, with its points and their reason once it has them; it may be taken down
    since."""

    contribution: UUID
    title: str
    makers: Sequence[str]
    points: int | None
    reason: str | None
    is_taken_down: bool


def assessable(session: Session, deliverable_id: UUID, *, by: Actor) -> tuple[Campaign, Deliverable, Assessment, Sequence[Assessable]]:
    """The deliverable's newest assessment with every contribution that it is about; raises NoSuchProposal before its payout."""
    campaign, deliverable = find_payout(session, deliverable_id, by=by)
    newest = select(Assessment).where(Assessment.deliverable_id == deliverable.id).order_by(Assessment.visit.desc()).limit(1)
    assessment = session.scalars(newest).one_or_none()
    if assessment is None:
        raise NoSuchProposal(_("This deliverable has not reached the payout stage yet."))
    points = (Points.deliverable_id == deliverable.id, Points.visit == assessment.visit)
    of_kill_fee = select(Points.contribution_id).where(*points)
    contributions = (
        of_kill_fee if assessment.is_kill_fee else select(Component.contribution_id).where(Component.version_id == assessment.version_id)
    ).subquery()
    given = and_(Points.contribution_id == contributions.c.contribution_id, *points)
    makers = func.array_agg(name_told(Person, by, campaign.id).distinct())
    query = (
        select(
            contributions.c.contribution_id,
            Contribution.title,
            makers,
            Points.points,
            Points.reason,
            Contribution.state == ContributionState.WITHDRAWN,
        )
        .join(Contribution, Contribution.id == contributions.c.contribution_id)
        .join(Maker, Maker.contribution_id == contributions.c.contribution_id)
        .join(Person, Person.id == Maker.person_id)
        .outerjoin(Points, given)
        .group_by(contributions.c.contribution_id, Contribution.title, Points.points, Points.reason, Contribution.state)
        .order_by(contributions.c.contribution_id)
    )
    return campaign, deliverable, assessment, [Assessable(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Assessed:
    """A visit's assessment, with the points of each component by the contribution's title; without points while it is not assessed."""

    assessment: Assessment
    points: Sequence[tuple[Points, str]]


def present_assessment(session: Session, deliverable: Deliverable) -> Assessment | None:
    """The assessment of the deliverable's present visit; None where nothing was approved that could be shared out."""
    return session.get(Assessment, (deliverable.id, deliverable.visit), populate_existing=True)


def assessed(session: Session, deliverable_id: UUID, *, by: Actor) -> Assessed:
    """The newest assessment of the deliverable, with its points; raises NoSuchProposal before its payout."""
    _campaign, deliverable = find_payout(session, deliverable_id, by=by)
    query = select(Assessment).where(Assessment.deliverable_id == deliverable.id).order_by(Assessment.visit.desc()).limit(1)
    assessment = session.scalars(query).one_or_none()
    if assessment is None:
        raise NoSuchProposal(_("This deliverable has not reached the payout stage yet."))
    points = points_of(session, assessment)
    titles = titles_of(session, [row.contribution_id for row in points])
    return Assessed(assessment, [(row, titles[row.contribution_id]) for row in points])


def points_of(session: Session, assessment: Assessment) -> Sequence[Points]:
    """The assessment's points, by contribution."""
    query = select(Points).where(Points.deliverable_id == assessment.deliverable_id, Points.visit == assessment.visit)
    return session.scalars(query.order_by(Points.contribution_id)).all()
